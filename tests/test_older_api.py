"""`dialect=v4` over HTTP against answers of the older API with `minimal=true`.

Each file of `older_api/` has such an answer (`data`) and what the platform had sent in addition (`rest`). The older API
passed most objects through, so both together are the platform's answer, which the simulator sends.

The files are written by hand, with invented values. The older API's documentation has no whole answer: its names are
those of its documentation and code (version 4), and the names in passed objects are those of documented and recorded
answers of the platforms. Whatever differs in our answers has a row in docs/dialect.md.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest

from tests.cases import ROOT
from tests.front_support import served
from tests.long_lived import Live
from tests.simulator import Fault

HYBRID = "/api/hybrid/video_data"
Plain = dict[str, Any]
EXAMPLES: dict[str, Plain] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "tests" / "older_api").glob("*.json"))
}


# What the platforms send


def work(example: Plain) -> Plain:
    """Return the post of Douyin, or of TikTok's app, that the older API answered with an example."""
    data, rest = example["data"], example["rest"]
    same = {name: data[name] for name in ("desc", "create_time", "author", "music", "statistics")}
    own = {"aweme_id": data["video_id"], "text_extra": data["hashtags"], "video": rest["video"] | data["cover_data"]}
    return {**rest, **same, **own}


def page(example: Plain) -> str:
    """Return TikTok's page of a video, which lacks some counts and keys of the app."""
    data, files = example["data"], example["rest"]["video"]
    author, music, counts = data["author"], data["music"], data["statistics"]
    pictures = {name: image["url_list"][-1] for name, image in data["cover_data"].items()}
    marks = [
        {
            "start": mark["start"], "end": mark["end"], "type": mark["type"], "hashtagName": mark["hashtag_name"],
            "hashtagId": mark["hashtag_id"], "isCommerce": mark["is_commerce"], "userId": mark["user_id"],
            "secUid": mark["sec_uid"],
        }
        for mark in data["hashtags"]
    ]  # fmt: skip
    item = {
        "id": data["video_id"], "desc": data["desc"], "createTime": str(data["create_time"]),
        "author": {
            "id": author["uid"], "uniqueId": author["unique_id"], "nickname": author["nickname"],
            "secUid": author["sec_uid"], "avatarLarger": author["avatar_larger"]["url_list"][-1],
        },
        "music": {
            "id": music["id_str"], "title": music["title"], "authorName": music["author"],
            "duration": music["duration"], "original": music["is_original_sound"],
            "playUrl": music["play_url"]["url_list"][0],
        },
        "statsV2": {
            "playCount": str(counts["play_count"]), "diggCount": str(counts["digg_count"]),
            "commentCount": str(counts["comment_count"]), "shareCount": str(counts["share_count"]),
            "collectCount": str(counts["collect_count"]),
        },
        "textExtra": marks,
        "video": {
            "duration": files["duration"] // 1000, "width": files["width"], "height": files["height"],
            "cover": pictures["cover"], "originCover": pictures["origin_cover"],
            "dynamicCover": pictures["dynamic_cover"], "playAddr": files["play_addr"]["url_list"][0],
            "downloadAddr": files["download_addr"]["url_list"][0],
            "bitrateInfo": [
                {
                    "GearName": rate["gear_name"], "Bitrate": rate["bit_rate"], "CodecType": "h264",
                    "PlayAddr": {
                        "UrlList": rate["play_addr"]["url_list"], "UrlKey": rate["play_addr"]["url_key"],
                        "DataSize": str(rate["play_addr"]["data_size"]), "Width": rate["play_addr"]["width"],
                        "Height": rate["play_addr"]["height"],
                    },
                }
                for rate in files["bit_rate"]
            ],
        },
    }  # fmt: skip
    state = {"__DEFAULT_SCOPE__": {"webapp.video-detail": {"statusCode": 0, "itemInfo": {"itemStruct": item}}}}
    return f'<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{json.dumps(state)}</script>'


def view(example: Plain) -> Plain:
    """Return the view of Bilibili that the older API answered with an example."""
    data = example["data"]
    same = {"bvid": data["video_id"], "title": data["desc"], "pubdate": data["create_time"]}
    objects = {"owner": data["author"], "stat": data["statistics"], "pic": data["cover_data"]["cover"]}
    return {**example["rest"]["view"], **same, **objects}


