"""`DIALECT=v4`: posts under the names of the older API's `minimal` object.

The older API passed the platforms' own objects through. So the oracle is the answer in each fixture, with the rules by
which that API picked its values. They are written again here, and know nothing of our records.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from scraper.forgetting.person import Person
from scraper.output.dialect import DialectWriter, dialect_of
from scraper.output.envelope import Envelope, Error, Failure
from scraper.platform.platform import Platform
from scraper.records import Meta
from scraper.responses.exceptions import ArgumentError
from tests.cases import CASES, PLATFORMS, Case
from tests.crawling import Crawl, crawl
from tests.simulator import World
from tests.simulator.signing import OPEN

V4 = DialectWriter("v4", PLATFORMS)
Plain = dict[str, Any]

_IMAGE = {"uri": str, "url_list": [str], "width": int, "height": int}
_LINKED = {"wm_video_url": str, "wm_video_url_HQ": str, "nwm_video_url": str, "nwm_video_url_HQ": str}
_SHARED = {
    "type": str,
    "platform": str,
    "aweme_id": str,
    "video_id": str,
    "desc": str,
    "create_time": int,
    "meta": dict,
}
_AVATARS = ("avatar_larger", "avatar_medium", "avatar_thumb")
_IMAGES = {"no_watermark_image_list": [str], "watermark_image_list": [str]}
_TAG = {
    "type": int, "hashtag_name": str, "hashtag_id": str, "is_commerce": bool, "user_id": str, "sec_uid": str,
    "start": int, "end": int,
}  # fmt: skip
_WORK = _SHARED | {
    "author": {"uid": str, "sec_uid": str, "unique_id": str, "nickname": str, **dict.fromkeys(_AVATARS, _IMAGE)},
    "music": {
        "id": int, "id_str": str, "mid": str, "title": str, "author": str, "duration": int, "play_url": _IMAGE,
        "is_original_sound": bool,
    },
    "cover_data": {"cover": _IMAGE, "origin_cover": _IMAGE, "dynamic_cover": _IMAGE},
    "hashtags": [_TAG],
}  # fmt: skip
_COUNTS = dict.fromkeys(
    ("play_count", "digg_count", "comment_count", "share_count", "collect_count", "download_count"), int
) | {"aweme_id": str}
DOCUMENTED: dict[str, Plain] = {
    "douyin": _WORK | {"statistics": _COUNTS | {"forward_count": int, "admire_count": int}, "video_data": _LINKED},
    "tiktok": _WORK
    | {
        "statistics": _COUNTS | dict.fromkeys(("repost_count", "forward_count", "whatsapp_share_count"), int),
        "video_data": _LINKED,
    },
    "bilibili": _SHARED
    | {
        "author": {"mid": int, "name": str, "face": str},
        "music": None,
        "statistics": dict.fromkeys(
            ("aid", "view", "danmaku", "reply", "favorite", "coin", "share", "like", "now_rank", "his_rank"), int
        ),
        "cover_data": {"cover": str, "origin_cover": str, "dynamic_cover": str},
        "hashtags": None,
        "video_data": _LINKED | {"audio_url": str, "cid": int},
    },
}  # fmt: skip
"""The keys of each platform's object with their types."""


def posts() -> Iterator[tuple[Case, Plain]]:
    """Yield the posts of all golden files."""
    for case in CASES:
        for record in json.loads(case.expected.read_text("utf-8")).get("records", []):
            if record["meta"]["record_type"] == "video":
                yield case, record


def converted(record: Plain) -> Plain:
    return V4.converted({"code": 200, "router": "/api/a", "data": record})["data"]


