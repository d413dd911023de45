"""Hosts, parameters and referring pages that Bilibili's endpoint tables share."""

from collections.abc import Mapping
from typing import Any

from scraper.platform import Context, Param, sent_as
from scraper.platform.targets import Target
from spiders.bilibili.ids import AV, BV, NUMBER, canonical

API = "https://api.bilibili.com"
ROUTER = "/api/bilibili/web"

# Constants that describe a browser without WebGL; Bilibili accepts any short text.
DM_IMG = {
    "dm_img_list": "[]",
    "dm_img_str": "bm8gd2ViZ2",
    "dm_cover_img_str": "bm8gd2ViZ2",
    "dm_img_inter": '{"ds":[],"wh":[0,0,0],"of":[0,0,0]}',
}


def video_params(kind: str = "video", narrows: str = "") -> list[Param]:
    """Return the two parameters that name a video: a BV code or `av` number, and a number that is certainly one."""
    return [
        Param(name="bv_id", regex=rf"(?:{BV}|{AV})", example="BV1L9Uoa9EUx", make=canonical, aliases=("bvid", "video_id"), kind=kind, narrows=narrows),
        Param(name="aid", regex=rf"(?:[aA][vV])?{NUMBER}", example="111298867365120", make=_by_number, kind=kind, narrows=narrows),
    ]  # fmt: skip


def _by_number(aid: str) -> str | None:
    return canonical(f"av{aid.lower().removeprefix('av')}")


VIDEO = video_params()
PART = Param(
    name="p",
    regex=r"[1-9]\d{0,3}",
    example="2",
    kind="video",
    narrows="p",
    optional=True,
    make=lambda p: p if p != "1" else "",
)
UID = Param(
    name="uid", regex=NUMBER, example="100200300", kind="user", make=lambda uid: str(int(uid)), aliases=("mid",)
)
CID = Param(name="cid", regex=NUMBER, example="25000000001", kind="video", narrows="cid", optional=True)
PN = Param(name="pn", regex=r"[1-9]\d{0,5}", example="1", cursor=True)
by_number = sent_as("pn", 1)


def video_page(target: Target) -> str:
    return f"https://www.bilibili.com/video/{target.get('video') or target.id}/"


def space_page(target: Target) -> str:
    return f"https://space.bilibili.com/{target.id}/video"


def by_bvid(context: Context) -> Mapping[str, Any]:
    return {"bvid": context.target.id}