def of_douyin(example: Plain) -> list[Fault]:
    body = {"status_code": 0, "aweme_details": [work(example)]}
    return [Fault(path="/share/*", do="html"), Fault(path="/web/api/v2/aweme/slidesinfo/", do="json", body=body)]


def of_app(example: Plain) -> list[Fault]:
    body = {"status_code": 0, "aweme_list": [work(example)]}
    return [Fault(path="/@*", do="html"), Fault(path="/aweme/v1/feed/", do="json", body=body)]


def of_page(example: Plain) -> list[Fault]:
    return [Fault(path="/@*", do="html", body=page(example))]


def of_bilibili(example: Plain) -> list[Fault]:
    rest, streams = example["rest"], "/x/player/wbi/playurl"
    return [
        Fault(path="/x/web-interface/view", do="json", body={"code": 0, "data": view(example)}),
        Fault(path=streams, query={"fnval": 4048}, do="json", body={"code": 0, "data": rest["dash"]}),
        Fault(path=streams, query={"fnval": 1}, do="json", body={"code": 0, "data": rest["mp4"]}),
    ]


SOURCES: dict[str, tuple[str, Callable[[Plain], list[Fault]]]] = {
    "bilibili video": ("bilibili_video", of_bilibili),
    "douyin image": ("douyin_image", of_douyin),
    "douyin video": ("douyin_video", of_douyin),
    "tiktok image": ("tiktok_image", of_app),
    "tiktok video": ("tiktok_video", of_app),
    "tiktok page video": ("tiktok_video", of_page),
}
"""By what the platform sends: the example, and the rules by which the simulator sends it."""


def answers(live: Live, source: str, *queries: Mapping[str, str], **settings: object) -> list[Plain]:
    """Return what calls for the post of an example are answered with."""
    name, sent = SOURCES[source]

    async def calls() -> list[Plain]:
        async with served(live, sent(EXAMPLES[name]), RETRY_TIMES=0, **settings) as (_, client, _):
            link = {"url": EXAMPLES[name]["link"]}
            return [(await client.get(HYBRID, params={**link, **query})).json() for query in queries]

    bodies = asyncio.run(calls())
    for body in bodies:
        assert (body["code"], body["router"]) == (200, HYBRID), body
    return [body["data"] for body in bodies]


def without_meta(post: Plain) -> Plain:
    return {name: value for name, value in post.items() if name != "meta"}


def types(value: Any) -> Iterator[type]:
    """Yield the types of all values: true equals 1, and is not the same."""
    yield type(value)
    inner = [value[name] for name in sorted(value)] if isinstance(value, dict) else value
    for part in inner if isinstance(inner, list) else ():
        yield from types(part)


# What differs: each change of an older answer has the name of a row in docs/dialect.md


def both_ids(post: Plain, source: str) -> None:
    post["aweme_id"] = post["video_id"]


def unknown_plays(post: Plain, source: str) -> None:
    if source.startswith("douyin"):
        post["statistics"]["play_count"] = None


def no_rank(post: Plain, source: str) -> None:
    if source.startswith("bilibili"):
        assert post["statistics"]["now_rank"] == 0
        post["statistics"]["now_rank"] = None


def reposts(post: Plain, source: str) -> None:
    if source.startswith("tiktok"):
        post["statistics"]["repost_count"] = post["statistics"]["forward_count"]


def counts_of_the_page(post: Plain, source: str) -> None:
    if "page" in source:
        unknown = ("download_count", "forward_count", "repost_count", "whatsapp_share_count")
        post["statistics"] |= dict.fromkeys(unknown)


def short_id(post: Plain, source: str) -> None:
    if source.startswith("douyin"):
        post["author"]["unique_id"] = post["author"]["unique_id"] or post["author"]["short_id"]


def no_title(post: Plain, source: str) -> None:
    if post["music"]:
        post["music"]["title"] = post["music"]["title"] or None


