"""Inputs are read once and as the crawl goes; a stop is answered in between; what comes again is fetched once."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.inputs import arguments as module
from scraper.inputs.arguments import parse
from scraper.inputs.asked_targets import AskedTargets, Unread
from scraper.platform.atlas import Atlas
from scraper.platform.targets import UNKNOWN, Target
from tests.cases import PLATFORMS
from tests.crawling import ROUTER, Crawl, Running, crawl
from tests.simulator import World

ATLAS = Atlas([next(platform for platform in PLATFORMS if platform.name == "bilibili")])
WORLD = World(seed=1, creators=3, videos=40)
VIEW = "/x/web-interface/view"
INPUTS = 4_000
SHORT_OF_TIME_S = 60  # of a stop; without one, these crawls take minutes


def target(ident: object, given: str = "") -> Target:
    return Target("video", str(ident), given or f"link{ident}", (), "toy")


def inputs(idents: list[int]) -> Iterator[Target | Unread]:
    for place, ident in enumerate(idents):
        yield target(ident, f"{ident}/{place}")


@pytest.mark.parametrize("seed", range(5))
def test_every_input_is_answered_once_whenever_its_target_comes_again(seed: int) -> None:
    chosen = random.Random(seed)
    idents = [chosen.randrange(40) for _ in range(200)]
    targets = AskedTargets(inputs(idents), UNKNOWN)
    taken, of_number = [], {}
    while (asked := targets.take()) is not None:
        for _ in range(chosen.randrange(3)):
            if not targets.is_read:
                targets.read()
        taken += [asked.target.given, *asked.others]
        assert of_number.setdefault(asked.number, asked.target.id) == asked.target.id
        assert asked.is_again == (asked.target.given.split("/")[1] != str(idents.index(int(asked.target.id))))
    assert Counter(taken) == Counter(f"{ident}/{place}" for place, ident in enumerate(idents))
    every = [(asked.target.given, *asked.others) for asked in targets]
    assert sorted(given for inputs in every for given in inputs) == sorted(taken)
    assert [inputs[0].split("/")[0] for inputs in every] == [str(ident) for ident in dict.fromkeys(idents)]
    targets.close()


def test_the_first_target_comes_before_the_rest_is_read() -> None:
    read = []

    def endless() -> Iterator[Target | Unread]:
        while True:
            read.append(target(len(read)))
            yield read[-1]

    targets = AskedTargets(endless(), UNKNOWN)
    assert [targets.take().target.id for _ in range(5)] == ["0", "1", "2", "3", "4"] and len(read) < 500  # type: ignore[union-attr]
    targets.close()


def test_a_line_that_cannot_be_read_costs_no_other_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(line: str, *rest: object) -> Iterator[Target]:
        if "bad" in line:
            raise RecursionError
        yield target(line)

    monkeypatch.setattr(module, "find", find)
    (tmp_path / "t").write_text("1\nbad\n2\n")
    asked = list(parse({"file": str(tmp_path / "t")}, ATLAS).targets(ATLAS))
    assert [(source.target.given, type(source.error)) for source in asked] == [
        ("link1", type(None)), ("bad", RecursionError), ("link2", type(None))
    ]  # fmt: skip


def test_a_file_that_cannot_be_read_to_its_end_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, copy: Path | None) -> Iterator[str]:
        yield WORLD.video(0, 0).bvid
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(module, "lines_of", broken)
    (tmp_path / "t").write_text("x")
    done = crawl(f"file={tmp_path / 't'}", world=WORLD)
    assert sorted(done.codes) == [200, 400] and done.code == 3
    [failure] = done.failures
    assert failure["error"]["input"] == f"file={tmp_path / 't'}" and "Input/output error" in failure["error"]["message"]


@pytest.mark.parametrize("quote", ['"unclosed', '5" wide', '"a"b', '"'])
def test_a_quote_in_a_table_costs_no_row_after_it(tmp_path: Path, quote: str) -> None:
    videos = [WORLD.video(0, number).bvid for number in range(4)]
    rows = [f"x,{bvid}" for bvid in videos]
    (tmp_path / "t.csv").write_text("\n".join(["title,url", rows[0], f"{quote},{videos[1]}", *rows[2:]]))
    asked = list(parse({"file": str(tmp_path / "t.csv")}, ATLAS).targets(ATLAS))
    assert [source.target.id for source in asked] == videos


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    """Return a file whose first video comes again at its end, long after its answer."""
    one, other = WORLD.video(0, 0).bvid, WORLD.video(0, 1).bvid
    lines = [one, other, *(f"nothing {number}" for number in range(300)), f"https://b23.tv/{one}", one]
    (tmp_path / "long.txt").write_text("\n".join(lines))
    return tmp_path / "long.txt"


def test_what_comes_again_after_its_answer_is_not_fetched_again(long_file: Path) -> None:
    done = crawl(f"file={long_file}", world=WORLD)
    assert len(done.asked(VIEW)) == 2 and done.code == 3
    one = WORLD.video(0, 0).bvid
    assert Counter(envelope["data"]["meta"]["target"] for envelope in done.envelopes if envelope["code"] == 200) == {
        one: 2, f"https://b23.tv/{one}": 1, WORLD.video(0, 1).bvid: 1
    }  # fmt: skip
    assert done.codes.count(400) == 300


def stopped(path: Path, number: signal.Signals) -> tuple[Crawl, float]:
    """Return a crawl that gets a signal once it has begun, and how long it then took."""
    sent: list[float] = []

    def stop(running: Running) -> None:
        running.until(lambda: any(path.stat().st_size > 2_000 for path in running.folder.glob("out.jsonl")))
        sent.append(time.monotonic())
        assert running.process
        running.process.send_signal(number)

    done = crawl(f"file={path}", world=WORLD, process=True, meanwhile=stop, folder=path.parent)
    return done, time.monotonic() - sent[0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_answered_while_no_input_makes_a_request(tmp_path: Path, number: signal.Signals) -> None:
    lines = [f"no link {line}" for line in range(INPUTS)]
    (tmp_path / "long.txt").write_text("\n".join(lines))
    done, seconds = stopped(tmp_path / "long.txt", number)
    assert done.code == 3 and 0 < len(done.envelopes) < INPUTS and seconds < SHORT_OF_TIME_S
    assert "before all inputs were read" in done.err
    whole = crawl(command=("resume",), world=WORLD, folder=tmp_path)
    assert sorted(envelope["data"]["error"]["input"] for envelope in whole.envelopes) == sorted(lines)


def test_the_router_of_what_came_again_is_its_own(long_file: Path) -> None:
    done = crawl(f"file={long_file}", "router=bv_to_aid", world=WORLD)
    assert {envelope["router"] for envelope in done.envelopes if envelope["code"] == 200} == {f"{ROUTER}/bv_to_aid"}
    assert sum(envelope["code"] == 200 for envelope in done.envelopes) == 4 and not done.asked(VIEW)
