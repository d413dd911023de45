"""A work as the web writes it."""

from __future__ import annotations

from typing import Any

from tests.simulator.media_files import MediaFile
from tests.simulator.platforms.tiktok import streams, subtitles
from tests.simulator.platforms.tiktok.streams import picture
from tests.simulator.worlds.realm import Maker, Work
from tests.simulator.worlds.tiktok import WORDS, TiktokWorld

IMAGES = {"photo": 3, "photo_single": 1}


def images_of(work: Work) -> int:
    """How many images the work has; none if it is a video."""
    if work.kind:
        return IMAGES.get(work.kind, 0)
    return 1 + work.hash % 4 if work.hash % 7 == 3 else 0


def tag_of(work: Work) -> str:
    """The tag of a work."""
    return WORDS[(work.hash >> 3) % len(WORDS)]


def counts(world: TiktokWorld, work: Work) -> dict[str, int]:
    """How often the work was liked and so on."""
    names = ("diggCount", "shareCount", "commentCount", "playCount", "collectCount")
    most = (900_000, 20_000, 9000, 90_000_000, 30_000)
    made = {name: (work.hash >> (4 * place)) % top for place, (name, top) in enumerate(zip(names, most, strict=True))}
    return {**made, "commentCount": world.talk.all(work)}


def item_struct(world: TiktokWorld, work: Work) -> dict[str, Any]:
    """The whole object."""
    maker = world.creator(work.owner)
    images = images_of(work)
    exact = counts(world, work)
    made: dict[str, Any] = {
        "id": work.id,
        "desc": f"{work.title} #{tag_of(work)}",
        "createTime": str(work.created) if work.hash % 2 else work.created,
        "scheduleTime": 0,
        "author": author(world, maker),
        "authorStats": user_stats(world, maker),
        "music": _music(world, work, maker),
        "stats": {**exact, "collectCount": str(exact["collectCount"])},
        "statsV2": {**{name: str(value) for name, value in exact.items()}, "repostCount": "0"},
        "video": _silent(world, work) if images else _video(world, work),
        "textLanguage": "en",
        "diversificationId": 10000,
        "item_control": {"can_repost": True},
        "playlistId": "",
        "CategoryType": 120,
    }
    made |= _texts(world, work) | _flags(work)
    if images:
        made["imagePost"] = _post(world, work, images)
    _special(work, made)
    return made


def author(world: TiktokWorld, maker: Maker) -> dict[str, Any]:
    """The creator, as a work shows them."""
    return {
        "id": maker.uid,
        "uniqueId": maker.handle,
        "nickname": maker.name,
        "secUid": maker.sec_uid,
        **{f"avatar{size}": picture(world, maker.uid, size) for size in ("Thumb", "Medium", "Larger")},
        "signature": " ".join(WORDS[(maker.hash >> shift) % len(WORDS)] for shift in (5, 11, 17)),
        "privateAccount": maker.kind in {"user_private", "user_private_counted"},
        "secret": maker.kind in {"user_private", "user_private_counted"},
        "verified": maker.hash % 4 == 0,
        "downloadSetting": 0,
        "roomId": world.room(maker) if maker.kind == "user_live" else "",
    }


def user_stats(world: TiktokWorld, maker: Maker) -> dict[str, int]:
    """How much a creator has."""
    bits = maker.hash
    hearts = (bits >> 11) % 90_000_000
    return {
        "followerCount": (bits >> 9) % 3_000_000,
        "followingCount": (bits >> 17) % 900,
        "heart": hearts,
        "heartCount": hearts,
        "videoCount": world.count(maker),
        "diggCount": 0,
        "friendCount": bits % 200,
    }


