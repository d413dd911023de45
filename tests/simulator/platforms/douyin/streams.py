"""Where a work can be played from."""

from __future__ import annotations

import time
from typing import Any

from tests.simulator import media_files
from tests.simulator.media_files import MediaFile
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Work

VALID_S = 3600
URI = "v0300fg10000"
BEST, LEAST, CLIP_MS = 1_200_000, 400_000, 3000
SIDES = ((1080, 1920), (720, 1280), (576, 1024))
NAMES = {1080: "1080", 720: "720", 576: "540"}


def duration(work: Work) -> int:
    """The length in milliseconds."""
    return 5000 + (work.hash >> 24) % 300_000


def picture(world: DouyinWorld, uri: str, kind: str) -> str:
    """The address of a picture."""
    expires = int(world.now()) // VALID_S * VALID_S + 14 * 86_400
    return (
        f"https://p3-pc-sign.douyinpic.com/{uri}~tplv-dy-aweme-images:{kind}"
        f"?x-expires={expires}&x-signature={hex_of(uri, kind)[:20]}%3D&from=327834062"
    )


def video(world: DouyinWorld, work: Work) -> dict[str, Any]:
    """The streams of a video."""
    length = duration(work)
    only = work.kind == "h265_only"
    apart = work.kind == "separate_sound"
    rates: list[dict[str, Any]] | None = [_rate(world, work, place, only) for place in range(4)]
    if work.kind in {"no_bit_rate", "null_bit_rate"}:
        rates = [] if work.kind == "no_bit_rate" else None
    side, rate = (SIDES[2], LEAST) if apart else (SIDES[0], BEST)
    best = _address(world, work, side, "bytevc1" if only else "h264", rate)
    made: dict[str, Any] = {
        "play_addr": best,
        "play_addr_265": _address(world, work, SIDES[0], "bytevc1", 800_000),
        "download_addr": _download(world, work),
        **_covers(world, work),
        "bit_rate": rates,
        "duration": length,
        "ratio": "1080p",
        "width": 1080,
        "height": 1920,
        "is_need_set_cookie": 0,
        "format": "mp4",
        "is_source_HDR": 0,
        "is_h265": int(only),
        "big_thumbs": None,
    }
    if not only:
        made["play_addr_h264"] = best
    if apart:
        del made["play_addr_265"]
        made["bit_rate_audio"] = [_sound(world, work, rate) for rate in (64_000, 128_000)]
    return made


def silent(world: DouyinWorld, work: Work) -> dict[str, Any]:
    """The square video of an image post: a sound under the address of a video."""
    url = f"https://sf5-hl-cdn-tos.douyinstatic.com/obj/ies-music/{work.id}.mp3"
    return {
        "play_addr": {"uri": url, "url_list": [url], "width": 720, "height": 720, "url_key": work.id},
        **_covers(world, work),
        "bit_rate": None if work.hash % 2 else [],
        "duration": 0,
        "ratio": "default",
        "width": 1080,
        "height": 1440,
        "big_thumbs": None,
    }


def moving(world: DouyinWorld, work: Work, place: int) -> dict[str, Any]:
    """The moving part of a live photo."""
    side = SIDES[1]
    cover = _picture_of(world, f"tos-cn-i-0813c001/{hex_of(work.id, place)}")
    play = _address(world, work, side, "h264", 900_000 + place, CLIP_MS)
    return {
        "play_addr": play,
        "cover": cover,
        "width": side[0],
        "height": side[1],
        "duration": CLIP_MS,
        "ratio": "720p",
    }


def uri_of(work: Work) -> str:
    """The name of the file behind all streams, which also describes it to the redirector."""
    return f"{URI}{media_files.token(film(work, work.id, BEST), 20)}"


def film(work: Work, key: str, rate: int, codec: str = "h264", length: int = 0, sound: str = "aac") -> MediaFile:
    """Return the file of a stream. `length` is in milliseconds; without it, the file is as long as the work."""
    return media_files.video(key, length or duration(work), rate, "h264" if codec == "h264" else "hevc", sound)


