"""That envelopes are items like any other: to ItemAdapter, to item loaders, to exporters, and in what they hold."""

import json
import pickle
from typing import Any

import pytest
from itemadapter import ItemAdapter
from itemloaders import ItemLoader
from itemloaders.processors import MapCompose, TakeFirst

import scraper.output.item_fields  # noqa: F401
from scraper.output.encoding import is_clean, plain, to_lines
from scraper.output.envelope import Envelope
from scraper.records import AuthorRef, Cover, Stream, Video, VideoData, meta_for
from scraper.records.video import Can, Flags, Refs, VideoStatistics


def envelope(title: str = "a title") -> Envelope:
    video = Video(
        video_id="7",
        kind="video",
        title=title,
        create_time=1,
        author=AuthorRef(nickname="someone"),
        flags=Flags(),
        can=Can(),
        refs=Refs(),
        cover_data=Cover(),
        url="https://example.com/7",
        statistics=VideoStatistics(play_count=5),
        video_data=VideoData(streams=[Stream(urls=["https://example.com/7.mp4"])]),
        meta=meta_for(Video, "toy", "7"),
    )
    return Envelope(200, "/api/toy/fetch_one_video", video)


def test_an_adapter_reads_an_envelope_as_its_line_has_it() -> None:
    item = envelope()
    line = json.loads(to_lines([item]))
    assert ItemAdapter(item).asdict() == line
    assert dict(ItemAdapter(item)["data"]["statistics"]) == line["data"]["statistics"]
    assert list(ItemAdapter(item).field_names()) == list(line)
    assert ItemAdapter(item.data).asdict() == line["data"]
    assert ItemAdapter(item.data.meta)["key"] == "toy:video:7"


def test_what_an_adapter_sets_is_in_the_record() -> None:
    item = envelope()
    fields = ItemAdapter(item)["data"]
    fields["title"] = "new"
    fields["statistics"]["play_count"] = 6
    fields["video_data"]["streams"][0]["width"] = 720
    fields["meta"]["approximate"].append("mine")
    fields.update({"url": "https://example.com/8"})
    fields |= {"kind": "image"}
    ItemAdapter(item.data)["region"] = "XX"
    assert (item.data.title, item.data.statistics.play_count, item.data.url) == ("new", 6, "https://example.com/8")
    assert (item.data.video_data.streams[0].width, item.data.kind) == (720, "image")
    assert item.data.meta.approximate == ["mine"]
    assert json.loads(to_lines([item]))["data"]["title"] == fields["title"] == "new"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda fields: fields.__setitem__("no_such_field", 1),
        lambda fields: fields.update(no_such_field=1),
        lambda fields: fields.pop("title"),
        lambda fields: fields.setdefault("no_such_field", 1),
        lambda fields: fields["video_data"]["streams"].append({}),
        lambda fields: fields["video_data"]["streams"].clear(),
    ],
)
def test_a_change_that_would_be_lost_is_refused(wrong: Any) -> None:
    item = envelope()
    before = to_lines([item])
    with pytest.raises((KeyError, TypeError)):
        wrong(ItemAdapter(item)["data"])
    assert to_lines([item]) == before


def test_an_item_loader_fills_a_record() -> None:
    class Loader(ItemLoader):
        default_output_processor = TakeFirst()
        title_in = MapCompose(str.strip, str.upper)

    item = envelope()
    item.data.title = None
    loader = Loader(item=item.data)
    loader.add_value("title", ["  loud "])
    assert loader.load_item() is item.data and item.data.title == "LOUD"


def test_an_envelope_survives_a_pickle() -> None:
    assert to_lines([pickle.loads(pickle.dumps(envelope()))]) == to_lines([envelope()])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\ud83d alone", "\ufffd alone"),
        ("a\0b", "a\ufffdb"),
        ("a\u2028b\u2029c\u0085d", "a\u2028b\u2029c\u0085d"),
        ("\\u0000 as text", "\\u0000 as text"),
        ("日本語 😀 \x1b \r\n", "日本語 😀 \x1b \r\n"),
    ],
)
def test_a_line_is_a_line_for_every_reader(text: str, read: str) -> None:
    lines = to_lines([envelope(text), envelope("plain")]).decode()
    assert len(lines.splitlines()) == 2 == lines.count("\n")
    assert [json.loads(line)["data"]["title"] for line in lines.splitlines()] == [read, "plain"]
    assert plain(envelope(text))["data"]["title"] == read
    assert is_clean([plain(envelope(text))]) or "\\u0000" in text
