"""Where a work can be played from: DASH and single files."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.simulator.messages import Answer, Request, json_answer, whole
from tests.simulator.platforms.bilibili import envelope, stream_files, work
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.platforms.bilibili.qualities import (
    CODECS,
    DOLBY,
    HIRES,
    SOUND,
    Quality,
    described,
    offered,
)
from tests.simulator.randomness import hex_of
from tests.simulator.world import Video, World
from tests.simulator.worlds.bilibili import DRM_PLACE, EPISODES, FIRST_EPISODE

VALID_S = 7200
MIRRORS = ("upos-sz-mirrorcos.bilivideo.com", "upos-sz-mirrorali.bilivideo.com", "upos-hz-mirrorakam.akamaized.net")
ADDRESS = re.compile(rb"(//[^\"]*?deadline=)\d+")
PEERS = "xy10x20x30x40xy.mcdn.bilivideo.cn:8082"
DASH, AV1, DOLBY_SOUND = 16, 2048, 256


def playurl(world: World, gate: Gate, request: Request) -> Answer:
    """The streams of one part."""
    query = request.query
    video = work.find(world, query)
    if isinstance(video, Answer):
        return video if query.get("bvid") or query.get("avid") else envelope.refusal(-400)
    cid = whole(query.get("cid"))
    if cid is None:
        return envelope.refusal(-400)
    if cid not in video.cids or video.kind == "redirect":
        return envelope.refusal(-404)
    if video.kind == "voucher_playurl":
        return envelope.disguised(gate.voucher())
    return _dated(world, envelope.ok(_payload(video, cid, query, _limit(world, gate, request))))


def broadcast(world: World, gate: Gate, request: Request) -> Answer:
    """The streams of an episode. Those for members are refused to others, which one message says of regions as well."""
    place = (whole(request.query.get("ep_id")) or 0) - FIRST_EPISODE
    if not 0 <= place < EPISODES:
        return envelope.refusal(-404)
    if place % 2 and not world.account.vip:
        return json_answer({"code": -10403, "message": "大会员专享限制"})
    video = world.library.episodes()[place]
    info = _payload(video, video.cid, request.query, _limit(world, gate, request))
    info = {"code": 0, "is_preview": 0, "is_drm": place == DRM_PLACE, **info}
    checked = {"play_detail": "PLAY_WHOLE"}
    result = {"video_info": info, "play_check": checked, "play_video_type": "whole", "plugins": []}
    return _dated(world, json_answer({"code": 0, "message": "success", "result": result}))


def _dated(world: World, answer: Answer) -> Answer:
    """The answer with addresses that expire when the world says."""

    def moved(match: re.Match[bytes]) -> bytes:
        return match[1] + b"%d" % world.files.ends(match[1].decode(), time.time(), VALID_S)

    if world.files.stale:
        answer.body = ADDRESS.sub(moved, answer.body)
    return answer


def _limit(world: World, gate: Gate, request: Request) -> int:
    if gate.logged_in(request):
        return 127 if world.account.vip else 80
    return 80 if request.query.get("try_look") == "1" else 32


def _payload(video: Video, cid: int, query: dict[str, str], limit: int) -> dict[str, Any]:
    preview = video.kind == "charging"
    every = offered(video, query.get("fourk") == "1")
    allowed = [quality for quality in every if quality.qn <= limit]
    wanted = whole(query.get("qn")) or 32
    chosen = next((quality for quality in allowed if quality.qn <= wanted), allowed[-1])
    length = stream_files.length(video)
    flags = whole(query.get("fnval")) or 1
    shape: dict[str, Any]
    if video.kind == "durl_only":
        shape = {"durl": _files(video, cid, chosen, "flv", "pc")}
    elif flags & DASH and query.get("platform") != "html5":
        shape = {"dash": _dash(video, cid, allowed, length, flags)}
    else:
        shape = {"durl": _files(video, cid, chosen, "mp4", query.get("platform", "pc"))}
    return {
        "from": "local",
        "result": "suee",
        "message": "",
        "quality": chosen.qn,
        "format": "mp4" if "durl" in shape and video.kind != "durl_only" else chosen.format,
        "timelength": length,
        **described(every, preview),
        "video_codecid": 7,
        "seek_param": "start",
        "seek_type": "offset",
        **shape,
        "high_format": None,
        "last_play_time": 0,
        "last_play_cid": 0,
        "view_info": None,
    }


def _dash(video: Video, cid: int, allowed: list[Quality], length: int, flags: int) -> dict[str, Any]:
    codecs = [7, 12, 13] if flags & AV1 and video.hash & 2 else [7, 12]
    upright = video.hash % 9 == 4
    pictures = [_picture(cid, quality, codec, upright) for quality in allowed for codec in codecs]
    sounds = [_sound(cid, number, bits, "mp4a.40.2") for number, bits in SOUND.items()]
    special = _sound(cid, DOLBY, 448_000, "ec-3") if flags & DOLBY_SOUND and _has(video, "dolby", 23) else None
    lossless = _sound(cid, HIRES, 1_400_000, "fLaC") if _has(video, "flac", 19) else None
    return {
        "duration": -(-length // 1000),
        "minBufferTime": 1.5,
        "min_buffer_time": 1.5,
        "video": pictures,
        "audio": None if video.kind == "silent" else sounds,
        "dolby": {"type": 2 if special else 0, "audio": [special] if special else None},
        "flac": {"display": True, "audio": lossless} if lossless else None,
    }


def _has(video: Video, kind: str, share: int) -> bool:
    """Whether the work has an extra sound track: the special one, and one in `share` of the ordinary ones."""
    return video.kind == kind or (not video.kind and video.hash % share == 3)


def _picture(cid: int, quality: Quality, codec: int, upright: bool) -> dict[str, Any]:
    name, share = CODECS[codec]
    size = (quality.height, quality.width) if upright else (quality.width, quality.height)
    stream = _stream(cid, stream_files.PICTURE + codec * 1000 + quality.qn, quality.bits * share // 100)
    return {
        "id": quality.qn,
        **stream,
        **_both("mimeType", "mime_type", "video/mp4"),
        "codecs": name,
        "width": size[0],
        "height": size[1],
        **_both("frameRate", "frame_rate", quality.rate),
        "sar": "1:1",
        **_both("startWithSap", "start_with_sap", 1),
        "codecid": codec,
    }


def _sound(cid: int, number: int, bits: int, codec: str) -> dict[str, Any]:
    return {
        "id": number,
        **_stream(cid, number, bits),
        **_both("mimeType", "mime_type", "audio/mp4"),
        "codecs": codec,
        "width": 0,
        "height": 0,
        **_both("frameRate", "frame_rate", ""),
        "sar": "",
        **_both("startWithSap", "start_with_sap", 0),
        "codecid": 0,
    }


def _stream(cid: int, number: int, bits: int) -> dict[str, Any]:
    path = stream_files.path_of(cid, 1, number, "m4s")
    main, *others = [f"https://{host}{path}?{_seal(path, 'pc', bits)}" for host in _hosts(cid)]
    return {
        **_both("baseUrl", "base_url", main),
        **_both("backupUrl", "backup_url", others or None),
        "bandwidth": bits,
        "SegmentBase": {"Initialization": "0-995", "indexRange": "996-1700"},
        "segment_base": {"initialization": "0-995", "index_range": "996-1700"},
    }


def _files(video: Video, cid: int, quality: Quality, ending: str, platform: str) -> list[dict[str, Any]]:
    files = []
    for order in range(1, (stream_files.SEGMENTS if ending == "flv" else 1) + 1):
        path = stream_files.path_of(cid, order, quality.qn, ending)
        file = stream_files.single(video, path, quality.bits, ending)
        main, *others = [f"https://{host}{path}?{_seal(path, platform, quality.bits)}" for host in _hosts(cid)]
        files.append(
            {
                "order": order,
                "length": file.duration_ms,
                "size": file.size,
                "ahead": "",
                "vhead": "",
                "url": main,
                "backup_url": others or None,
            }
        )
    return files


def _hosts(cid: int) -> list[str]:
    turn = cid // 64 % 4
    if turn == 3:
        return [PEERS, MIRRORS[0], MIRRORS[2]]
    return [MIRRORS[0]] if turn == 2 else [MIRRORS[turn], MIRRORS[2], PEERS]


def _seal(path: str, platform: str, bits: int) -> str:
    mark = hex_of(path, platform)
    return (
        f"e=ig8{mark[:24]}&uipk=5&nbs=1&deadline={int(time.time()) + VALID_S}&gen=playurlv3&os=cosbv&oi=2130706433"
        f"&trid={mark}u&mid=0&platform={platform}&og=cos&upsig={hex_of(mark)}"
        f"&uparams=e,uipk,nbs,deadline,gen,os,oi,trid,mid,platform,og&bvc=vod&nettype=0&bw={bits // 8}&orderid=0,3"
    )


def _both(camel: str, snake: str, value: Any) -> dict[str, Any]:
    return {camel: value, snake: value}
