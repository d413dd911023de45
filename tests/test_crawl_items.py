"""What pipelines, signals, extensions and exporters of others see of pages."""

from __future__ import annotations

import csv
import json
import logging
import marshal
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import scrapy
from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.extensions.feedexport import ItemFilter
from spidermon import Monitor, MonitorSuite, monitors
from spidermon.contrib.scrapy import monitors as common

from scraper.output.envelope import Envelope
from scraper.output.exit_code import of_crawl
from scraper.output.exporters import JsonLinesExporter
from tests.pages import run
from tests.test_items import envelope

TITLES = ["a", "b", "c", "d", "e"]
HERE = __name__


def pages() -> list[list[Envelope]]:
    """Three records, one, and one: all kinds of last ones."""
    made = [envelope(title) for title in TITLES]
    return [made[:3], made[3:4], made[4:]]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def titles(path: Path) -> list[str]:
    return [line["data"]["title"] for line in lines(path) if line["code"] == 200]


class Reject:
    """A plain pipeline: drops, raises or changes by title."""

    drop, fail = "", ""

    def process_item(self, item: Any) -> Any:
        title = ItemAdapter(item)["data"]["title"]
        if title in self.drop:
            raise DropItem("not wanted")
        if title in self.fail:
            raise ValueError(f"a mistake about {title}")
        return item


class Capitals:
    """An asynchronous pipeline that returns a dict."""

    async def process_item(self, item: Any) -> Any:
        made = ItemAdapter(item).asdict()
        made["data"]["title"] = made["data"]["title"].upper()
        return made | {"mine": 1}


class Seen:
    """Receives the signals of items."""

    def __init__(self, crawler: Crawler):
        self.scraped: list[tuple[str, str]] = []
        self.dropped: list[str] = []
        self.failed: list[str] = []
        for receiver, signal in (
            (self.on_scraped, signals.item_scraped),
            (self.on_dropped, signals.item_dropped),
            (self.on_failed, signals.item_error),
        ):
            crawler.signals.connect(receiver, signal)

    async def on_scraped(self, item: Any, response: Any, spider: Any) -> None:
        fields = ItemAdapter(item)
        shown = fields["data"]["title"] if fields["code"] == 200 else fields["data"]["error"]["name"]
        self.scraped.append((shown, response.url))

    def on_dropped(self, item: Any, response: Any, exception: Exception, spider: Any) -> None:
        self.dropped.append(item.data.title)

    def on_failed(self, item: Any, response: Any, failure: Any, spider: Any) -> None:
        assert failure.check(ValueError, TypeError)
        self.failed.append(item.data.title)


def watched(settings: dict[str, Any]) -> tuple[dict[str, Any], Seen]:
    receivers: list[Seen] = []
    stats = run(pages(), lambda crawler: receivers.append(Seen(crawler)), **settings)
    return stats, receivers[0]


def feed(tmp_path: Path, name: str = "out.jsonl", **options: Any) -> tuple[Path, dict[str, Any]]:
    path = tmp_path / name
    return path, {str(path): {"format": path.suffix[1:], **options}}


def test_each_record_is_signalled_once_and_with_its_response(tmp_path: Path) -> None:
    path, feeds = feed(tmp_path)
    stats, receiver = watched({"FEEDS": feeds})
    assert sorted(receiver.scraped) == [
        ("a", "data:,0"),
        ("b", "data:,0"),
        ("c", "data:,0"),
        ("d", "data:,1"),
        ("e", "data:,2"),
    ]
    assert (stats["item_scraped_count"], titles(path)) == (5, TITLES)
    assert of_crawl(stats) == 0


def test_without_a_receiver_the_count_is_the_same(tmp_path: Path) -> None:
    path, feeds = feed(tmp_path)
    assert run(pages(), FEEDS=feeds)["item_scraped_count"] == 5 == len(titles(path))


@pytest.mark.parametrize("lost", ["a", "c", "d", "abc", "abcde", "be"])
def test_a_dropped_record_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    monkeypatch.setattr(Reject, "drop", lost)
    path, feeds = feed(tmp_path)
    stats, receiver = watched({"FEEDS": feeds, "ITEM_PIPELINES": {f"{HERE}.Reject": 1}})
    left = [title for title in TITLES if title not in lost]
    assert titles(path) == left == sorted(title for title, _ in receiver.scraped)
    assert sorted(receiver.dropped) == sorted(lost) and not receiver.failed
    assert stats.get("item_scraped_count", 0) == len(left) and stats["item_dropped_count"] == len(lost)
    assert of_crawl(stats) == 0, "it was dropped on purpose"


