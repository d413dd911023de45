"""`crawl` and `acrawl`: what they yield, and that they leave nothing running, however they are left."""

import asyncio
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import nbformat
import pytest
from itemadapter import ItemAdapter
from nbclient import NotebookClient
from scrapy.exceptions import DropItem

from scraper import ArgumentError, CrawlError, acrawl, crawl
from tests.cases import ROOT
from tests.simulator import Simulator, World

WORLD = World(seed=1, creators=3, videos=300)
SERVICES = ("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app")
LINK, OTHER = (f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in (0, 1))
DELETED = f"https://www.bilibili.com/video/{WORLD.special['deleted']}"
PATIENCE_S = 60


@pytest.fixture
def sim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A simulator that the environment leads to, and a configuration without a pace."""
    for service in SERVICES:
        (tmp_path / "config" / service).mkdir(parents=True)
        (tmp_path / "config" / service / "config.yaml").write_text("pace: {delay_s: 0, concurrency: 8}\n", "utf-8")
    with Simulator(WORLD) as simulator:
        places = {"CONFIG_DIR": str(tmp_path / "config"), "STATE_DIR": str(tmp_path / "state")}
        for name, value in {**simulator.env, **places, "RATE_LIMIT_WAIT": "0.1"}.items():
            monkeypatch.setenv(name, value)
        for module in [name for name in sys.modules if name == "scraper.settings"]:
            monkeypatch.delitem(sys.modules, module)  # it reads the environment
        yield simulator


@pytest.fixture
def nothing_left(sim: Simulator) -> Iterator[None]:
    """Check that what ran in a test is gone after it: threads, open files and connections, handlers."""
    list(crawl(DELETED))  # what is imported and opened once in a process
    threads, files, handlers = set(threading.enumerate()), open_files(), handlers_set()
    yield
    end = time.monotonic() + PATIENCE_S
    while (left := set(threading.enumerate()) - threads or open_files() > files) and time.monotonic() < end:
        time.sleep(0.02)  # the simulator's side of a connection closes after ours
    assert not left, (left, files, open_files())
    assert handlers_set() == handlers


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


def handlers_set() -> tuple[Any, ...]:
    return (*map(signal.getsignal, (signal.SIGINT, signal.SIGTERM)), *logging.getLogger().handlers)


def bvids(envelopes: list[Any]) -> set[str]:
    return {envelope.data.video_id for envelope in envelopes if not envelope.failed}


def posts(number: int) -> set[str]:
    return set(WORLD.bvids(number))


def test_it_yields_every_envelope(nothing_left: None) -> None:
    assert bvids(list(crawl(LINK))) == posts(0)
    envelopes = list(crawl([DELETED, LINK], max_items=3))
    assert sorted(envelope.code for envelope in envelopes) == [200, 200, 200, 404]
    assert all(ItemAdapter(envelope)["router"] == envelope.router for envelope in envelopes)


def test_a_program_without_a_console_crawls(nothing_left: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert {record.code for record in crawl(LINK, max_items=3)} == {200}


def test_several_at_once_and_from_threads(nothing_left: None) -> None:
    first, second = crawl(LINK), crawl(OTHER)
    pairs = list(zip(first, second, strict=True))
    assert (bvids([a for a, _ in pairs]), bvids([b for _, b in pairs])) == (posts(0), posts(1))
    with ThreadPoolExecutor(2) as workers:
        idents = list(workers.map(lambda link: bvids(list(crawl(link))), (LINK, OTHER)))
    assert idents == [posts(0), posts(1)]


def test_it_waits_for_a_slow_caller(sim: Simulator, nothing_left: None) -> None:
    sim.forget()
    list(crawl(LINK))
    whole = len(sim.requests)
    sim.forget()
    envelopes = crawl(LINK)
    received = [next(envelopes)]
    pages, before = -1, -2
    while pages != before:  # nothing further is asked until something is taken
        time.sleep(0.5)
        before, pages = pages, len(sim.requests)
    assert pages < whole
    assert bvids(received + list(envelopes)) == posts(0)


def test_leaving_early_ends_it(sim: Simulator, nothing_left: None) -> None:
    for envelope in crawl(LINK):
        assert envelope.code == 200
        break
    with pytest.raises(ZeroDivisionError):
        for _ in crawl(LINK):
            1 / 0  # noqa: B018
    with closing(crawl(LINK)) as envelopes:
        next(envelopes)
    with pytest.raises(StopIteration):
        next(envelopes)
    never_begun = crawl(LINK)
    assert never_begun is not None


def test_an_async_crawl(nothing_left: None) -> None:
    async def collect(link: str) -> set[str]:
        return bvids([envelope async for envelope in acrawl(link)])

    async def run() -> list[set[str]]:
        return await asyncio.gather(collect(LINK), collect(OTHER))

    assert asyncio.run(run()) == [posts(0), posts(1)]


async def broken_off() -> None:
    async for _ in acrawl(LINK):
        break


async def closed() -> None:
    async with aclosing(acrawl(LINK)) as envelopes:
        await anext(envelopes)
    names = [thread.name for thread in threading.enumerate()]
    assert "crawl" not in names


async def cancelled() -> None:
    async def endless() -> None:
        async for _ in acrawl(LINK):
            await asyncio.Event().wait()

    task = asyncio.create_task(endless())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def failing() -> None:
    with pytest.raises(ZeroDivisionError):
        async for _ in acrawl(LINK):
            1 / 0  # noqa: B018


@pytest.mark.parametrize("leave", [broken_off, closed, cancelled, failing], ids=lambda kind: kind.__name__)
def test_leaving_an_async_crawl_ends_it(nothing_left: None, leave: Callable[[], Any]) -> None:
    asyncio.run(leave())


def test_failures_are_raised_if_wanted(nothing_left: None) -> None:
    with pytest.raises(CrawlError, match=f"{DELETED}: NOT_FOUND: .*") as error:
        list(crawl(DELETED, errors="raise"))
    assert error.value.envelope.code == 404


@pytest.mark.parametrize(
    "named, words",
    [
        ({"url": LINK, "max_itms": 3}, "unknown argument max_itms; did you mean max_items"),
        ({"url": LINK, "max_items": "many"}, "max_items=many"),
        ({"url": LINK, "follow": ["commnts"]}, "commnts"),
        ({"url": LINK, "spider": "youtube"}, "unknown spider youtube; spiders are "),
        ({"url": LINK, "errors": "ignore"}, "errors='ignore'"),
        ({"url": LINK, "RETRY_TIMES": "often"}, "RETRY_TIMES=often"),
        ({"url": LINK, "CONFIG_DIR": "no/such"}, "CONFIG_DIR=no/such does not exist"),
        ({"url": LINK, "file": "targets.txt"}, "url and file"),
        ({"url": b"bytes"}, "url must be a string"),
        ({"url": LINK, "tags": {"a=b": "c"}}, "a name must not contain = or ;"),
        ({"url": LINK, "tags": {"a": "b;c=d"}}, "and a value no ;"),
        ({"url": LINK, "tags": {"a": {"b": "c"}}}, "tags.a must be a string"),
        ({}, "nothing to crawl"),
    ],
)
def test_a_wrong_call_is_refused_at_once(sim: Simulator, named: dict[str, Any], words: str) -> None:
    for call in (crawl, acrawl):
        with pytest.raises(ArgumentError, match=re.escape(words)):
            call(**named)
    assert not sim.requests


class OnlyEven:
    """A pipeline of a user's."""

    def process_item(self, item: Any) -> Any:
        if int(item.data.create_time or 0) % 2:
            raise DropItem("odd")
        return item


