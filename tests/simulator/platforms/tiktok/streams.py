"""Where a work can be played from, on the web and in the app."""

from __future__ import annotations

import time
from typing import Any

from tests.simulator import media_files
from tests.simulator.media_files import MediaFile
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.realm import Work
from tests.simulator.worlds.tiktok import TiktokWorld

SILENT = (1080, 1920, "1080", "h264", 2_400_000)  # a rendition of works whose sound is apart
WEB_VALID_S, APP_VALID_S = 48 * 3600, 6 * 3600
RENDITIONS = (
    (720, 1280, "720", "h264", 1_700_000),
    (576, 1024, "540", "h264", 800_000),
    (720, 1280, "720", "bytevc1", 1_100_000),
    (1080, 1920, "1080", "bytevc2", 2_200_000),
)


def length(work: Work) -> int:
    """The length in seconds."""
    return 5 + (work.hash >> 24) % 300


def renditions(work: Work) -> list[tuple[int, int, str, str, int]]:
    """What there is of a work, best first; one codec cannot be played."""
    match work.kind:
        case "h265_only":
            return [rendition for rendition in RENDITIONS if rendition[3] == "bytevc1"]
        case "separate_sound":
            return [SILENT, *RENDITIONS[:3]]
        case "bytevc2":
            return [RENDITIONS[3], *RENDITIONS[:3]]
    return list(RENDITIONS[:3])


def picture(world: TiktokWorld, *name: object, kind: str = "jpeg") -> str:
    """The address of a picture."""
    expires = int(world.now()) // 3600 * 3600 + 2 * 86_400
    sign = hex_of(*name, kind)[:24]
    return (
        f"https://p16-common-sign.tiktokcdn-us.com/tos-useast5-p-0068-tx/{hex_of(*name)}~tplv-tiktokx-origin.{kind}"
        f"?dr=10395&x-expires={expires}&x-signature={sign}%3D&t=4d5b0474&ps=13740610"
    )


def film(world: TiktokWorld, work: Work, key: str, rate: int, codec: str = "h264", sound: str = "aac") -> MediaFile:
    """The file of a rendition."""
    file = media_files.video(key, 1000 * length(work), rate, "h264" if codec == "h264" else "hevc", sound)
    return world.files.sized(file)


def web(world: TiktokWorld, file: MediaFile, rate: int = 0, kind: str = "video_mp4", track: str = "") -> str:
    """An address of the web: it expires, and wants the cookie of the page.

    :param track: the folder of files that have only picture or sound
    """
    key = file.name
    now = int(world.now())
    issued = time.strftime("%Y%m%d%H%M%S", time.gmtime(now))
    expires = world.files.ends(key, now, WEB_VALID_S)
    return (
        f"https://v16-webapp-prime.tiktok.com/video/tos/useast5/tos-useast5-ve-0068c001-tx/{track}{media_files.token(file)}/?a=1988"
        f"&bti=ODszNWYuMDE6&ch=0&cr=3&dr=0&lr=all&cd=0%7C0%7C0%7C&cv=1&br={rate // 1000}&bt={rate // 2000}&cs=0&ds=6"
        f"&mime_type={kind}&qs=0&btag=e000b8000&expire={expires}&l={issued}{hex_of(key)[:20].upper()}"
        f"&ply_type=2&policy=2&signature={hex_of(key, 'sign')[:28]}{world.viewer:04x}&tk=tt_chain_token"
    )


def app(world: TiktokWorld, file: MediaFile, mark: str = "") -> str:
    """An address of the app: the time of its end is in the path."""
    expires = world.files.ends(file.name, world.now(), APP_VALID_S)
    return (
        f"https://v16m-default.tiktokcdn.com/{media_files.token(file)}/{expires:08x}/video/tos/useast2a/tos-useast2a-ve-0068/"
        f"{hex_of(file.name, 'path')[:24]}/?a=1233&ch=0&cr=13&mime_type=video_mp4{mark}"
    )


def uri_of(work: Work) -> str:
    """The name of the file behind all streams."""
    return f"v09044g40000{hex_of(work.id)[:20]}"


def bitrate_info(world: TiktokWorld, work: Work) -> list[dict[str, Any]]:
    """The renditions of the web."""
    rates = [_rendition(world, work, place, rendition) for place, rendition in enumerate(renditions(work))]
    return [*rates, _sound(world, work)] if work.kind == "separate_sound" else rates


def _rendition(world: TiktokWorld, work: Work, place: int, rendition: tuple[int, int, str, str, int]) -> dict[str, Any]:
    width, height, name, codec, rate = rendition
    rate += work.hash % 9999
    key = f"{uri_of(work)}_{codec}_{name}p_{rate}"
    plain = f"https://www.tiktok.com/aweme/v1/play/?faid=1988&file_id={hex_of(key)}&video_id={uri_of(work)}"
    apart = rendition == SILENT
    file = film(world, work, f"{key}_apart" if apart else key, rate, codec, "" if apart else "aac")
    first = web(world, file, rate, track=f"media-video-{'avc1' if codec == 'h264' else 'hvc1'}/" if apart else "")
    return {
        "Bitrate": rate,
        "QualityType": 10 + place,
        "BitrateFPS": 30,
        "GearName": f"{'normal' if codec == 'h264' else 'adapt'}_{name}_{int(codec != 'h264')}",
        "CodecType": {"bytevc1": "h265_hvc1"}.get(codec, codec),
        "Format": "mp4",
        "PlayAddr": {
            "Uri": uri_of(work),
            "UrlKey": key,
            "UrlList": [first, first.replace("v16-webapp-prime", "v19-webapp-prime"), plain],
            "DataSize": str(file.size),
            "FileHash": hex_of(key, "file"),
            "FileCs": f"c:0-9241-{hex_of(key)[:4]}",
            "Width": width,
            "Height": height,
        },
        "MVMAF": "",
        "VideoExtra": "",
    }


def _sound(world: TiktokWorld, work: Work) -> dict[str, Any]:
    """The sound of a work whose best picture has none."""
    rate = 64_000
    file = MediaFile(f"{work.id}_sound", "m4a", 1000 * length(work), sound="aac")
    first = web(world, file, rate, "audio_mp4", "media-audio-und-mp4a/")
    urls = [first, first.replace("v16-webapp-prime", "v19-webapp-prime")]
    played = {"Uri": uri_of(work), "UrlKey": f"{uri_of(work)}_audio", "UrlList": urls, "DataSize": "0"}
    about = {"Bitrate": rate, "QualityType": 30, "GearName": "audio_64", "CodecType": "", "Format": "mp4"}
    return {**about, "PlayAddr": played}
