"""`since`, `until`, `due`: a run gives what is new, misses nothing, and walks no further than it has to.

What a run must give is computed from the world, whose posts come, go, hide and change between runs and during them.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy.utils.test import get_crawler

from spiders.bilibili.spider import BilibiliSpider
from tests.crawling import Crawl, Running, crawl
from tests.parts import IS_NIGHTLY
from tests.simulator import Fault, World
from tests.timelines import LISTS, PAGE, Site, events, ids

HISTORIES, RUNS = (30, 16) if IS_NIGHTLY else (2, 8)


@pytest.fixture(params=["bilibili", "douyin"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return Site(request.param, tmp_path, 23)


def test_a_run_gives_only_what_is_new(site: Site) -> None:
    assert len(ids(site.run("since=last"))) == 23
    unchanged = site.run("since=last")
    assert (unchanged.envelopes, unchanged.code, site.pages(unchanged)) == ([], 0, 1)
    for _ in range(7):
        site.add()
    done = site.run("since=last")
    assert ids(done) == [site.ident(place) for place in reversed(range(23, 30))]
    assert site.pages(done) == 2 and [row["stopped"] for row in done.rows][-1] == "overlap"


def test_a_pinned_post_ends_no_walk(site: Site) -> None:
    site.timeline.pinned = 2
    site.run("since=last")
    for _ in range(PAGE + 1):
        site.add()
    assert sorted(ids(site.run("since=last"))) == sorted(site.ident(23 + place) for place in range(PAGE + 1))


def test_what_a_limit_left_out_comes_next_time(site: Site) -> None:
    given = ids(site.run("since=last", "max_items=8"))
    site.add()
    given += ids(site.run("since=last", "max_pages=1")) + ids(site.run("since=last"))
    assert sorted(given) == sorted(site.ident(place) for place in range(24))
    assert not site.run("since=last").envelopes


def test_a_date_limits_what_is_given_and_requested(site: Site) -> None:
    def moment(place: int) -> str:
        return datetime.fromtimestamp(site.time(place), UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")

    site.timeline.pinned = 1 if site.name == "douyin" else None
    newest = site.run(f"since={moment(20)}")
    assert set(ids(newest)) == {site.ident(place) for place in (20, 21, 22)} and site.pages(newest) == 1
    assert [row["stopped"] for row in newest.rows] == ["date_limit"]
    older = site.run(f"since={moment(5)}", f"until={moment(9)}")
    assert set(ids(older)) >= {site.ident(place) for place in range(5, 9)} and len(ids(older)) <= 5
    (nothing,) = site.run("since=1m").records
    assert (nothing["meta"]["record_type"], nothing["count"]) == ("listing", 0)


@pytest.mark.parametrize("since", ["last", "date"])
def test_an_empty_page_on_the_way_is_no_success_and_its_posts_come_next_time(tmp_path: Path, since: str) -> None:
    site = Site("bilibili", tmp_path, 10)
    site.run("since=last")
    for _ in range(15):
        site.add()
    begin = datetime.fromtimestamp(site.time(10), UTC).isoformat()
    word = "since=last" if since == "last" else f"since={begin}"
    done = site.run(word, faults=[Fault(path=LISTS["bilibili"], do="empty_page", query={"pn": 2})])
    assert done.code == 3 and [failure["error"]["name"] for failure in done.failures] == ["INCOMPLETE"]
    assert "1 page stayed empty" in done.failures[0]["error"]["message"]
    assert set(ids(done)) == {site.ident(place) for place in (*range(20, 25), *range(10, 15))}
    retry = ("retry", str(done.reports[-1]["run_id"]), "-O", str(tmp_path / "rest.jsonl"))
    again = site.command(*retry, feed="rest.jsonl")
    assert again.code == 0 and set(ids(again)) >= {site.ident(place) for place in range(15, 20)}, again.err
    positions = {record["video_id"]: record["meta"]["position"] for record in again.records}
    assert [positions[site.ident(place)] for place in range(19, 14, -1)] == [6, 7, 8, 9, 10]


def test_changes_are_noticed_on_the_way(site: Site) -> None:
    site.run("since=last")
    site.timeline.hidden = {21}
    site.timeline.titles[20] = "另一个标题"
    site.timeline.pinned = 19
    expected = [("deleted_or_hidden", site.ident(21))]
    expected += [("renamed" if site.name == "bilibili" else "edited", site.ident(20))]
    expected += [("pinned", site.ident(19))] if site.name == "douyin" else []
    done = site.run("since=last")
    assert Counter(events(done)) == Counter(expected) and not ids(done)
    assert not events(site.run("since=last"))
    site.timeline.hidden = set()
    assert events(site.run("since=last")) == [("restored", site.ident(21))]


def test_a_list_in_no_order_is_walked_whole(tmp_path: Path) -> None:
    site = Site("bilibili", tmp_path, 23)
    folder = site.world.library.folders(site.world.creator(1))[0]
    words = (f"url=https://www.bilibili.com/medialist/detail/ml{folder.number}", "since=last")
    runs = [crawl(*words, world=site.world, folder=tmp_path, feed=f"{number}.jsonl") for number in range(2)]
    assert len(ids(runs[0])) > PAGE and not runs[1].envelopes and runs[1].code == 0
    assert len(runs[0].requests) <= len(runs[1].requests) + 1


def test_only_rows_that_are_due_are_crawled(tmp_path: Path) -> None:
    world = World(seed=7, creators=3, videos=8)
    links = [f"https://space.bilibili.com/{world.creator(number).mid}" for number in range(3)]
    (tmp_path / "watch.csv").write_text(f"url,every\n{links[0]},6h\n{links[1]},1m\n{links[2]},\n", "utf-8")
    first, second = (
        crawl(f"file={tmp_path}/watch.csv", "due=1", world=world, folder=tmp_path, feed=f"{number}.jsonl")
        for number in range(2)
    )
    assert {record["meta"]["target"] for record in first.records} == set(links)
    assert {record["meta"]["target"] for record in second.records} == {links[2]} and second.code == 0
    assert "2 targets were not due; the next is due at " in second.err
    (tmp_path / "later.csv").write_text(f"url,every\n{links[0]},6h\n{links[1]},1w\n", "utf-8")
    began = datetime.fromtimestamp(first.reports[0]["started_time"])
    settings = {"SUMMARY": "on", "LOG_LEVEL": "WARNING"}
    nothing = crawl(f"file={tmp_path}/later.csv", "due=1", world=world, folder=tmp_path, settings=settings)
    assert not nothing.requests and nothing.code == 0
    due = re.search(r"^  2 targets were not due; the next is due at (.+)$", nothing.err, re.MULTILINE)
    assert due and began + timedelta(hours=5, minutes=40) < datetime.fromisoformat(due[1]) <= began + timedelta(hours=6)


def test_two_runs_at_once_do_not_walk_the_same_list(tmp_path: Path) -> None:
    site = Site("bilibili", tmp_path, 23)
    others: list[Crawl] = []

    def start_another(running: Running) -> None:
        running.until(lambda: bool(running.sim.requests))
        others.append(site.run("since=last", process=True))

    site.world.page_latency = (1.5, 0.0)
    done = site.run("since=last", meanwhile=start_another, process=True)
    (other,) = others
    assert len(ids(done)) + len(ids(other)) == 23 and {done.code, other.code} == {0}
    assert "skipped, since run" in done.err + other.err


@pytest.mark.parametrize("words", [["since=last"], ["since=last", "with=comments"]], ids=["lists", "comments"])
def test_a_run_is_finished_once_another_has_crawled_the_rest_of_it(tmp_path: Path, words: list[str]) -> None:
    site = Site("bilibili", tmp_path, 23, comments=3)
    site.world.page_latency = (0.2, 0.0)

    def stop(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) > 4)
        running.interrupt()

    stopped = site.run(*words, meanwhile=stop)
    assert stopped.code == 3 and "To continue: scrapy resume" in stopped.err
    done = site.run(*words)
    listed = json.loads(site.command("runs", words=["--json"]).out)
    if "with=comments" in words:  # what its posts lead to is left
        assert "is finished: this run has crawled" not in done.err
        assert [row["state"] for row in listed] == ["finished", "unfinished"]
        assert site.command("resume").code == 0
    else:
        assert f"Run {listed[1]['run_id']} is finished: this run has crawled what was left of it" in done.err
        assert [row["state"] for row in listed] == ["finished", "finished"]
        assert "is unfinished" not in site.run(*words).err


def test_a_period_counts_back_from_the_start_of_a_resumed_run(tmp_path: Path) -> None:
    settings = {"CONFIG_DIR": str(tmp_path), "STATE_DIR": str(tmp_path), "RESUME_RUN": "20260310T120000Z-00ff"}
    spider = get_crawler(BilibiliSpider, settings)._create_spider(url="BV1M1421t7hT", since="7d", until="1d")
    start = datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp()
    assert (spider.arguments.ask.since, spider.arguments.ask.until) == (start - 7 * 86_400, start - 86_400)


def test_a_run_whose_feed_lacks_its_end_stays_unfinished(tmp_path: Path) -> None:
    site = Site("bilibili", tmp_path, 23)
    site.world.page_latency = (0.2, 0.0)

    def kill(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) > 4)
        running.kill()

    site.run("since=last", f"-O{tmp_path}/out.json", meanwhile=kill, process=True)
    assert site.run("since=last").code == 0
    listed = json.loads(site.command("runs", words=["--json"]).out)
    assert [row["state"] for row in listed] == ["finished", "killed"]


class History:
    """A seeded history of runs and of changes, held against the world.

    :ivar late: posts that appeared where runs had passed already: with a time that was not the newest
    """

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.chance = site, random.Random(seed)
        self.given: Counter[str] = Counter()
        self.late: set[int] = set()

    def change(self) -> None:
        """Change something, as creators do."""
        timeline, chance = self.site.timeline, self.chance
        what = chance.choice(["add", "add", "add", "delete", "hide", "show", "pin", "rename"])
        if what == "add":
            for _ in range(chance.choice([1, 1, 2, 7])):
                self.site.add()
        elif what in ("delete", "hide") and len(timeline.shown()) > 3:
            timeline.hidden.add(chance.choice(timeline.shown()[: chance.choice([1, 6, 100])]))
        elif what == "show" and timeline.hidden:
            timeline.hidden.discard(chance.choice(sorted(timeline.hidden)))
        elif what == "pin":
            timeline.pinned = chance.choice([None, *timeline.shown()])
        elif what == "rename":
            timeline.titles[chance.choice(timeline.shown())] = f"标题{chance.random()}"

    def step(self) -> None:
        """Change some things, run, and hold what came against what was shown."""
        for _ in range(self.chance.choice([0, 1, 2, 4])):
            self.change()
        before = self.site.timeline.visible()
        seen_at_start = max(map(self.site.time, before), default=0)
        words, meanwhile, is_whole = self.way()
        done = self.site.run("since=last", *words, meanwhile=meanwhile)
        after = self.site.timeline.visible()
        self.given.update(ids(done))
        known = {self.site.ident(place) for place in before & after}
        assert max(self.given.values(), default=0) <= 1, "nothing comes twice"
        gone = {item for kind, item in events(done) if kind == "deleted_or_hidden"}
        assert not gone & known, "what was shown all the time is not reported as gone"
        if is_whole and done.code == 0:
            missing = [place for place in before & after if not self.given[self.site.ident(place)]]
            assert not set(missing) - self.late, (sorted(missing), sorted(self.late), done.err)
        hidden = [place for place in range(len(self.site.timeline.made)) if place not in before & after]
        self.late.update(place for place in hidden if self.site.time(place) <= seen_at_start)

    def way(self) -> tuple[list[str], Callable[[Running], None] | None, bool]:
        """Return the limits of a run, what happens meanwhile, and whether it may walk to its end."""
        way = self.chance.choice(["whole", "whole", "changed", "stopped", "items", "pages"])
        number = self.chance.randint(1, 4)
        if way == "items":
            return [f"max_items={self.chance.randint(1, 12)}"], None, False
        if way == "pages":
            return [f"max_pages={number}"], None, False

        def meanwhile(running: Running) -> None:
            while len(running.sim.requests) < number and not running.has_ended():
                pass
            if way == "stopped":
                running.interrupt()
            else:
                self.change()

        return [], meanwhile if way in ("changed", "stopped") else None, way != "stopped"


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_after_every_history_the_feeds_agree_with_the_world(site: Site, seed: int) -> None:
    history = History(site, seed)
    for _ in range(RUNS):
        history.step()
    for _ in range(2):  # at rest, one run is enough to close every hole; the second has nothing to do
        done = site.run("since=last")
        history.given.update(ids(done))
    assert not ids(done) and done.code == 0, done.err
    missing = [place for place in site.timeline.shown() if not history.given[site.ident(place)]]
    assert not set(missing) - history.late and max(history.given.values()) == 1