AVATARS = ("avatar_larger", "avatar_medium", "avatar_thumb")
KEPT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "bilibili": {
        "author": ("mid", "name", "face"),
        "statistics": (
            "aid", "view", "danmaku", "reply", "favorite", "coin", "share", "like", "now_rank", "his_rank",
        ),
    },
    "douyin": {
        "author": ("uid", "sec_uid", "unique_id", "nickname", *AVATARS),
        "statistics": (
            "aweme_id", "play_count", "digg_count", "comment_count", "share_count", "collect_count", "forward_count",
            "download_count", "admire_count",
        ),
    },
    "tiktok": {
        "author": ("uid", "sec_uid", "unique_id", "nickname", *AVATARS),
        "statistics": (
            "aweme_id", "play_count", "digg_count", "comment_count", "share_count", "collect_count", "repost_count",
            "forward_count", "download_count", "whatsapp_share_count",
        ),
    },
}  # fmt: skip
MUSIC = ("id", "id_str", "mid", "title", "author", "duration", "play_url", "is_original_sound")


def fewer_keys(post: Plain, source: str) -> None:
    for name, kept in {**KEPT[source.split()[0]], "music": MUSIC}.items():
        if post[name]:
            post[name] = {key: post[name].get(key) for key in kept}


def one_address(image: Plain | None) -> Plain | None:
    """Return an image without its size and mirrors, as JPEG if there is one."""
    addresses = image["url_list"] if image else []
    best = [address for address in addresses if address.endswith(".jpeg")] or addresses
    return {"uri": None, "url_list": best[:1], "width": None, "height": None} if image else None


def images(post: Plain, source: str) -> None:
    if not source.startswith("bilibili"):
        post["cover_data"] = {name: one_address(image) for name, image in post["cover_data"].items()}
        post["author"] |= {name: one_address(post["author"].get(name)) for name in AVATARS}
        if post["music"]:
            post["music"]["play_url"] = one_address(post["music"]["play_url"])


def largest_avatar(post: Plain, source: str) -> None:
    if not source.startswith("bilibili"):
        largest = next(image for name in AVATARS if (image := post["author"].get(name)))
        post["author"] |= dict.fromkeys(AVATARS, largest)


def jpegs(post: Plain, source: str) -> None:
    for name, addresses in post.get("image_data", {}).items():
        assert all(".webp" in address for address in addresses)
        post["image_data"][name] = [address.replace(".webp", ".jpeg") for address in addresses]


TAG = ("type", "hashtag_name", "hashtag_id", "is_commerce", "start", "end")
MENTION = ("type", "user_id", "sec_uid", "start", "end")


def hashtags(post: Plain, source: str) -> None:
    nulls = dict.fromkeys((*TAG, *MENTION))
    marks = [mark for mark in post["hashtags"] or () if "search_text" not in mark]
    own = [{name: mark[name] for name in (TAG if mark["type"] == 1 else MENTION)} for mark in marks]
    post["hashtags"] = None if post["hashtags"] is None else [nulls | mark for mark in own]


def https(post: Plain, source: str) -> None:
    for place in (post["author"], post["cover_data"]):
        place |= {name: "https:" + text[5:] for name, text in place.items() if str(text).startswith("http:")}


def files_of(source: str, name: str, *path: str | int) -> Callable[[Plain, str], None]:
    """Return the change that an address of `video_data` is one from `rest`.

    :param path: none for null
    """

    def change(post: Plain, now: str) -> None:
        if now.startswith(source) and "video_data" in post:
            address: Any = EXAMPLES[SOURCES[now][0]]["rest"] if path else None
            for step in path:
                address = address[step]
            post["video_data"][name] = address

    return change


def ratio(post: Plain, source: str) -> None:
    if source == "douyin video":
        older = post["video_data"]["wm_video_url"]
        post["video_data"]["wm_video_url"] = older.replace("radio=1080p", "ratio=720p")


