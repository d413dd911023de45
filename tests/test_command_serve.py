"""`scrapy serve`: its options, its token, how it starts and stops."""

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from scraper.commands import serve
from scraper.front.replies import REFUSALS
from tests.cases import ROOT
from tests.commands import Shell
from tests.crawling import write_config
from tests.long_lived import WORLD
from tests.simulator import Fault, Simulator

PIPELINE = '{"tests.test_command_serve.Threaded": 1}'
DOCS = (Path(__file__).parents[1] / "docs" / "http.md").read_text("utf-8")


class Threaded:
    """A user's pipeline that does its work in a thread of Twisted."""

    def process_item(self, item: object) -> Deferred[object]:
        for name in ("scrapy.core.engine", "uvicorn.error"):
            assert not logging.getLogger(name).isEnabledFor(logging.DEBUG), "calls make log records that are dropped"
        return deferToThread(lambda: item)


@contextmanager
def serving(
    folder: Path, *words: str, faults: Iterable[Fault] = ()
) -> Iterator[tuple[subprocess.Popen[bytes], str, str]]:
    """Yield a server before a simulator, its address, and what it wrote until it took calls."""
    write_config(folder)
    with Simulator(WORLD, faults, remember=100) as sim:
        folders = {f"{name.upper()}_DIR": str(folder / name) for name in ("config", "output", "state")}
        env = {**os.environ, **sim.env, **folders, "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "scrapy", "serve", "--port", "0", *words]
        log = folder / "log"
        with log.open("w") as written:
            server = subprocess.Popen(command, env=env, cwd=ROOT, stderr=written)
        try:
            while not (address := re.search(r"Taking calls at http://\S+?:(\d+)", log.read_text("utf-8"))):
                assert server.poll() is None, log.read_text("utf-8")
                time.sleep(0.05)
            yield server, f"http://127.0.0.1:{address[1]}", log.read_text("utf-8")
        finally:
            server.kill()
            server.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.nightly)])
def test_a_server_answers_until_a_signal_and_ends_with_0(tmp_path: Path, number: int) -> None:
    with (
        serving(tmp_path, "-s", f"ITEM_PIPELINES={PIPELINE}") as (server, url, _),
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        assert client.get("/healthz").text == "ok\n"
        got = client.get("/api/bilibili/web/fetch_one_video", params={"bv_id": WORLD.video(1, 3).bvid})
        assert (got.status_code, got.json()["data"]["video_id"]) == (200, WORLD.video(1, 3).bvid)
        assert client.get("/docs").status_code == 200
        assert 'status="200"} 1' in client.get("/metrics").text
        server.send_signal(number)
        assert server.wait(60) == 0, (tmp_path / "log").read_text("utf-8")


def test_a_token_is_made_and_shown_once_on_another_address(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0") as (_, url, log), httpx.Client(base_url=url, trust_env=False) as client:
        assert len(log.splitlines()) < 10, "it is not lost among other lines"
        (token,) = re.findall(r"Authorization: Bearer (\S+)", log)
        assert client.get("/readyz").status_code == 401
        assert client.get("/readyz", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert client.get("/healthz").status_code == 200


def test_by_default_it_listens_on_this_machine_only_and_takes_the_names_that_are_allowed(tmp_path: Path) -> None:
    names = ("--allowed-host", "one.example", "--allowed-host", "Two.example.")
    with (
        serving(tmp_path, *names) as (server, url, log),
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        listening = {
            bound.laddr.ip for bound in psutil.Process(server.pid).net_connections() if bound.status == "LISTEN"
        }
        assert listening == {"127.0.0.1"} and "Taking calls at http://127.0.0.1:" in log
        assert "Bearer" not in log and "--no-token" not in log
        hosts = ("localhost", "one.example", "two.example:80", "three.example")
        assert [client.get("/readyz", headers={"host": host}).status_code for host in hosts] == [200, 200, 200, 403]


def test_without_a_token_on_another_address_it_warns(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0", "--no-token") as (_, url, log):
        assert (
            log.count("--no-token: everybody who reaches 0.0.0.0:0 can use your cookies") == 1 and "Bearer" not in log
        )
        assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 200


def test_a_token_of_the_environment_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVE_TOKEN", "5ecret-token-of-the-environment")
    with serving(tmp_path, "--host", "0.0.0.0") as (_, url, _):
        right = {"Authorization": "Bearer 5ecret-token-of-the-environment"}
        answers = [httpx.get(f"{url}/readyz", headers=sent, trust_env=False).status_code for sent in ({}, right)]
        assert answers == [401, 200] and "5ecret" not in (tmp_path / "log").read_text("utf-8")


@pytest.mark.parametrize(
    "words, reason",
    [
        (["more"], "argument more"),
        (["--prot", "9000"], "argument --prot"),
        (["--port", "70000"], "must be a number up to 65535"),
        (["--host", "nowhere.invalid"], "give another --port or --host"),
        (["--token", "short"], "at least 16"),
        (["--token", "a token with spaces in it"], "no spaces"),
        (["--no-token", "--token", "a-token-of-16-or-more"], "exclude each other"),
        (["-s", "SERVE_MAX_CALLS=0"], "SERVE_MAX_CALLS=0"),
        (["-s", "DIALECT=v9"], "v9"),
        (["--token", "a-token-of-16-or-more,short"], "at least 16"),
    ],
)
def test_wrong_usage_ends_at_once(tmp_path: Path, words: list[str], reason: str) -> None:
    done = Shell(tmp_path)("serve", *(["--port", "0"] if "--port" not in words else []), *words)
    assert done.code == 2 and reason in done.out + done.err, done.err


def test_packages_that_are_missing_come_by_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "find_spec", lambda name: None)
    done = Shell(tmp_path)("serve", "--port", "0")
    assert done.code == 2 and 'pip install -e ".[serve]"' in done.err
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["serve"]
    assert {re.split("[~=<>]", package)[0] for package in extra} == {"fastapi", "uvicorn"}


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = Shell(tmp_path)("serve", "--port", port)
    assert done.code == 2 and f"127.0.0.1:{port} cannot be bound" in done.err


def test_every_refusal_is_documented() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `([A-Z_]+)` \|", DOCS.partition("with these names")[2], re.MULTILINE)
    assert {name: int(code) for code, name in rows} == REFUSALS
