"""A work as the web API writes it."""

from __future__ import annotations

from typing import Any

from tests.simulator.platforms.douyin import streams
from tests.simulator.platforms.douyin.streams import picture
from tests.simulator.randomness import hex_of, words
from tests.simulator.worlds.douyin import SHARE, DouyinWorld
from tests.simulator.worlds.realm import Maker, Work

STILL, LIVE = 2, 5
VIDEO_TYPES = (0, 0, 0, 4, 51, 55, 58, 61, 66, 107)
IMAGES = {"note": "SSS", "slides": "SLSL", "live_photo": "L", "mixed": "SLS", "images_base": "SS"}
IMAGES |= {"type_image_with_video": "SS"}
IMAGE_TYPES = {"type_image_with_video": 0, "note": 2, "slides": 150}


def images_of(work: Work) -> str:
    """Of what an image post consists, a letter an image: S still, L live photo; empty for a video."""
    if work.kind:
        return IMAGES.get(work.kind, "")
    return "S" * (1 + work.hash % 4) if work.hash % 7 == 3 else ""


def share_kind(work: Work) -> str:
    """The word for the work in addresses."""
    if not images_of(work):
        return "video"
    return "slides" if work.kind == "slides" else "note"


def aweme(world: DouyinWorld, work: Work) -> dict[str, Any]:
    """The whole object."""
    maker = world.creator(work.owner)
    images = images_of(work)
    made: dict[str, Any] = {
        "aweme_id": work.id,
        "aweme_type": _type(work),
        "media_type": 2 if images else 4,
        "desc": f"{work.title} #{words(work.hash >> 3, 1)}",
        "caption": work.title,
        "create_time": work.created,
        "duration": 0 if images else streams.duration(work),
        "is_top": 0,
        "region": "CN",
        "author": author(maker),
        "author_user_id": int(maker.uid),
        "music": None if work.kind == "no_music" else _music(world, work, maker),
        "statistics": _statistics(world, work),
        "video": streams.silent(world, work) if images else streams.video(world, work),
        "images": [_image(world, work, place, letter) for place, letter in enumerate(images)] or None,
        "image_infos": None,
        "status": _status(work),
        "share_url": f"{SHARE}/{share_kind(work)}/{work.id}/?region=CN&mid={work.id}",
        "share_info": {"share_url": f"{SHARE}/{share_kind(work)}/{work.id}/", "share_desc": work.title},
        "group_id": work.id,
        "comment_gid": int(work.id),
        "anchor_info": None,
        "is_ads": False,
        "is_story": 0,
        "rate": 12,
        "geofencing": [],
        "risk_infos": {"vote": False, "warn": False, "risk_sink": False, "type": 0, "content": ""},
    }
    made |= _texts(work) | _controls(work)
    _special(world, work, made)
    return made


def author(maker: Maker) -> dict[str, Any]:
    """The creator, as a work shows them: without the counts."""
    return {
        "uid": maker.uid,
        "sec_uid": maker.sec_uid,
        "short_id": str(maker.hash % 10**10),
        "unique_id": maker.handle if maker.number % 2 else "",
        "nickname": maker.name,
        "signature": words(maker.hash >> 5, 5),
        "avatar_thumb": avatar(maker, "100x100"),
        "follower_count": 0,
        "following_count": 0,
        "total_favorited": (maker.hash >> 11) % 90_000_000,
        "custom_verify": "",
        "enterprise_verify_reason": "",
        "verification_type": 0,
        "secret": int(maker.kind == "user_private"),
        "is_ban": maker.kind == "user_banned",
    }


def avatar(maker: Maker, size: str) -> dict[str, Any]:
    """A picture of a creator."""
    uri = f"{size}/aweme-avatar/tos-cn-avt-0015_{hex_of(maker.uid)}"
    urls = [f"https://p{host}.douyinpic.com/aweme/{uri}.{kind}?from=1" for host, kind in ((3, "webp"), (11, "jpeg"))]
    return {"uri": uri, "url_list": urls, "width": 720, "height": 720}