def _video(world: TiktokWorld, work: Work) -> dict[str, Any]:
    rates = streams.bitrate_info(world, work)
    whole = [rate for rate in rates if "/media-" not in rate["PlayAddr"]["UrlList"][0]]
    main = next((rate for rate in whole if rate["CodecType"] == "h264"), whole[0])
    place = main["PlayAddr"]
    made: dict[str, Any] = {
        "id": work.id,
        "width": place["Width"],
        "height": place["Height"],
        "duration": streams.length(work),
        "ratio": "720p",
        **_covers(world, work),
        "playAddr": place["UrlList"][0],
        "downloadAddr": streams.web(world, streams.film(world, work, f"{work.id}_wm", 900_000), 900_000),
        "shareCover": [""],
        "bitrate": main["Bitrate"],
        "encodedType": "normal",
        "format": "mp4",
        "videoQuality": "normal",
        "codecType": main["CodecType"],
        "definition": "720p",
        "size": place["DataSize"] if work.hash % 3 else int(place["DataSize"]),
        "VQScore": "60",
        "bitrateInfo": rates,
        "PlayAddrStruct": place,
        "subtitleInfos": subtitles.listed(world, work),
        "claInfo": subtitles.of_web(world, work),
        "volumeInfo": {"Loudness": -12.3, "Peak": 0.9},
        "zoomCover": {side: picture(world, work.id, side) for side in ("240", "480", "720", "960")},
    }
    if work.kind == "no_bitrate":
        del made["bitrateInfo"], made["PlayAddrStruct"]
    return made


def _silent(world: TiktokWorld, work: Work) -> dict[str, Any]:
    nothing = dict.fromkeys(("playAddr", "downloadAddr", "ratio", "format", "encodedType", "videoQuality"), "")
    return {
        "id": work.id,
        "width": 0,
        "height": 0,
        "duration": 0,
        **_covers(world, work),
        "shareCover": [""],
        **nothing,
    }


def _covers(world: TiktokWorld, work: Work) -> dict[str, Any]:
    return {name: picture(world, work.id, name) for name in ("cover", "originCover", "dynamicCover")}


def _music(world: TiktokWorld, work: Work, maker: Maker) -> dict[str, Any]:
    number, length = world.gathered.sound_id(work), 5 + work.hash % 55
    return {
        "id": number,
        "title": "original sound",
        "authorName": maker.name,
        "original": True,
        "playUrl": streams.web(world, MediaFile(number, "mp3", 1000 * length, sound="mp3"), kind="audio_mpeg"),
        **{f"cover{size}": picture(world, number, size) for size in ("Thumb", "Medium", "Large")},
        "duration": length,
        "album": "",
    }


def _post(world: TiktokWorld, work: Work, images: int) -> dict[str, Any]:
    shown = [
        {
            "imageURL": {"urlList": [picture(world, work.id, place, kind=kind) for kind in ("jpeg", "webp")]},
            "imageWidth": 1080,
            "imageHeight": 1440,
        }
        for place in range(images)
    ]
    return {"images": shown, "cover": shown[0], "shareCover": shown[0], "title": work.title}


def _texts(world: TiktokWorld, work: Work) -> dict[str, Any]:
    tag, start = tag_of(work), len(work.title) + 1
    part = {"hashtagName": tag, "start": start, "end": start + 1 + len(tag), "type": 1, "subType": 0}
    return {
        "challenges": [{"id": world.gathered.tag_id(tag), "title": tag, "desc": ""}],
        "textExtra": [part],
        "contents": [{"desc": f"{work.title} #{tag}", "textExtra": [part]}],
    }


def _flags(work: Work) -> dict[str, Any]:
    return {
        "isPinnedItem": False,
        "privateItem": work.kind == "private_flag",
        "secret": work.kind == "private_flag",
        "forFriend": work.kind == "friends_only",
        "isAd": False,
        "itemCommentStatus": 3 if work.kind == "comments_closed" else 0,
        "duetEnabled": True,
        "stitchEnabled": True,
        "shareEnabled": True,
        "isContentClassified": False,
        "IsAigc": work.kind == "ai_made",
        "AIGCDescription": "",
        "locationCreated": "US",
        "collected": False,
        "digged": False,
    }


def _special(work: Work, made: dict[str, Any]) -> None:
    match work.kind:
        case "string_counts":
            made["stats"] = {name: str(value) for name, value in made["stats"].items()}
            made["createTime"] = str(work.created)
        case "null_lists":
            made |= dict.fromkeys(("challenges", "textExtra", "contents"))
        case "content_classified":
            made["isContentClassified"] = True
            del made["video"]
        case "short_drama":
            made |= {"isPreview": True, "previewType": 4}
            made["video"] |= {"playAddr": "", "downloadAddr": "", "bitrateInfo": []}
