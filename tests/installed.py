"""The wheel, as a user gets it: `make wheel` builds it, installs it into an empty environment, and crawls with it.

The crawl is the `scrapy` command of that environment, in a folder that is no project, against the simulator.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulator import Simulator, World

ROOT = Path(__file__).parents[1]
PACE = "pace: {delay_s: 0, concurrency: 4}\n"
_PATIENCE_S = 300


def build(folder: Path) -> Path:
    """Build the wheel of this checkout, and check that it holds the code, its data, and nothing of the user's."""
    packed = ("scraper", "spiders", "pipelines", "config")
    tracked = run("git", "-C", str(ROOT), "ls-files", *packed, "pyproject.toml", "README.md", "LICENSE").splitlines()
    for name in tracked:  # a copy, so that no earlier build leaves anything in this one
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / "source" / name)
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(folder / "source"))
    [wheel] = folder.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {name for name in tracked if name.startswith(packed)}
    if held != wanted:
        raise SystemExit(f"the wheel does not hold what is tracked: {sorted(held ^ wanted)}")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a new environment with the pinned versions, and return the folder of its commands."""
    run(sys.executable, "-m", "venv", str(folder))
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (str(binaries / "python"), "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "-q", "--no-compile", "-c", str(ROOT / "requirements.txt"), str(wheel))
    run(*pip, "check")
    return binaries


def crawl(binaries: Path, folder: Path) -> None:
    """Crawl a video of each platform from an empty folder, and check what was written where."""
    home, cwd = folder / "home", folder / "cwd"
    cwd.mkdir()
    world = World(seed=1, creators=2, videos=6)
    urls = [
        f"https://www.bilibili.com/video/{world.video(0, 0).bvid}",
        world.tiktok.url(world.tiktok.video(1, 0)),
        f"https://v.douyin.com/{world.douyin.special['dy_note']}/",
    ]
    with Simulator(world) as simulator:
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "SYSTEMROOT")}
        environment = {
            **kept,
            **simulator.env,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "conf"),
            "XDG_STATE_HOME": str(home / "state"),
            "SCRAPY_SETTINGS_MODULE": "scraper.settings",
        }
        for service in ("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app"):
            place = home / "conf" / "short-video-scraper" / service
            place.mkdir(parents=True)
            (place / "config.yaml").write_text(PACE, "utf-8")
        run(str(binaries / "scrapy"), "crawl", "hybrid", "-a", f"url={' '.join(urls)}", cwd=cwd, env=environment)
    [feed] = [path for path in cwd.rglob("*.jsonl") if path.is_file()]
    envelopes = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    if [envelope["code"] for envelope in envelopes] != [200] * len(urls):
        raise SystemExit(f"the installed package answered {envelopes}")
    if not feed.with_suffix(".run.json").is_file():
        raise SystemExit("the run's report is not beside its feed")
    if not (home / "state" / "short-video-scraper" / "ledger.db").is_file():
        raise SystemExit("the ledger is not in the user's state directory")


def run(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command and return its output; when it fails, end with that."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=_PATIENCE_S)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Build, install, crawl."""
    with TemporaryDirectory(prefix="installed-") as name:
        folder = Path(name)
        wheel = build(folder)
        crawl(install(wheel, folder / "venv"), folder)
        print(f"{wheel.name}: built, installed into an empty environment, and crawled from another folder")


if __name__ == "__main__":
    main()
