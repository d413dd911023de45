"""Whole crawls, as a user runs them: the command, in this process or in one of its own, against a simulator of its own.

Whatever a crawl is about, it is held to what is true of each: whole lines of three keys, no traceback, no host but the
platform's, no request without TLS, no cookie where it does not belong.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests import in_process
from tests.in_process import PATIENCE_S, ROOT, Result
from tests.simulator import Fault, Seen, Simulator, Video, Violation, World
from tests.simulator.notary import Notary

ROUTER = "/api/bilibili/web"
VIDEO, LIST, PROFILE = f"{ROUTER}/fetch_one_video", f"{ROUTER}/fetch_user_post_videos", f"{ROUTER}/fetch_user_profile"
COMMENTS, REPLIES = f"{ROUTER}/fetch_video_comments", f"{ROUTER}/fetch_comment_reply"
FAST = {"delay_s": 0, "concurrency": 8}
SERVICES = ("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app")
OURS = (
    "CONFIG_DIR",
    "OUTPUT_DIR",
    "STATE_DIR",
    "DATABASE_URL",
    "RATE_LIMIT_WAIT",
    "RETRY_TIMES",
    "ROUTE_REST",
    "CHALLENGE_STOP",
    "SUMMARY",
    "KEEP_RUNS",
    "RUN_WEBHOOK",
)
STUBBORN = {"RETRY_TIMES": 12}
"""Where faults are dealt out by number among lists that run side by side, and none may be so unlucky as to give up."""

Envelope = dict[str, Any]
Meanwhile = Callable[..., object]


@dataclass(frozen=True, kw_only=True)
class Crawl:
    """What came of one crawl.

    :param violations: where a cookie or a login value was seen that it does not belong to
    :param files: what it wrote below its folder, by relative path
    :param notaries: who saw the signatures of its pages, by platform
    """

    code: int
    envelopes: list[Envelope]
    out: str
    err: str
    requests: list[Seen]
    refused: list[str]
    violations: list[Violation]
    files: dict[str, bytes] = field(default_factory=dict)
    notaries: dict[str, Notary] = field(default_factory=dict)

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records of the successes."""
        return [envelope["data"] for envelope in self.envelopes if envelope["code"] == 200]

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The data of the failures."""
        return [envelope["data"] for envelope in self.envelopes if envelope["code"] != 200]

    @property
    def codes(self) -> list[int]:
        """The codes of all envelopes."""
        return [envelope["code"] for envelope in self.envelopes]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What its reports tell of its lists, in the order in which they ended."""
        return [row for report in self.reports for row in report["lists"]["rows"]]

    @property
    def reports(self) -> list[dict[str, Any]]:
        """The reports of its runs, in their order."""
        return [json.loads(body) for file, body in sorted(self.files.items()) if file.endswith(".run.json")]

    def of(self, router: str) -> list[dict[str, Any]]:
        """The records of one router."""
        return [
            envelope["data"] for envelope in self.envelopes if envelope["code"] == 200 and envelope["router"] == router
        ]

    def only(self) -> Envelope:
        """The one envelope that there is."""
        assert len(self.envelopes) == 1, (self.codes, self.err)
        return self.envelopes[0]

    def asked(self, path: str) -> list[Seen]:
        """The requests for one path, in order."""
        return [request for request in self.requests if request.path == path]


@dataclass(kw_only=True)
class Running:
    """A crawl under way, for those who interfere with it.

    :param process: where it has one of its own
    """

    sim: Simulator
    folder: Path
    has_ended: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is seen to have happened."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert not self.has_ended(), "the crawl ended before"
            assert time.monotonic() < end
            time.sleep(0.01)

    def kill(self) -> None:
        """What ends a process without a word."""
        assert self.process, "a kill takes a process of its own"
        self.process.kill()

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        if self.process:
            self.process.send_signal(signal.SIGINT)
        else:
            in_process.send(signal.SIGINT)


def write_config(
    folder: Path, text: str = "", pace: Mapping[str, object] = FAST, service_name: str = "bilibili_web"
) -> None:
    """Write the configuration of a service, in the folder that CONFIG_DIR names."""
    service = folder / "config" / service_name
    service.mkdir(parents=True, exist_ok=True)
    temporary = service / "config.yaml.new"
    temporary.write_text(f"pace: {json.dumps(pace)}\n{text}", "utf-8")
    temporary.replace(service / "config.yaml")