def mistyped(value: Any, kind: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of values that are neither null nor of the documented type."""
    if value is None:
        return
    if isinstance(kind, dict):
        if not isinstance(value, dict) or value.keys() != kind.keys():
            yield path
            return
        for name, inner in kind.items():
            yield from mistyped(value[name], inner, f"{path}.{name}")
    elif isinstance(kind, list):
        for element in value if isinstance(value, list) else [path]:
            yield from mistyped(element, kind[0], f"{path}[]")
    elif kind is None or type(value) is not kind:
        yield path


def test_every_post_has_the_documented_keys_and_types() -> None:
    seen = set()
    for case, record in posts():
        post = converted(record)
        platform = record["meta"]["platform"]
        expected = DOCUMENTED[platform]
        if record["type"] == "image":
            expected = {name: kind for name, kind in expected.items() if name != "video_data"} | {"image_data": _IMAGES}
        assert list(mistyped(post, expected)) == [], case.label
        seen.add((platform, record["type"]))
    assert seen == {(platform, kind) for platform in DOCUMENTED for kind in ("video", "image")}


def raw_work(raw: Plain) -> Plain:
    """Return what the older API made of a work of Douyin or of TikTok's app, but for the addresses of its video.

    Profile pictures have the addresses of all sizes, since we write the largest as each.
    """
    video, author = raw.get("video") or {}, raw.get("author") or {}
    pictures = [image for name, image in author.items() if name.startswith("avatar_") and image]
    addresses = [address for image in pictures for address in image["url_list"] or ()]
    covers = {name: video.get(name) for name in ("cover", "origin_cover", "dynamic_cover")}
    same = {name: raw.get(name) for name in ("aweme_id", "desc", "create_time", "music", "statistics")}
    shown = author | {name: {"url_list": addresses} for name in _AVATARS}
    return same | {"author": shown, "cover_data": covers, "hashtags": raw.get("text_extra")}


def raw_view(raw: Plain) -> Plain:
    """Return what the older API made of a view of Bilibili."""
    return {
        "desc": unescape(re.sub("<.*?>", "", raw["title"])), "create_time": raw["pubdate"],
        "author": raw["owner"], "statistics": raw["stat"],
        "aweme_id": raw["bvid"], "cover_data": dict.fromkeys(("cover", "origin_cover", "dynamic_cover"), raw["pic"]),
    }  # fmt: skip


def compared(ours: Any, raw: Any, path: str = "") -> Iterator[tuple[str, bool]]:
    """Yield the paths of values that both know, and whether these are the same."""
    if ours is None or raw in (None, "", []):
        return
    if path.endswith(".url_list"):
        yield path, set(ours) <= {secure(address) for address in raw}
    elif path == ".hashtags":
        for entry in ours:
            known = {name: value for name, value in entry.items() if value is not None}
            if "start" in known:  # the others come from a list that the older API left out
                is_same = any(known.items() <= one.items() for one in raw)
                yield from ((f"{path}[].{name}", is_same) for name in known)
    elif isinstance(ours, dict):
        for name, value in ours.items():
            yield from compared(value, raw.get(name), f"{path}.{name}")
    else:
        yield path, ours == secure(raw)


def secure(value: Any) -> Any:
    """Return an address with https, any other value as it is."""
    return value.replace("http:", "https:", 1) if isinstance(value, str) else value


def names(shape: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all documented values."""
    if isinstance(shape, dict):
        for name, inner in shape.items():
            yield from names(inner, f"{path}.{name}")
    elif isinstance(shape, list) and isinstance(shape[0], dict):
        yield from names(shape[0], f"{path}[]")
    elif shape is not None:
        yield path


_OURS = (".type", ".platform", ".video_id", ".meta", ".video_data")  # the older API's own, and ours
_UNKNOWN = (".uri", ".width", ".height")  # of images: our records do not know them
_NOT_COUNTED = {"douyin": [".statistics.play_count"], "tiktok": [".statistics.repost_count"]}  # always 0; only in lists
RAW = {
    "douyin": ("aweme_detail", raw_work),
    "tiktok": ("aweme_list", lambda raw: raw_work(raw[0])),
    "bilibili": ("data", raw_view),
}


def test_what_is_known_is_what_the_older_api_passed_through(platform: Platform) -> None:
    same: set[str] = set()
    key, read = RAW[platform.name]
    for case, record in posts():
        raw = body(case) if (case.platform, case.endpoint.name) == (platform, "fetch_one_video") else {}
        if raw.get(key):
            both = dict(compared(converted(record), read(raw[key])))
            derived = [f".{path}" for path in record["meta"].get("approximate", ())]
            assert [path for path, is_same in both.items() if not is_same and path not in derived] == [], case.label
            same |= both.keys()
    left = {path for path in names(DOCUMENTED[platform.name]) if not path.startswith(_OURS)} - same
    assert sorted(path for path in left if not path.endswith(_UNKNOWN)) == _NOT_COUNTED.get(platform.name, [])


def body(case: Case) -> Plain:
    """Return the answer of a case, {} if it is no JSON object."""
    file = case.files.get("response")
    answer = json.loads(file.read_text("utf-8")) if file and file.suffix == ".json" else {}
    return answer if isinstance(answer, dict) else {}


def test_addresses_of_a_video_are_those_of_our_records() -> None:
    for case, record in posts():
        ours, post = record.get("video_data") or {}, converted(record)
        for name, value in post.get("video_data", {}).items():
            source = "audio_url_HQ" if name == "audio_url" else name
            assert value == (int(ours["cid"]) if name == "cid" and "cid" in ours else ours.get(source)), case.label
            assert not isinstance(value, str) or "radio=" not in value, "the older API had this misspelt"


def test_what_is_no_post_stays_as_it_is() -> None:
    error = Error(name="NOT_FOUND", message="", remedy="", retryable=False, retry_after=None, input="a")
    failure = Envelope(404, "/api/a", Failure(error=error, meta=Meta(platform="bilibili")))
    for item in (failure, {"a": 1}, {"code": 200, "data": {"meta": {"record_type": "comment", "platform": "tiktok"}}}):
        assert V4.converted(item) is item


def test_a_post_whose_fields_were_left_out_has_nulls() -> None:
    post = converted({"image_data": {"watermark_image_list": ["https://a.test/1"]}, "meta": envelope_meta("tiktok")})
    assert post["image_data"] == {"no_watermark_image_list": None, "watermark_image_list": ["https://a.test/1"]}
    assert post["author"]["uid"] is None and post["type"] is None and post["hashtags"] is None


def test_a_post_without_a_text_has_an_empty_one() -> None:
    for platform, field in (("bilibili", "text"), ("douyin", "desc"), ("tiktok", "desc")):
        assert converted({field: None, "meta": envelope_meta(platform)})["desc"] == ""
        assert converted({"meta": envelope_meta(platform)})["desc"] is None, "the field was left out"


def test_hashtags_and_mentions_are_in_the_order_of_the_text() -> None:
    tags = [{"name": "b", "start": 9}, {"name": "d"}, {"name": "a", "start": 0}]
    post = converted({"hashtags": tags, "mentions": [{"uid": "1", "start": 5}], "meta": envelope_meta("douyin")})
    assert [mark["hashtag_name"] or mark["user_id"] for mark in post["hashtags"]] == ["a", "1", "b", "d"]


def test_a_field_of_another_type_is_named() -> None:
    with pytest.raises(TypeError, match=r"author\.uid: there is a str in place of an object"):
        converted({"author": "someone", "meta": envelope_meta("bilibili")})


def test_an_id_that_is_no_number_stays() -> None:
    post = converted({"author": {"uid": "h1a2b3"}, "meta": envelope_meta("bilibili")})
    assert post["author"]["mid"] == "h1a2b3"


def envelope_meta(platform: str) -> Plain:
    return {"record_type": "video", "platform": platform}


def test_a_post_can_be_forgotten() -> None:
    for case, record in posts():
        if uid := record["author"].get("uid"):
            post, platform = converted(record), case.platform.name
            assert Person(platform, {uid}).is_to_go(post), case.label
            assert not Person(platform, {f"1{uid}"}).is_to_go(post), case.label


def test_an_unknown_dialect_is_refused() -> None:
    settings = get_project_settings()
    settings.set("DIALECT", "v5")
    with pytest.raises(ArgumentError, match="DIALECT=v5: unknown dialect v5; dialects are v4"):
        dialect_of(settings)
    assert dialect_of(Settings({"DIALECT": None})) is None


# Crawls

WORLD = World(seed=4, creators=2, videos=3, comments=3, signing=OPEN)
LINKS = [
    f"https://www.bilibili.com/video/{WORLD.video(0, 0).bvid}",
    WORLD.tiktok.url(WORLD.tiktok.video(0, 0)),
    f"https://www.douyin.com/video/{WORLD.douyin.video(0, 0).id}",
    "https://www.bilibili.com/video/BV1L9Uoa9EUx",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("v4")


@pytest.fixture(scope="module")
def finished(folder: Path) -> Crawl:
    outputs = [f"-O{folder}/{name}" for name in ("out.csv", "out.json", "out.xlsx")]
    settings = {"DATABASE_URL": f"sqlite:///{folder}/all.db", "DROP": "author.avatar_url", "RAW_CAPTURE": 1}
    return crawl(
        f"url={' '.join(LINKS)}", "with=comments", *outputs, world=WORLD, folder=folder, command=("crawl", "hybrid"),
        env={"DIALECT": "v4"}, configs=dict.fromkeys(("douyin_web", "tiktok_web"), ""), settings=settings,
    )  # fmt: skip


def test_a_feed_of_json_has_the_dialect(finished: Crawl, folder: Path) -> None:
    made = {record["platform"]: record for record in finished.records if "aweme_id" in record}
    assert made.keys() == DOCUMENTED.keys()
    for platform, post in made.items():
        assert list(mistyped(post, DOCUMENTED[platform])) == []
        assert post["meta"]["key"] == f"{platform}:video:{post['aweme_id']}"
    assert made["bilibili"]["desc"] == WORLD.video(0, 0).title
    assert made["bilibili"]["author"]["mid"] == WORLD.creator(0).mid
    assert made["bilibili"]["author"]["face"] is None, "DROP comes first"
    assert json.loads((folder / "out.json").read_text("utf-8")) == finished.envelopes


def test_other_records_and_failures_keep_our_names(finished: Crawl) -> None:
    assert {record["meta"]["record_type"] for record in finished.records if "comment_id" in record} == {"comment"}
    assert [failure["error"]["name"] for failure in finished.failures] == ["NOT_FOUND"]


def test_tables_keep_our_names_and_the_log_says_so(finished: Crawl, folder: Path) -> None:
    ids = {post["aweme_id"] for post in finished.records if "aweme_id" in post}
    with (folder / "out.video.csv").open(encoding="utf-8", newline="") as file:
        assert {row["video_id"] for row in csv.DictReader(file)} == ids
    with sqlite3.connect(folder / "all.db") as database:
        assert {
            row[0] for row in database.execute("SELECT video_id FROM video WHERE statistics_digg_count >= 0")
        } == ids
    database.close()
    sheet = load_workbook(folder / "out.xlsx", read_only=True)["video"]
    header, *rows = sheet.iter_rows(values_only=True)
    assert {row[header.index("video_id")] for row in rows} == ids
    warning = "DIALECT=v4: the columns of CSV and Excel files and the database keep the names of docs/records.md"
    assert finished.err.count(warning) == 1


def test_a_resumed_run_keeps_the_dialect(tmp_path: Path) -> None:
    link = f"url=https://space.bilibili.com/{WORLD.creator(0).mid} https://space.bilibili.com/{WORLD.creator(1).mid}"
    first = crawl(link, "max_requests=3", world=WORLD, folder=tmp_path, env={"DIALECT": "v4"})
    resumed = crawl(world=WORLD, folder=tmp_path, command=("resume",))
    assert 0 < len(first.records) < len(resumed.records) == 6
    assert {record["meta"]["dialect"] for record in resumed.records} == {"v4"}


def test_captured_answers_are_compared_in_the_dialect(finished: Crawl, folder: Path) -> None:
    [report] = finished.reports
    settings = {"DIALECT": "v4", "DROP": "author.avatar_url"}
    again = crawl(
        "--json", f"-O{folder}/new.jsonl", command=("renormalize", report["run_id"]), settings=settings, world=WORLD,
        folder=folder, feed=None,
    )  # fmt: skip
    [result] = json.loads(again.out)
    assert result["compared"]["fields"] == [] and not result["compared"]["new"], again.err
    assert result["compared"]["same"] > len(DOCUMENTED)


@pytest.mark.parametrize("command", [("report", "out.html"), ("convert", "out.parquet")])
def test_commands_that_read_feeds_refuse_the_dialect(finished: Crawl, folder: Path, command: tuple[str, str]) -> None:
    name, target = command
    refused = crawl(world=WORLD, folder=folder, command=(name, f"{folder}/out.jsonl", "-o", f"{folder}/{target}"))
    assert refused.code == 2 and "DIALECT=v4, for other programs; crawl without it" in refused.err, refused.err
    assert "out.jsonl" in refused.err


def test_a_crawl_with_an_unknown_dialect_does_not_start() -> None:
    refused = crawl(f"url={LINKS[0]}", settings={"DIALECT": "v5"}, feed=None)
    assert refused.code == 2 and "DIALECT=v5: unknown dialect v5; dialects are v4" in refused.err
    assert refused.requests == []