def test_pipelines_and_feeds_are_those_of_the_settings(nothing_left: None, tmp_path: Path) -> None:
    feed = tmp_path / "out.jsonl"
    own = {"FEEDS": {str(feed): {"format": "jsonlines"}}, "ITEM_PIPELINES": {OnlyEven: 300}}
    envelopes = list(crawl(LINK, **own))
    assert 0 < len(envelopes) < len(posts(0)) and not any(envelope.data.create_time % 2 for envelope in envelopes)
    assert len(feed.read_text("utf-8").splitlines()) == len(envelopes)


def test_an_output_that_fails_is_raised(sim: Simulator, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(CrawlError, match="taken"):
        list(crawl(LINK, FEEDS={str(tmp_path / "taken" / "out.jsonl"): {"format": "jsonlines"}}))


INTERRUPTED = f"""
import os, signal, threading
from scraper import crawl
count = 0
try:
    for envelope in crawl({LINK!r}, pace=None):
        count += 1
        if count == 1:
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        threading.Event().wait(0.05)
except KeyboardInterrupt:
    print(count, [thread.name for thread in threading.enumerate() if thread.name == "crawl"])
"""
HELD = f"""
from scraper import crawl
envelopes = crawl({LINK!r}, max_items=100, FEEDS={{"out.jsonl": {{"format": "jsonlines"}}}})
next(envelopes)
"""


def script(text: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", text]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


class WithoutRequests:
    """A spider middleware that drops all requests."""

    async def process_start(self, start: Any) -> Any:
        async for _ in start:
            pass
        for nothing in ():
            yield nothing


class RaisesAtEnd:
    def process_item(self, item: Any) -> Any:
        return item

    def close_spider(self) -> None:
        raise LookupError("a mistake of a pipeline")


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"CLOSESPIDER_ITEMCOUNT": 5}, "stopped before its end (closespider_itemcount)"),
        ({"SPIDER_MIDDLEWARES": {WithoutRequests: 1}}, "1 input was not answered"),
        ({"ITEM_PIPELINES": {RaisesAtEnd: 1}, "max_pages": 1}, "a pipeline raised an exception when it closed"),
    ],
)
def test_an_incomplete_crawl_is_raised_after_its_last_envelope(
    nothing_left: None, named: dict[str, Any], words: str
) -> None:
    envelopes = []
    with pytest.raises(CrawlError, match=re.escape(words)):
        envelopes.extend(envelope for envelope in crawl(LINK, **named))
    assert len(envelopes) < 300


