"""The routes of the app: the feed, and some works at once."""

from __future__ import annotations

from typing import Any

import orjson

from tests.simulator.messages import Answer, Request, json_answer, parse_query
from tests.simulator.platforms.tiktok import streams, subtitles
from tests.simulator.platforms.tiktok.gate import Gate
from tests.simulator.platforms.tiktok.item import counts, images_of, tag_of, user_stats
from tests.simulator.platforms.tiktok.streams import picture
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.realm import Maker, Work
from tests.simulator.worlds.tiktok import HALF, TiktokWorld

FEED = 6


def feed(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """What the app shows first: the asked work, if it may be seen, and others behind it."""
    if not gate.telephone(request) or (world.strict and "x-ladon" not in request.headers):
        return Answer()
    work = world.work_of(request.query.get("aweme_id", ""))
    kind = work.kind if work else ""
    way = HALF[kind] if kind.startswith("feed_") else kind
    if way == "empty_body":
        return Answer()
    others = [world.video(0, place) for place in range(min(FEED, world.videos))]
    shown = [other for other in others if work is None or other.id != work.id]
    if work is not None and kind not in world.hidden and way != "other":
        shown.insert(1 if way == "second" else 0, work)
    works = [aweme(world, work) for work in shown]
    body = {"status_code": 0, "aweme_list": works, "has_more": 1, "min_cursor": 0, "max_cursor": 0}
    return json_answer({**body, "log_pb": {"impr_id": hex_of(request.raw_query).upper()}})


def multi_detail(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """Some works; only for a registered device, with a header that may be empty."""
    query = request.query
    known = (query.get("iid"), query.get("device_id")) == (world.iid, world.device_id)
    if not gate.telephone(request) or (world.strict and not (known and "x-argus" in request.headers)):
        return Answer()
    form = parse_query(request.body.decode("latin-1"))
    try:
        idents = [str(ident) for ident in orjson.loads(form.get("aweme_ids", "[]"))]
    except orjson.JSONDecodeError:
        return invalid()
    works = [work for work in map(world.work_of, idents) if work is not None and work.kind not in world.hidden]
    return json_answer({"status_code": 0, "aweme_details": [aweme(world, work) for work in works], "extra": {}})


def invalid() -> Answer:
    """What is said about an id that is none."""
    return json_answer({"log_pb": {"impr_id": hex_of("log")}, "status_code": 5, "status_msg": "Invalid parameters"})


def aweme(world: TiktokWorld, work: Work) -> dict[str, Any]:
    """A work as the app writes it."""
    maker, exact, tag = world.creator(work.owner), counts(world, work), tag_of(work)
    start = len(work.title) + 1
    images = images_of(work)
    part = {"start": start, "end": start + 1 + len(tag), "type": 1, "hashtag_name": tag, "hashtag_id": "4000"}
    made: dict[str, Any] = {
        "aweme_id": work.id,
        "desc": f"{work.title} #{tag}",
        "create_time": work.created,
        "aweme_type": 150 if images else 0,
        "region": "US",
        "is_top": 0,
        "is_ads": False,
        "desc_language": "en",
        "prevent_download": False,
        "author": _author(world, maker),
        "author_user_id": int(maker.uid),
        "music": _music(work, maker),
        "statistics": {
            "aweme_id": work.id,
            **{f"{name.removesuffix('Count')}_count": value for name, value in exact.items()},
        },
        "status": _status(work),
        "video": _video(world, work),
        "text_extra": [part],
        "cha_list": [{"cid": "4000", "cha_name": tag}],
        "hybrid_label": [{"text": "Friends only"}] if work.kind == "friends_only" else None,
        "share_url": f"https://m.tiktok.com/v/{work.id}.html?_d=1&language=en&share_item_id={work.id}",
    }
    if images:
        shown = [_image(world, work, place) for place in range(images)]
        cover = shown[0]["display_image"]
        made["image_post_info"] = {"images": shown, "image_post_cover": {"display_image": cover}, "title": work.title}
    return made


def _author(world: TiktokWorld, maker: Maker) -> dict[str, Any]:
    return {
        "uid": maker.uid,
        "short_id": "0",
        "unique_id": maker.handle,
        "nickname": maker.name,
        "sec_uid": maker.sec_uid,
        "avatar_thumb": {"uri": maker.uid, "url_list": [picture(world, maker.uid, "Thumb")]},
        "follower_count": user_stats(world, maker)["followerCount"],
        "region": "US",
        "secret": 0,
        "verification_type": 0,
        "custom_verify": "",
    }


def _music(work: Work, maker: Maker) -> dict[str, Any]:
    number = str(int(work.id) - 1_000_000)
    url = f"https://sf16-ies-music-va.tiktokcdn.com/obj/musically-maliva-obj/{number}.mp3"
    names = {"id": int(number), "id_str": number, "mid": number, "title": "original sound", "author": maker.name}
    return {**names, "play_url": {"uri": url, "url_list": [url]}, "duration": 5 + work.hash % 55, "is_original": False}


def _status(work: Work) -> dict[str, Any]:
    return {
        "aweme_id": work.id,
        "is_delete": False,
        "is_private": work.kind == "private_flag",
        "private_status": {"private_flag": 1, "friends_only": 2}.get(work.kind, 0),
        "allow_share": True,
        "allow_comment": work.kind != "comments_closed",
        "in_reviewing": False,
        "reviewed": 1,
        "self_see": False,
        "is_prohibited": False,
        "download_status": 0,
    }


def _video(world: TiktokWorld, work: Work) -> dict[str, Any]:
    covers = {name: {"uri": work.id, "url_list": [picture(world, work.id, name)]} for name in ("cover", "origin_cover")}
    if images_of(work):
        url = f"https://sf16-ies-music-va.tiktokcdn.com/obj/musically-maliva-obj/{work.id}.mp3"
        return {"play_addr": {"uri": url, "url_list": [url], "width": 720, "height": 720}, **covers, "duration": 0}
    rates = [_rate(world, work, place, rendition) for place, rendition in enumerate(streams.renditions(work))]
    main = next((rate for rate in rates if not rate["is_bytevc1"]), rates[0])["play_addr"]
    return {
        "play_addr": main,
        "download_addr": {
            "uri": main["uri"],
            "url_list": [streams.app(world, streams.film(world, work, f"{work.id}_wm", 900_000), "&watermark=1")],
        },
        "has_watermark": True,
        "bit_rate": [] if work.kind == "no_bitrate" else rates,
        **covers,
        "duration": streams.length(work) * 1000,
        "ratio": "720p",
        "width": main["width"],
        "height": main["height"],
        "cdn_url_expired": 0,
        "cla_info": subtitles.of_app(world, work),
    }


def _rate(world: TiktokWorld, work: Work, place: int, rendition: tuple[int, int, str, str, int]) -> dict[str, Any]:
    width, height, name, codec, rate = rendition
    key = f"{streams.uri_of(work)}_{codec}_{name}p_{rate}"
    file = streams.film(world, work, key, rate, codec)
    coded = int(codec != "h264")
    play: dict[str, Any] = {"uri": streams.uri_of(work), "url_list": [streams.app(world, file)], "url_key": key}
    play |= {"width": width, "height": height, "data_size": file.size}
    gear = f"{'adapt' if coded else 'normal'}_{name}_{coded}"
    numbers = {"quality_type": 10 + place, "bit_rate": rate, "is_bytevc1": coded, "is_h265": coded}
    return {"gear_name": gear, **numbers, "play_addr": play}


def _image(world: TiktokWorld, work: Work, place: int) -> dict[str, Any]:
    urls = [picture(world, work.id, place, kind=kind) for kind in ("jpeg", "webp")]
    marked = [picture(world, work.id, place, "mark")]
    return {
        "display_image": {"url_list": urls, "width": 1080, "height": 1440},
        "owner_watermark_image": {"url_list": marked, "width": 1080, "height": 1440},
        "thumbnail": {"url_list": urls, "width": 108, "height": 144},
    }
