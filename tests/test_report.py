"""`scrapy report`: the page says what the feed and the reports of its runs hold, to anybody, in any browser."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from playwright.sync_api import sync_playwright

from scraper.responses.wording import counted
from tests.browsers import FLAGS, chromium
from tests.crawling import Crawl, crawl
from tests.simulator import World

WORLD = World(seed=3, creators=2, videos=30)
CREATORS = " ".join(f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in (0, 1))
LINKS = f"url={CREATORS} {WORLD.tiktok.url(WORLD.tiktok.video(1, 0))} {WORLD.special['deleted']}"
WIDTHS = (1280, 800, 360)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    folder = tmp_path_factory.mktemp("crawl")
    crawled = crawl(LINKS, "with=author", "max_items=20", world=WORLD, command=("crawl", "hybrid"), folder=folder)
    (folder / "out.jsonl").write_bytes(crawled.files["out.jsonl"])
    return crawled


@pytest.fixture(scope="module")
def feed(done: Crawl, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A feed next to the reports of its runs."""
    folder = tmp_path_factory.mktemp("feed")
    for name, body in done.files.items():
        if name.endswith((".run.json", "out.jsonl")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(body)
    return folder / "out.jsonl"


def report(*words: object, code: int = 0) -> tuple[str, Crawl]:
    """Return the page, if there is one."""
    made = crawl(command=("report", *map(str, words)), feed="")
    assert made.code == code, made.err
    page = Path(str(words[words.index("-o") + 1])) if "-o" in words else None
    return page.read_text("utf-8") if page and page.exists() else "", made


def test_a_feed_without_the_reports_of_its_runs(done: Crawl, tmp_path: Path) -> None:
    (run,) = (name for name in done.files if name.endswith(".run.json"))
    (feed := tmp_path / "out.jsonl").write_bytes(done.files["out.jsonl"])
    _, made = report(feed, "-o", tmp_path / "r.html")
    assert " 0 lists" in made.out and f"not found: {Path(run).name}." in made.out
    place = tmp_path / "kept" / Path(run).parent.name
    place.mkdir(parents=True)
    (place / Path(run).name).write_bytes(done.files[run])
    feed = feed.rename(place.parent.with_name("elsewhere.jsonl"))
    _, made = report(feed, "-o", tmp_path / "r.html", "-s", f"OUTPUT_DIR={place.parent}")
    assert " 0 lists" not in made.out and "not found" not in made.out


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<body>")[2])).split())


def test_the_page_has_the_numbers_of_the_feed(done: Crawl, feed: Path, tmp_path: Path) -> None:
    page, made = report(feed, "-o", tmp_path / "r.html", "--timezone", "UTC")
    words = words_of(page)
    kinds = Counter(record["meta"]["record_type"] for record in done.records)
    assert f"{kinds['video']} posts" in words and f"{kinds['author']} creators" in words
    assert counted(len(done.failures), "failure") in words and done.failures[0]["error"]["name"] in words
    lists = [row for row in done.rows if row["stopped"] != "end"]
    assert f"{sum(row['stopped'] in ('end', 'item_limit') for row in done.rows)} of {len(done.rows)} lists" in words
    assert lists and all(row["target"] in words for row in lists)
    most = max((record for record in done.records if "digg_count" in record["statistics"]), key=likes)
    assert f"{likes(most):,}" in words and most["url"] in unescape(page)
    assert done.reports[0]["run_id"] in words
    assert f"{len(done.records)} records" in made.out


def likes(record: dict[str, Any]) -> int:
    return record["statistics"].get("digg_count") or 0


def test_a_compressed_feed_gives_the_same_page(feed: Path, tmp_path: Path) -> None:
    plain, _ = report(feed, "-o", tmp_path / "plain.html", "--title", "x")
    packed = feed.with_name("packed.jsonl.gz")
    packed.write_bytes(gzip.compress(feed.read_bytes()))
    same, _ = report(packed, "-o", tmp_path / "packed.html", "--title", "x")
    made_at = re.compile(r"Read from .*? on [\d :-]+")
    assert made_at.sub("", plain) == made_at.sub("", same)


def test_a_compressed_feed_without_its_end_gives_what_is_left(feed: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.jsonl.zst"
    packed.write_bytes(b"".join(map(zstd.compress, feed.read_bytes().splitlines(True)))[:-9])
    _, made = report(packed, "-o", tmp_path / "r.html", code=1)
    assert (
        f"{len(feed.read_bytes().splitlines()) - 1 - 1} records" in made.out and "1 line could not be read" in made.out
    )


def test_a_last_line_without_its_end_is_read_or_counted(feed: Path, tmp_path: Path) -> None:
    whole, cut, count = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl", len(feed.read_bytes().splitlines())
    whole.write_bytes(feed.read_bytes().rstrip(b"\n"))
    cut.write_bytes(feed.read_bytes()[:-9])
    _, made = report(whole, "-o", tmp_path / "r.html")
    assert f"{count - 1} records" in made.out  # one line is a failure
    _, made = report(cut, "-o", tmp_path / "r.html", code=1)
    assert "1 line could not be read" in made.out


def test_a_post_of_no_date_that_there_is_is_counted_as_unread(feed: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd.jsonl"
    line = next(line for line in feed.read_bytes().splitlines(True) if b'"record_type":"video"' in line)
    odd.write_bytes(line + re.sub(rb'"create_time":\d+', b'"create_time":' + b"9" * 20, line))
    _, made = report(odd, "-o", tmp_path / "r.html", code=1)
    assert "1 record" in made.out and "1 line could not be read" in made.out


def test_growth_is_what_posts_gained_since_they_were_first_seen(feed: Path, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in feed.read_bytes().splitlines()]
    (first, *_) = [line for line in lines if line["code"] == 200 and line["data"]["meta"]["record_type"] == "video"]
    later = json.loads(json.dumps(first))
    later["data"]["meta"]["fetched_at"] = "2030-01-02T03:04:05Z"
    later["data"]["statistics"]["play_count"] += 1234
    assert "Views and likes over time" not in words_of(report(feed, "-o", tmp_path / "once.html")[0])
    both = tmp_path / "both.jsonl"
    both.write_text("".join(json.dumps(line) + "\n" for line in (first, later)), "utf-8")
    words = words_of(report(both, "-o", tmp_path / "r.html", "--timezone", "UTC")[0])
    assert "1 post " in words and "2030-01-02 1,234 0" in words


def test_a_failure_counts_once_and_not_after_a_later_answer(feed: Path, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    [failure] = [line for line in lines if line["code"] != 200]
    later = json.loads(json.dumps(failure))
    later["data"]["meta"]["run_id"] = "9" + later["data"]["meta"]["run_id"][1:]
    answer = next(line for line in lines if line["code"] == 200)
    answer = json.loads(json.dumps({**answer, "router": failure["router"]}))
    answer["data"]["meta"] |= {"target": failure["data"]["error"]["input"], "key": None}
    for number, (run, expected) in enumerate([("8", 1), ("99", 0)]):
        answer["data"]["meta"]["run_id"] = f"{run}{failure['data']['meta']['run_id'][len(run) :]}"
        path = tmp_path / f"{number}.jsonl"
        path.write_text("".join(f"{json.dumps(line)}\n" for line in (answer, later, failure)), "utf-8")
        page, _ = report(path, "-o", tmp_path / f"{number}.html")
        assert counted(expected, "failure") in words_of(page)
        assert (failure["data"]["error"]["message"] in words_of(page)) == bool(expected)


def test_what_others_wrote_is_text_and_no_link_leads_to_a_script(feed: Path, tmp_path: Path) -> None:
    line = next(json.loads(line) for line in feed.read_bytes().splitlines() if b'"record_type":"video"' in line)
    line["data"] |= {"text": "<script>alert(1)</script>", "url": "javascript:alert(1)"}
    line["data"]["author"]["nickname"] = '"><img src=x>'
    hostile = tmp_path / "hostile.jsonl"
    hostile.write_text(json.dumps(line) + "\nno envelope\n{}\n", "utf-8")
    page, made = report(hostile, "-o", tmp_path / "r.html", code=1)
    assert "<script" not in page and "<img" not in page and 'href="javascript' not in page
    assert "2 lines could not be read" in words_of(page) and "2 lines could not be read" in made.out


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the same crawl, with snapshots in which a post got more views."""
    folder = tmp_path_factory.mktemp("database")
    path = folder / "crawl.db"
    settings = {"DATABASE_URL": f"sqlite:///{path}"}
    crawl(LINKS, "with=author", "max_items=20", world=WORLD, command=("crawl", "hybrid"), settings=settings)
    with closing(sqlite3.connect(path)) as connection, connection:
        (key,) = connection.execute("SELECT key FROM video WHERE statistics_play_count > 0 LIMIT 1").fetchone()
        connection.execute("DELETE FROM snapshot")
        for time, views in ((1_893_466_800, 10), (1_893_553_200, 1_244)):
            values = (key, time, "r", json.dumps({"play_count": views, "digg_count": 1}))
            connection.execute("INSERT INTO snapshot (key, time, run_id, counts) VALUES (?, ?, ?, ?)", values)
    return path


def test_a_database_gives_the_numbers_of_its_feed(done: Crawl, feed: Path, database: Path, tmp_path: Path) -> None:
    of_feed = words_of(report(feed, "-o", tmp_path / "f.html", "--timezone", "UTC")[0])
    for source in (database, f"sqlite:///{database}"):
        page, made = report(source, "-o", tmp_path / "d.html", "--timezone", "UTC")
        words = words_of(page)
        for start, end in (("posts", "failure"), ("Posts with the most likes", "Outcomes by endpoint")):
            assert between(words, start, end) == between(of_feed, start, end)
        assert "2030-01-02 1,234 0" in words, "the growth comes from the snapshots"
        assert f"{len(done.records)} records" in made.out
        assert all(row["target"] in words for row in done.rows)


def between(words: str, start: str, end: str) -> str:
    return words.partition(start)[2].partition(end)[0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("missing.jsonl", "-o", "r.html"), "missing.jsonl cannot be read"),
        (("FEED",), "give a database or feeds, and a file"),
        (("FEED", "-o", "FEED"), "would be overwritten"),
        (("FEED", "-o", "/proc/none/r.html"), "cannot be written"),
        (("FEED", "-o", "r.html", "--timezone", "Mars/Base"), "unknown time zone 'Mars/Base'"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(feed: Path, words: tuple[str, ...], sentence: str) -> None:
    _, made = report(*(str(feed) if word == "FEED" else word for word in words), code=2)
    assert sentence in made.out + made.err


@pytest.fixture(scope="module")
def page(feed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "r.html"
    report(feed, "-o", path)
    return path


def test_a_browser_shows_it_at_any_width_and_loads_nothing(page: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                view = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
                asked: list[str] = []
                view.on("request", lambda request, asked=asked: asked.append(request.url))
                view.goto(page.as_uri())
                assert view.evaluate("document.documentElement.scrollWidth") <= width, "nothing is cut off"
                assert asked == [page.as_uri()]
                assert view.evaluate("document.querySelectorAll('svg rect').length") > 5
                checked = axe.Axe().run(view)
                assert checked.violations_count == 0, checked.generate_report()
                view.close()
        browser.close()