def _rate(world: DouyinWorld, work: Work, place: int, only: bool) -> dict[str, Any]:
    side = SIDES[place % 3]
    coded = 2 if only and place == 1 else int(only or place == 3)
    sound = "" if work.kind == "separate_sound" else "aac"
    rate = (BEST, 900_000, 500_000, 2_400_000)[place] + work.hash % 9999
    gear = f"adapt_{NAMES[side[0]]}_1" if coded else f"normal_{NAMES[side[0]]}_0"
    return {
        "gear_name": gear,
        "bit_rate": rate,
        "quality_type": 1 + 10 * place,
        "is_h265": coded,
        "is_bytevc1": coded,
        "FPS": 30,
        "format": "mp4" if sound else "dash",
        "HDR_type": "",
        "HDR_bit": "",
        "video_extra": '{"PktOffsetMap":""}',
        "play_addr": _address(world, work, side, "bytevc1" if coded else "h264", rate, sound=sound),
    }


def _address(
    world: DouyinWorld, work: Work, side: tuple[int, int], codec: str, rate: int, length: int = 0, sound: str = "aac"
) -> dict[str, Any]:
    uri = uri_of(work)
    key = f"{uri}_{codec}_{NAMES[side[0]]}p_{rate}"
    file = world.files.sized(film(work, key, rate, codec, length, sound))
    urls = [_cdn(world, work, file, host, rate) for host in ("v3-web", "v26-web")]
    sign = hex_of(key)
    urls.append(
        f"https://www.douyin.com/aweme/v1/play/?video_id={uri}&line=0&file_id={sign}&sign={sign}"
        "&is_play_url=1&source=PackSourceEnum_PUBLISH"
    )
    return {
        "uri": uri,
        "url_list": urls,
        "width": side[0],
        "height": side[1],
        "url_key": key,
        "data_size": file.size,
        "file_hash": hex_of(key, "file"),
        "file_cs": f"c:0-9241-{hex_of(key)[:4]}",
    }


def _sound(world: DouyinWorld, work: Work, rate: int) -> dict[str, Any]:
    """The sound of a work whose pictures have none."""
    file = MediaFile(f"{work.id}_{rate}", "m4a", duration(work), sound="aac")
    hosts = {"main_url": "v3-web", "backup_url": "v26-web", "fallback_url": "v26-web"}
    urls = {name: _cdn(world, work, file, host, rate, track="media-audio-und-mp4a/") for name, host in hosts.items()}
    return {"audio_quality": 1, "audio_meta": {"codec_type": "mp4a", "bitrate": rate, "url_list": urls}}


def _cdn(world: DouyinWorld, work: Work, file: MediaFile, host: str, rate: int, mark: str = "", track: str = "") -> str:
    key = file.name
    now = int(world.now())
    issued = time.strftime("%Y%m%d%H%M%S", time.gmtime(now + 8 * 3600))
    expires = world.files.ends(f"{host}{key}", now, VALID_S)
    return (
        f"https://{host}.douyinvod.com/{hex_of(key, host)}/{expires:08x}/video/tos/cn/tos-cn-ve-15/"
        f"{track}{media_files.token(file, 24)}/?a=6383&ch=26&cr=3&br={rate // 1000}&bt={rate // 1000}&cs=0"
        f"&mime_type={file.type.replace('/', '_')}&dy_q={now}&l={issued}{hex_of(key)[:20].upper()}"
        f"&__vid={work.id}{mark}"
    )


def _download(world: DouyinWorld, work: Work) -> dict[str, Any]:
    uri = uri_of(work)
    return {
        "uri": uri,
        "url_list": [_cdn(world, work, film(work, f"{uri}_wm", 900_000), "v3-web", 900_000, "&watermark=1")],
    }


def _covers(world: DouyinWorld, work: Work) -> dict[str, Any]:
    names = ("cover", "origin_cover", "dynamic_cover")
    return {name: _picture_of(world, f"tos-cn-p-0015/{hex_of(work.id, name)}") for name in names}


def _picture_of(world: DouyinWorld, uri: str) -> dict[str, Any]:
    return {
        "uri": uri,
        "url_list": [picture(world, uri, kind) for kind in ("webp", "jpeg")],
        "width": 720,
        "height": 720,
    }