def crawl(
    *words: str,
    world: World | None = None,
    faults: Iterable[Fault] = (),
    config: str = "",
    configs: Mapping[str, str] | None = None,
    pace: Mapping[str, object] = FAST,
    env: Mapping[str, str | None] | None = None,
    settings: Mapping[str, object] | None = None,
    stdin: str = "",
    feed: str | None = "out.jsonl",
    command: Sequence[str] = ("crawl", "bilibili"),
    meanwhile: Callable[[Running], None] | None = None,
    folder: Path | None = None,
    gzip: bool = False,
    process: bool = False,
    may_raise: bool = False,
    may_leave: bool = False,
) -> Crawl:
    """Run a crawl to its end.

    :param words: arguments `name=value`, each given by `-a`; what starts with a dash goes as it is
    :param config: lines of config.yaml next to the pace, for Bilibili; `{simulator}` in it becomes its host and port
    :param configs: the same for other services, by name; they have the pace without it as well
    :param env: variables to set, or to remove where the value is None
    :param feed: the file below the folder that `-O` names, or None for none; other commands only have it read
    :param meanwhile: what to do while it runs
    :param gzip: whether answers come compressed
    :param process: whether it has a process of its own, as a kill and a browser need it
    :param may_raise: whether a traceback is expected in the log
    :param may_leave: whether it may end with something open, if it has no process of its own
    """
    with ExitStack() as stack:
        if not process:
            stack.enter_context(in_process.nothing_left_open())
        folder = folder or Path(stack.enter_context(TemporaryDirectory(prefix="crawl-")))
        folder.mkdir(exist_ok=True)
        sim = stack.enter_context(Simulator(world or World(seed=1, creators=3, videos=40), faults, gzip=gzip))
        configs = {"bilibili_web": config, **(configs or {})}
        for name in SERVICES:
            if not (folder / "config" / name).exists():
                configs.setdefault(name, "")
        for name, lines in configs.items():
            write_config(folder, lines.replace("{simulator}", f"127.0.0.1:{sim.port}"), pace, name)
        run = _in_new_process if process else partial(_in_this_process, may_leave)
        result = run(
            [*command, *_options(words, settings or {}, feed if command[0] == "crawl" else None, folder)],
            _environment(sim, folder / "config", folder, env or {}),
            stdin.encode(),
            lambda **running: meanwhile and meanwhile(Running(sim=sim, folder=folder, **running)),
        )
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        killed = result.code == -signal.SIGKILL
        done = Crawl(
            code=result.code,
            envelopes=read_feed(files.get(feed, b""), killed) if feed and feed.endswith(".jsonl") else [],
            out=result.out,
            err=result.err,
            requests=sim.requests,
            refused=list(sim.refused),
            violations=list(sim.violations),
            files=files,
            notaries=sim.notaries,
        )
    assert may_raise or "Traceback" not in done.err, done.err
    assert not done.refused
    assert not done.violations
    assert all(request.secure for request in done.requests)
    return done


def _in_this_process(
    may_leave: bool, words: Sequence[str], env: Mapping[str, str], stdin: bytes, meanwhile: Meanwhile
) -> Result:
    return in_process.run(
        words,
        env=env,
        stdin=stdin,
        meanwhile=lambda ended: meanwhile(has_ended=ended.is_set),
        may_leave=may_leave,
    )


def _in_new_process(words: Sequence[str], env: Mapping[str, str], stdin: bytes, meanwhile: Meanwhile) -> Result:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *words], cwd=ROOT, env=env, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        meanwhile(has_ended=lambda: process.poll() is not None, process=process)
        out, err = process.communicate(stdin, timeout=PATIENCE_S)
    finally:
        process.kill()
        process.wait()
    return Result(process.returncode, out.decode(), err.decode())


def read_feed(lines: bytes, killed: bool = False) -> list[Envelope]:
    """Read a feed, each line of which must be whole and have three keys.

    :param killed: whether the last line may be cut
    """
    envelopes = []
    for line in lines.split(b"\n")[:-1] if killed else lines.splitlines():
        envelopes.append(json.loads(line))
        assert list(envelopes[-1]) == ["code", "router", "data"]
    return envelopes


def special(world: World, name: str) -> Video:
    """The work of a special kind."""
    video = world.video_by_bvid(str(world.special[name]))
    assert video is not None
    return video


def quiet_now() -> str:
    """A quiet period that began an hour ago and ends in two hours, by the clock of Shanghai."""
    now = datetime.now(UTC) + timedelta(hours=8)
    return f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=2):%H:%M} Asia/Shanghai"


def together(**crawls: Callable[[], Crawl]) -> dict[str, Crawl]:
    """Run several crawls, and return them by their names."""
    return {name: run() for name, run in crawls.items()}


def by_target(crawl: Crawl) -> dict[str, list[Envelope]]:
    """The envelopes of each input."""
    envelopes: dict[str, list[Envelope]] = {}
    for envelope in crawl.envelopes:
        envelopes.setdefault(envelope["data"]["meta"]["target"], []).append(envelope)
    return envelopes


def _options(words: Sequence[str], settings: Mapping[str, object], feed: str | None, folder: Path) -> list[str]:
    options = []
    for word in words:
        options += [word] if word.startswith("-") else ["-a", word]
    for name, value in settings.items():
        options += ["-s", f"{name}={value}"]
    return options + (["-O", str(folder / feed)] if feed else [])


def _environment(sim: Simulator, config: Path, folder: Path, more: Mapping[str, str | None]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in OURS and "COOKIE" not in name}
    own = {"CONFIG_DIR": str(config), "OUTPUT_DIR": str(folder / "output"), "STATE_DIR": str(folder / "state")}
    env = {**inherited, **sim.env, **own, "RATE_LIMIT_WAIT": "0.1", **more}
    return {name: value for name, value in env.items() if value is not None}
