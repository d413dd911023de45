"""Serve a world from the command line: `python -m tests.simulator`."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import TextIO

import orjson

from tests.simulator.faults import load
from tests.simulator.messages import Seen
from tests.simulator.server import Simulator
from tests.simulator.signing import Signing
from tests.simulator.world import World
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.tiktok import TiktokWorld

REMEMBERED = 10_000
SHOWN = ("multipart", "deleted", "charging", "durl_only", "season", "comments_closed", "busy")
SHOWN_USERS = ("user_gone", "user_banned", "user_empty", "odd_user", "showcase")
SHOWN_DOUYIN = ("note", "slides", "live_photo", "status_self_see", "core_dep", "page_no_info", "captcha_json", "code_8")
SHOWN_TIKTOK = (
    "photo",
    "status_deleted",
    "copyright_geo_filter",
    "content_classified",
    "page_waf",
    "waf",
    "code_10231",
)
SHOWN_CODES = ("b23_part", "b23_space", "b23_chain", "b23_loop", "b23_foreign", "b23_dead")


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM."""
    options = _parser().parse_args(arguments)
    world = World(
        options.seed,
        options.creators,
        options.videos,
        comments=options.comments,
        replies=options.replies,
        page_latency=(options.delay, options.jitter),
        rotate_keys_after=options.rotate_keys_after,
        signing=options.signing,
    )
    faults = load(options.faults) if options.faults else []
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    log = options.log.open("a", encoding="utf-8", buffering=1) if options.log else None
    note = Log(log)
    sim = Simulator(
        world,
        faults,
        port=options.port,
        gzip=options.gzip,
        ca=options.ca,
        remember=REMEMBERED,
        on_request=note.request,
        on_refused=note.refused,
    )
    with sim:
        environment = {**sim.env, "no_proxy": "127.0.0.1,localhost"}  # for calls to `scrapy serve` in the same shell
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
        if options.env:
            options.env.write_text(exports, encoding="utf-8")
        sys.stdout.write(exports + samples(world))
        sys.stdout.flush()
        stop.wait()
    if log is not None:
        log.close()
    return 0


class Log:
    """Writes one JSON line for each request and each refused host."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    def request(self, record: Seen) -> None:
        """Note an answered request; cookies and headers stay out of it."""
        fields = ("number", "time", "method", "host", "path", "query", "status", "fault")
        self._write({name: getattr(record, name) for name in fields})

    def refused(self, host: str) -> None:
        """Note a host that is no platform's."""
        self._write({"refused": host})

    def _write(self, line: dict[str, object]) -> None:
        if self._file is not None:
            self._file.write(orjson.dumps(line).decode() + "\n")


def samples(world: World) -> str:
    """Links to try, as shell comments."""
    special = world.special
    count = len(world.short_links) + len(world.douyin.short_links) + len(world.tiktok.short_links)
    video = world.video(0, 0)
    lines = [
        ("bilibili video", f"https://www.bilibili.com/video/{video.bvid}"),
        ("bilibili av number", f"https://www.bilibili.com/video/av{video.aid}"),
        ("bilibili user", f"https://space.bilibili.com/{world.creator(0).mid}"),
        ("bilibili share text", f"【{video.title}-哔哩哔哩】 https://b23.tv/{special['b23_video']}"),
        *((f"bilibili {name}", f"https://www.bilibili.com/video/{special[name]}") for name in SHOWN),
        *((f"bilibili {name}", f"https://space.bilibili.com/{special[name]}") for name in SHOWN_USERS),
        *((name, f"https://b23.tv/{special[name]}") for name in SHOWN_CODES),
        ("bilibili cookie", world.login_cookie),
    ]
    lines = _of_douyin(world.douyin) + _of_tiktok(world.tiktok) + lines
    width = max(len(name) for name, _ in lines)
    text = "".join(f"# {name:<{width}} {value}\n" for name, value in lines)
    counts = f"on each platform {world.creators} creators with {world.videos} videos each"
    return f"#\n# {counts}, {count} short links; to try:\n{text}"


def _of_douyin(world: DouyinWorld) -> list[tuple[str, str]]:
    special = world.special
    return [
        ("douyin video", f"https://www.douyin.com/video/{world.video(0, 0).id}"),
        ("douyin user", f"https://www.douyin.com/user/{world.creator(0).sec_uid}"),
        ("douyin share text", f"7.43 复制打开抖音 https://v.douyin.com/{special['dy_video']}/ 看看"),
        *((f"douyin {name}", f"https://www.douyin.com/video/{special[name]}") for name in SHOWN_DOUYIN),
        *((name, f"https://v.douyin.com/{code}/") for name, code in special.items() if name.startswith("dy_")),
        ("douyin cookie", world.login_cookie),
    ]


def _of_tiktok(world: TiktokWorld) -> list[tuple[str, str]]:
    special = world.special
    return [
        ("tiktok video", world.url(world.video(0, 0))),
        ("tiktok user", f"https://www.tiktok.com/@{world.creator(0).handle}"),
        *((f"tiktok {name}", f"https://www.tiktok.com/@_/video/{special[name]}") for name in SHOWN_TIKTOK),
        *((name, f"https://vm.tiktok.com/{code}/") for name, code in special.items() if name.startswith("tt_")),
        ("tiktok cookie", world.login_cookie),
    ]


def _signing(text: str) -> dict[str, Signing]:
    return {name: Signing(**switches) for name, switches in orjson.loads(text).items()}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulator",
        description="Serve an invented Bilibili, Douyin and TikTok behind their real host names.",
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="port on 127.0.0.1 (0: a free one)")
    add("--creators", type=int, default=3)
    add("--videos", type=int, default=600, help="works of each creator")
    add("--comments", type=int, default=45, help="most root comments of a work")
    add("--replies", type=int, default=25, help="most replies of a comment")
    add("--seed", type=int, default=1)
    add("--faults", type=Path, metavar="FILE.json", help="a list of faults")
    add("--log", type=Path, metavar="FILE.jsonl", help="one line for each request")
    add("--ca", type=Path, metavar="FILE", help="where to write the certificate of the authority")
    add("--env", type=Path, metavar="FILE", help="also write the exports to this file once ready")
    add("--delay", type=float, default=0.0, metavar="S", help="mean delay of an answer")
    add("--jitter", type=float, default=0.0, metavar="S", help="largest deviation from it")
    add("--rotate-keys-after", type=int, metavar="N", help="change the signature keys after N signed requests")
    add("--signing", type=_signing, metavar="JSON", help='how pages sign: {"douyin": {"open": true}}')
    add("--gzip", action="store_true", help="compress for clients that accept it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
