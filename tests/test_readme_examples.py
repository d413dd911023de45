"""Every shell and Python example of the README runs against the simulator, in order, in one folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.crawling import write_config
from tests.simulator import Simulator, World

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SERVICES = ("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app")
MAKE = re.compile(r'make crawl URL=(".*?") ARGS="(.*?)"')


class Workspace:
    """A folder with a target file, in which `scrapy` crawls the simulator."""

    def __init__(self, folder: Path, sim: Simulator) -> None:
        self.folder = folder
        world = sim.world
        creator = world.tiktok.creator(1)
        self.links = {
            "https://www.tiktok.com/@user/video/7300000000000000001": world.tiktok.url(world.tiktok.video(1, 0)),
            "https://www.tiktok.com/@user": f"https://www.tiktok.com/@{creator.handle}",
            "BV1L9Uoa9EUx": world.video(1, 0).bvid,
            "100200300": str(world.creator(0).mid),
        }
        for service in SERVICES:
            login = f'cookie: "{world.login_cookie}"\n' if service == "bilibili_web" else ""
            write_config(folder, login, service_name=service)
        (folder / "targets.txt").write_text(f"# a comment\n{self.links['BV1L9Uoa9EUx']}\n", "utf-8")
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
        own = {"CONFIG_DIR": str(folder / "config"), "STATE_DIR": str(folder / "state"), "LOG_LEVEL": "WARNING"}
        project = {
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
            "SCRAPY_SETTINGS_MODULE": "scraper.settings",
        }
        self._env = {**os.environ, **sim.env, **own, **project, "PATH": path}

    def run(self, command: list[str]) -> str:
        """Run a command to its end and return its standard output; fail if it fails."""
        done = subprocess.run(command, cwd=self.folder, env=self._env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Simulator(World(creators=3, videos=40)) as sim:
        yield Workspace(tmp_path_factory.mktemp("readme"), sim)


def runnable(example: str, workspace: Workspace) -> str:
    """Return an example with links that the simulator has, and without `make`, which would install packages."""
    example = MAKE.sub(r"scrapy crawl hybrid -a url=\1 \2", example)
    for written, real in workspace.links.items():
        example = example.replace(written, real)
    return example


def is_possible(language: str, example: str) -> bool:
    """Say whether this machine has the optional library or tool that an example needs."""
    if language == "python":
        return all(find_spec(module) for module in re.findall(r"^(?:import|from) (\w+)", example, re.MULTILINE))
    return all(shutil.which(tool) for tool in ("jq", "sqlite3") if re.search(rf"^{tool} ", example, re.MULTILINE))


def test_the_examples_run_and_write_what_the_readme_promises(workspace: Workspace) -> None:
    for language, example in BLOCKS:
        if not is_possible(language, example):
            continue
        if language == "python":
            assert workspace.run([sys.executable, "-c", runnable(example, workspace)]).strip()
        else:
            workspace.run(["bash", "-euc", runnable(example, workspace)])
    feeds = {path.name: path.read_text("utf-8").splitlines() for path in workspace.folder.glob("*.jsonl")}
    assert set(feeds) == set(re.findall(r"-O (\w+\.jsonl)", README)) != set()
    assert {json.loads(line)["code"] for lines in feeds.values() for line in lines} == {200}


def test_the_example_of_a_failure_has_the_shape_of_one() -> None:
    failure = json.loads(re.findall(r"```json\n(.*?)```", README, re.DOTALL)[0].replace("{…}", "{}"))
    assert list(failure) == ["code", "router", "data"] and failure["data"]["error"]["name"] == "NOT_FOUND"