@pytest.mark.parametrize("lost", ["a", "c", "d", "abcde"])
def test_a_record_whose_pipeline_raises_is_a_line_with_code_500(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr(Reject, "fail", lost)
    path, feeds = feed(tmp_path)
    stats, receiver = watched({"FEEDS": feeds, "ITEM_PIPELINES": {f"{HERE}.Reject": 1}})
    assert titles(path) == [title for title in TITLES if title not in lost]
    bugs = [line["data"] for line in lines(path) if line["code"] == 500]
    assert [bug["error"]["name"] for bug in bugs] == ["BUG"] * len(lost)
    assert all(
        f"was lost in {HERE}.Reject: ValueError: a mistake about" in bug["error"]["message"]
        and bug["error"]["remedy"].startswith(f"fix {HERE}.Reject: the traceback is in the log")
        and bug["meta"]["key"]
        for bug in bugs
    )
    assert sorted(receiver.failed) == sorted(lost)
    assert stats["item_scraped_count"] == len(lines(path)) == len(receiver.scraped) == 5
    assert of_crawl(stats) == 1


class Raising(JsonLinesExporter):
    """An exporter of the user's own."""

    def export_page(self, items: Any) -> None:
        raise ZeroDivisionError

    def export_item(self, item: Any) -> None:
        if item.code == 200:
            raise ZeroDivisionError("a mistake of an exporter")
        super().export_page([item])


class Fussy(ItemFilter):
    """An item filter of the user's own."""

    def accepts(self, item: Any) -> bool:
        if item.code == 200:
            raise LookupError("a mistake of a filter")
        return True


class Spoiler:
    """A pipeline that makes what no exporter can write."""

    def process_item(self, item: Any) -> Any:
        item.data.desc = object()
        return item


@pytest.mark.parametrize(
    ("settings", "options", "message", "remedy"),
    [
        (
            {"FEED_EXPORTERS": {"mine": f"{HERE}.Raising"}}, {"format": "mine"},
            f"was lost in {HERE}.Raising: ZeroDivisionError: a mistake of an exporter", f"fix {HERE}.Raising",
        ),
        ({}, {"item_filter": f"{HERE}.Fussy"}, f"was lost in {HERE}.Fussy: LookupError: a mist", f"fix {HERE}.Fussy"),
        (
            {"ITEM_PIPELINES": {f"{HERE}.Spoiler": 1}}, {},
            "was lost in scraper.output.exporters.JsonLinesExporter: TypeError", f"check what {HERE}.Spoiler made",
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_code_of_the_user_is_named(
    tmp_path: Path, settings: dict[str, Any], options: dict[str, Any], message: str, remedy: str
) -> None:
    path, feeds = feed(tmp_path, **options)
    stats = run(pages()[:1], FEEDS=feeds, **settings)
    errors = [line["data"]["error"] for line in lines(path)]
    assert len(errors) == 3 and {error["name"] for error in errors} == {"BUG"} and of_crawl(stats) == 1
    assert all(message in error["message"] and error["remedy"].startswith(remedy) for error in errors), errors


@pytest.mark.parametrize("place", range(5))
def test_a_record_that_cannot_be_encoded_costs_itself(tmp_path: Path, place: int) -> None:
    made = pages()
    [one for page in made for one in page][place].data.desc = object()
    path, feeds = feed(tmp_path)
    stats = run(made, FEEDS=feeds | feed(tmp_path, "out.json")[1])
    assert titles(path) == TITLES[:place] + TITLES[place + 1 :]
    assert (
        [line["code"] for line in lines(path)].count(500)
        == 1
        == [line["code"] for line in json.loads((tmp_path / "out.json").read_text())].count(500)
    )
    assert of_crawl(stats) == 1


def test_a_pipeline_may_return_a_dict_and_be_asynchronous(tmp_path: Path) -> None:
    path, feeds = feed(tmp_path)
    database = f"sqlite:///{tmp_path}/a.db"
    stats = run(
        pages(),
        FEEDS=feeds,
        ITEM_PIPELINES={f"{HERE}.Capitals": 1},  # the database stays on
        DATABASE_URL=database,
    )
    assert titles(path) == [title.upper() for title in TITLES] and all(line["mine"] == 1 for line in lines(path))
    assert stats["database/rows"] == 5 and of_crawl(stats) == 0


class Halves:
    """An item filter."""

    def __init__(self, options: dict[str, Any]):
        self.options = options

    def accepts(self, item: Any) -> bool:
        return ItemAdapter(item)["data"]["title"] in self.options["mine"]


def test_filters_fields_batches_and_empty_feeds_are_by_record(tmp_path: Path) -> None:
    def place(name: str, **options: Any) -> dict[str, Any]:
        return {f"{tmp_path}/{name}": {"format": "jsonl", **options}}

    stats = run(
        pages(),
        FEEDS=place("filtered", item_filter=f"{HERE}.Halves", mine="ace")
        | place("classes", item_classes=["scraper.output.envelope.Envelope"])
        | place("none", item_classes=["scrapy.Item"])
        | place("absent", item_classes=["scrapy.Item"], store_empty=False)
        | place("batch-%(batch_id)d", batch_item_count=2)
        | place("fields", fields={"code": "status", "router": "router"}),
    )
    assert titles(tmp_path / "filtered") == ["a", "c", "e"] and titles(tmp_path / "classes") == TITLES
    assert (tmp_path / "none").read_bytes() == b"" and not (tmp_path / "absent").exists()
    assert [titles(tmp_path / f"batch-{number}") for number in (1, 2, 3)] == [["a", "b"], ["c", "d"], ["e"]]
    assert lines(tmp_path / "fields")[0] == {"status": 200, "router": "/api/toy/fetch_one_video"}
    assert of_crawl(stats) == 0


def read_marshal(path: Path) -> list[Any]:
    items = []
    with path.open("rb") as file:
        while file.peek(1):
            items.append(marshal.load(file))
    return items


def read_pickle(path: Path) -> list[Any]:
    items = []
    with path.open("rb") as file:
        while file.peek(1):
            items.append(pickle.load(file))
    return items


def read_xml(path: Path) -> list[Any]:
    return [{"data": {"title": element.findtext("data/title")}} for element in ElementTree.parse(path).getroot()]


def read_csv(path: Path) -> list[Any]:
    with path.with_suffix(".video").open(newline="", encoding="utf-8") as file:
        return [{"data": {"title": row["title"]}} for row in csv.DictReader(file)]


READERS: dict[str, Callable[[Path], list[Any]]] = {
    "jsonlines": lines,
    "json": lambda path: json.loads(path.read_text("utf-8")),
    "csv": read_csv,
    "xml": read_xml,
    "pickle": read_pickle,
    "marshal": read_marshal,
    "pprint": lambda path: [
        {"data": {"title": title}} for title in TITLES if f"'title': '{title}'" in path.read_text()
    ],
}


@pytest.mark.parametrize("format_", READERS)
def test_every_format_of_scrapy_holds_the_records(tmp_path: Path, format_: str) -> None:
    path, made = tmp_path / "out", pages()
    made[0][1].data.desc = "\0 \ud83d \x1b"
    assert of_crawl(run(made, FEEDS={str(path): {"format": format_, "indent": 2}})) == 0
    assert [row["data"]["title"] for row in READERS[format_](path)] == TITLES


class Product(scrapy.Item):
    name = scrapy.Field()


@dataclass
class Offer:
    name: str


def test_items_of_a_spider_of_another_kind_are_written_too(tmp_path: Path) -> None:
    path, feeds = feed(tmp_path)
    stats = run([[{"name": "dict"}, Product(name="item"), Offer("dataclass")]], FEEDS=feeds)
    assert [line["name"] for line in lines(path)] == ["dict", "item", "dataclass"]
    assert (stats["item_scraped_count"], of_crawl(stats)) == (3, 0)
    lost = run([[{"name": "dict"}, {"name": object()}]], FEEDS=feeds)
    assert of_crawl(lost) == 1, "there is no line for it, so that the exit code says so"


def test_a_crawl_is_closed_by_the_number_of_records() -> None:
    assert run(pages(), CLOSESPIDER_ITEMCOUNT=2)["finish_reason"] == "closespider_itemcount"
    assert run(pages(), CLOSESPIDER_ITEMCOUNT=9)["finish_reason"] == "finished"


def test_each_record_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "scrapy.core.scraper"):
        run(pages())
    assert sum("Scraped from" in record.message for record in caplog.records) == 5


@monitors.name("records")
class Coverage(Monitor):
    __test__ = False  # it is Spidermon that runs it

    def test_item_count(self) -> None:
        assert self.data.stats["item_scraped_count"] == 5


class Suite(MonitorSuite):
    monitors = (Coverage,)


@pytest.mark.parametrize(("needed", "verdict"), [(0.8, "OK"), (0.9, "FAIL")])
def test_spidermon_counts_records_and_their_fields(
    caplog: pytest.LogCaptureFixture, needed: float, verdict: str
) -> None:
    made = pages()
    made[1][0].data.title = None
    with caplog.at_level(logging.INFO):
        stats = run(
            made,
            EXTENSIONS={"spidermon.contrib.scrapy.extensions.Spidermon": 500},
            LOG_LEVEL="INFO",
            SPIDERMON_ENABLED=True,
            SPIDERMON_ADD_FIELD_COVERAGE=True,
            SPIDERMON_FIELD_COVERAGE_SKIP_NONE=True,
            SPIDERMON_FIELD_COVERAGE_RULES={"Envelope/data/title": needed, "Envelope/data/statistics/play_count": 1.0},
            SPIDERMON_MIN_ITEMS=5,
            SPIDERMON_SPIDER_CLOSE_MONITORS=[
                f"{HERE}.Suite",
                f"{HERE}.Common",
            ],
        )
    assert stats["spidermon_item_scraped_count/Envelope"] == 5
    assert stats["spidermon_field_coverage/Envelope/data/title"] == 0.8
    messages = [record.message for record in caplog.records if "[Spidermon]" in record.message]
    assert any(message.endswith(f"field_coverage_rules_are_met... {verdict}") for message in messages), messages
    assert any("test_item_count... OK" in message for message in messages) and any(
        "test_stat_monitor... OK" in message for message in messages
    )


class Common(MonitorSuite):
    monitors = (common.FieldCoverageMonitor, common.ItemCountMonitor)