FILES = ("video", "bit_rate", 1, "play_addr", "url_list", 0)
ROWS: dict[str, tuple[Callable[[Plain, str], None], ...]] = {
    "`aweme_id`, `video_id`": (both_ids,),
    "`statistics.play_count` on Douyin": (unknown_plays,),
    "`statistics.now_rank`, `his_rank` on Bilibili": (no_rank,),
    "`statistics.forward_count`, `repost_count` on TikTok": (reposts,),
    "some `statistics` on TikTok": (counts_of_the_page,),
    "`author.unique_id` on Douyin": (short_id,),
    "`music.title`": (no_title,),
    "`author.avatar_larger`, `avatar_medium`, `avatar_thumb`": (largest_avatar,),
    "images (`avatar_larger`, `cover` …), `music.play_url`": (images,),
    "`author`, `music`, `statistics`": (fewer_keys,),
    "`image_data`": (jpegs,),
    "`hashtags`": (hashtags,),
    "addresses": (https,),
    "`video_data.wm_video_url` on Douyin": (ratio,),
    "`video_data.wm_video_url_HQ` on Douyin": (
        files_of("douyin", "wm_video_url_HQ", "video", "download_addr", "url_list", 0),
    ),
    "`video_data.nwm_video_url_HQ`": (
        files_of("douyin", "nwm_video_url_HQ", *FILES), files_of("tiktok", "nwm_video_url_HQ", *FILES),
    ),
    "`video_data.wm_*` on Bilibili": (
        files_of("bilibili", "wm_video_url"), files_of("bilibili", "wm_video_url_HQ"),
    ),
    "`video_data.nwm_video_url` on Bilibili": (files_of("bilibili", "nwm_video_url", "mp4", "durl", 0, "url"),),
    "`video_data.nwm_video_url_HQ`, `audio_url` on Bilibili": (
        files_of("bilibili", "audio_url", "dash", "dash", "audio", 1, "baseUrl"),
    ),
}  # fmt: skip
"""By the row's first cell, in the order in which they are made."""
OTHER_ROWS = {
    "any": "no example lacks a key: see the fixtures in test_dialect.py",
    "`type`": "the fixture detail_note_typed_as_video",
    "`video_data.error` on Bilibili": "as any key that is missing",
    "`minimal=false`": "test_minimal_changes_nothing_in_a_dialect",
    "`desc` on Bilibili": "the example has a title",
    "`image_data` on Bilibili": "the older API had no such answer",
    "`mid`, `aid`, `cid`, `music.id`": "test_dialect.py",
}


@pytest.mark.parametrize("source", SOURCES)
def test_an_answer_is_the_older_one_but_for_named_exceptions(live: Live, source: str) -> None:
    [post] = answers(live, source, {"dialect": "v4"})
    expected = deepcopy(EXAMPLES[SOURCES[source][0]]["data"])
    for changes in ROWS.values():
        for change in changes:
            change(expected, source)
    assert without_meta(post) == expected
    assert [*types(without_meta(post))] == [*types(expected)]
    assert post["meta"]["dialect"] == "v4"


def test_every_exception_has_its_row_and_is_needed() -> None:
    page = (ROOT / "docs" / "dialect.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \|", page.partition("## What differs from that API")[2], re.MULTILINE)
    assert sorted(rows) == sorted(["key", *ROWS, *OTHER_ROWS])
    for row, changes in ROWS.items():
        for change in changes:
            posts = {source: deepcopy(EXAMPLES[name]["data"]) for source, (name, _) in SOURCES.items()}
            before = deepcopy(posts)
            for source, post in posts.items():
                change(post, source)
            assert posts != before, row


@pytest.mark.parametrize("source", SOURCES)
def test_minimal_changes_nothing_in_a_dialect(live: Live, source: str) -> None:
    queries = [{"dialect": "v4"}, *({"dialect": "v4", "minimal": value} for value in ("true", "false"))]
    first, *others = map(without_meta, answers(live, source, *queries))
    assert others == [first, first]
    assert list(map(without_meta, answers(live, source, {"minimal": "true"}, DIALECT="v4"))) == [first]


def test_minimal_has_the_spellings_of_the_older_api(live: Live) -> None:
    words = {"true": ("true", "True", "1", "yes", "on", "t", "y"), "false": ("false", "0", "no", "off", "F", "n", "")}
    queries = [{"minimal": word} for spellings in words.values() for word in spellings]
    posts = [set(post) for post in answers(live, "douyin video", *queries)]
    minimal, full = posts[0], posts[-1]
    assert minimal < full and "alt_ids" in full - minimal
    assert posts == [minimal] * len(words["true"]) + [full] * len(words["false"])