def test_ctrl_c_ends_it(sim: Simulator, tmp_path: Path) -> None:
    count, _, left = script(INTERRUPTED.replace(", pace=None", ""), tmp_path).strip().partition(" ")
    assert 0 < int(count) < len(posts(0)) and left == "[]"


def test_a_program_that_ends_meanwhile_leaves_whole_lines(sim: Simulator, tmp_path: Path) -> None:
    script(HELD, tmp_path)
    lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert lines and all(json.loads(line)["code"] in (200, 206) for line in lines)


def test_a_route_in_a_browser_needs_the_command(sim: Simulator) -> None:
    """The failure of the input says so, as does the exception; inputs that need no browser are answered."""
    douyin = WORLD.douyin
    signed = f"https://www.douyin.com/user/{douyin.creator(0).sec_uid}"
    envelopes = list(crawl([signed, LINK], max_items=5))
    (failure,) = [envelope.data for envelope in envelopes if envelope.failed]
    assert failure.meta.target == signed and "only the `scrapy crawl` command can start" in failure.error.message
    assert sum(not envelope.failed for envelope in envelopes) == 5
    with pytest.raises(CrawlError, match="only the `scrapy crawl` command can start"):
        list(crawl(signed, errors="raise"))


def examples() -> list[str]:
    """Return the examples of the docs, with links of the simulator's world."""
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / "python.md").read_text("utf-8"), re.M | re.S)
    real = {
        "https://space.bilibili.com/546195": LINK,
        "uid=546195": f"uid={WORLD.creator(0).mid}",
        "https://space.bilibili.com/1868902080": OTHER,
        "BV1M1421t7hT": str(WORLD.video(1, 0).bvid),
    }
    for name, value in real.items():
        blocks = [example.replace(name, value) for example in blocks]
    return blocks


def test_the_examples_of_the_docs_run(sim: Simulator, tmp_path: Path) -> None:
    plain = [example for example in examples() if "await " not in example and "async for" not in example]
    assert len(plain) >= 4
    printed = script("\n".join(plain), tmp_path)
    assert WORLD.video(1, 0).bvid in printed
    assert len((tmp_path / "posts.jsonl").read_text("utf-8").splitlines()) > 1


def test_the_examples_of_the_docs_run_in_a_notebook(sim: Simulator, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    threads = "import threading\nassert 'crawl' not in [thread.name for thread in threading.enumerate()]"
    cells = [nbformat.v4.new_code_cell(text) for text in [*examples(), "print(results)", threads]]
    book = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(book, timeout=PATIENCE_S, resources={"metadata": {"path": str(tmp_path)}}).execute()
    listed = "".join(output.text for output in book.cells[1].outputs)
    assert listed.count("200 ") == 50