def _type(work: Work) -> int:
    if work.kind == "type_unknown":
        return 777
    if images_of(work):
        return IMAGE_TYPES.get(work.kind, 68)
    return VIDEO_TYPES[work.hash % len(VIDEO_TYPES)]


def _image(world: DouyinWorld, work: Work, place: int, letter: str) -> dict[str, Any]:
    uri = f"tos-cn-i-0813c001/{hex_of(work.id, place)}"
    made: dict[str, Any] = {
        "uri": uri,
        "url_list": [picture(world, uri, kind) for kind in ("q75.webp", "q75.avif", "q75.jpeg")],
        "download_url_list": [picture(world, uri, "owner_watermark.jpeg")],
        "width": 1080,
        "height": 1440,
        "mask_url_list": None,
        "interaction_stickers": None,
        "clip_type": LIVE if letter == "L" else STILL,
    }
    if letter == "L":
        made |= {"live_photo_type": 1, "video": streams.moving(world, work, place)}
    return made


def _music(world: DouyinWorld, work: Work, maker: Maker) -> dict[str, Any]:
    number = str(int(work.id) - 1_000_000)
    url = f"https://sf5-hl-cdn-tos.douyinstatic.com/obj/ies-music/{number}.mp3"
    return {
        "id": int(number),
        "id_str": number,
        "mid": number,
        "title": f"@{maker.name}创作的原声",
        "author": maker.name,
        "duration": 5 + work.hash % 55,
        "play_url": {"uri": url, "url_list": [url], "width": 720, "height": 720, "url_key": number},
        "cover_thumb": avatar(maker, "168x168"),
        "status": 1,
        "is_original_sound": True,
        "owner_id": maker.uid,
        "owner_nickname": maker.name,
        "sec_uid": maker.sec_uid,
    }


def _statistics(world: DouyinWorld, work: Work) -> dict[str, Any]:
    return {
        "aweme_id": work.id,
        "digg_count": (work.hash >> 4) % 900_000,
        "comment_count": world.talk.all(work),
        "collect_count": (work.hash >> 12) % 30_000,
        "share_count": (work.hash >> 16) % 20_000,
        "play_count": 0,
        "admire_count": 0,
    }


def _status(work: Work) -> dict[str, Any]:
    return {
        "aweme_id": work.id,
        "is_delete": False,
        "is_prohibited": False,
        "allow_share": True,
        "private_status": 0,
        "part_see": 0,
        "in_reviewing": False,
        "reviewed": 1,
        "review_result": {"review_status": 0},
    }


def _texts(work: Work) -> dict[str, Any]:
    tag = words(work.hash >> 3, 1)
    start = len(work.title) + 1
    number = str(1_600_000_000_000_000 + work.hash % 1000)
    part = {"start": start, "end": start + 1 + len(tag), "type": 1, "hashtag_id": number, "hashtag_name": tag}
    tags = [{"tag_id": 2001 + level, "tag_name": words(work.hash >> 9, 1), "level": level} for level in (1, 2, 3)]
    return {"text_extra": [part], "cha_list": [{"cid": number, "cha_name": tag}], "video_tag": tags}


def _controls(work: Work) -> dict[str, Any]:
    talk = work.kind != "comments_closed"
    return {
        "video_control": {"allow_download": True, "share_type": 1},
        "aweme_control": {"can_comment": talk, "can_forward": True, "can_share": True, "can_show_comment": talk},
    }


def _special(world: DouyinWorld, work: Work, made: dict[str, Any]) -> None:
    match work.kind:
        case "no_create_time":
            del made["create_time"]
        case "null_lists":
            made |= dict.fromkeys(("text_extra", "cha_list", "video_tag", "geofencing", "images"))
        case "nested":
            made["duet_origin_item"] = aweme(world, world.video(0, 0))
        case "in_mix":
            statis = {"play_vv": 1, "collect_vv": 2, "current_episode": 3, "updated_to_episode": 9}
            made["mix_info"] = {"mix_id": world.mix_id(0), "mix_name": "合集", "statis": statis}
