"""Link forms of Bilibili, each with an example that tests and documentation use."""

import re

from scraper.platform import WORDS
from scraper.platform.targets import SHORT_LINK, BareId, Pattern
from spiders.bilibili.ids import AV, BV, PLATFORM, canonical

WWW = ("www.bilibili.com", "m.bilibili.com", "bilibili.com")
SPACE = ("space.bilibili.com",)
SHORT = ("b23.tv", "bili2233.cn", "bili22.cn", "bili23.cn", "bili33.cn")
_ID = rf"(?P<id>{BV}|{AV})"
_REST = r"(?:/.*)?"


def _video(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """A video and its selected part, which is named only where it is not the first."""
    bvid = canonical(groups["id"])
    part = groups.get("p") or groups.get("page") or "1"
    if bvid is None:
        return None
    return bvid, {"p": str(int(part))} if re.fullmatch(r"\d{1,4}", part, re.ASCII) and int(part) > 1 else {}


def _aid(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    return _video({**groups, "id": f"av{groups['id']}"})


def _area(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """An area, or one below it; 0 means all of it."""
    parent, below = str(int(groups["parent"])), groups.get("areaId", "0")
    if not re.fullmatch(r"\d{1,9}", below, re.ASCII):
        return None
    return (str(int(below)), {"parent": parent}) if int(below) else (parent, {})


def _pattern(kind: str, hosts: tuple[str, ...], path: str, example: str, **more) -> Pattern:
    return Pattern(kind=kind, hosts=hosts, path=path, example=example, platform=PLATFORM, **more)


_BVID = {"query": {"bvid": rf"(?P<id>{BV})"}, "make": _video, "keep": ("p", "page")}
_USER = {"make": lambda groups: (str(int(groups["id"])), {})}
_OWNED = {"make": lambda groups: (str(int(groups["id"])), {"uid": str(int(groups["uid"]))})}
_ROOM = {"make": lambda groups: (str(int(groups["id"])), {})}

PATTERNS = [
    _pattern("video", WWW, rf"(?i:/(?:s/)?video)/{_ID}{_REST}", "https://www.bilibili.com/video/BV1L9Uoa9EUx?p=2", make=_video, keep=("p",)),
    _pattern("video", WWW, rf"/{_ID}/?", "https://bilibili.com/av170001", make=_video, keep=("p",)),
    _pattern("video", WWW, r"/festival/.+", "https://www.bilibili.com/festival/sample?bvid=BV1L9Uoa9EUx", **_BVID),
    _pattern("video", WWW, r"/(?:list|medialist/play)/.+", "https://www.bilibili.com/list/ml1001?bvid=BV1L9Uoa9EUx", **_BVID),
    _pattern("video", ("player.bilibili.com",), r"/player\.html", "https://player.bilibili.com/player.html?bvid=BV1L9Uoa9EUx&page=2", **_BVID),
    _pattern("video", ("player.bilibili.com",), r"/player\.html", "https://player.bilibili.com/player.html?aid=170001", query={"aid": r"(?P<id>\d{1,16})"}, make=_aid, keep=("p", "page")),
    _pattern("video", SHORT, rf"/{_ID}/?", "https://b23.tv/BV1L9Uoa9EUx", make=_video, keep=("p",)),
    _pattern("folder", SPACE, r"/\d+/favlist", "https://space.bilibili.com/2/favlist?fid=1001", query={"fid": r"(?P<id>\d{1,16})"}),
    _pattern("season", SPACE, r"/(?P<uid>\d{1,16})/channel/collectiondetail", "https://space.bilibili.com/2/channel/collectiondetail?sid=3001", query={"sid": r"(?P<id>\d{1,16})"}, **_OWNED),
    _pattern("series", SPACE, r"/(?P<uid>\d{1,16})/channel/seriesdetail", "https://space.bilibili.com/2/channel/seriesdetail?sid=3001", query={"sid": r"(?P<id>\d{1,16})"}, **_OWNED),
    _pattern("series", SPACE, r"/(?P<uid>\d{1,16})/lists/(?P<id>\d{1,16})", "https://space.bilibili.com/2/lists/3001?type=series", query={"type": "series"}, **_OWNED),
    _pattern("season", SPACE, r"/(?P<uid>\d{1,16})/lists/(?P<id>\d{1,16})", "https://space.bilibili.com/2/lists/3001?type=season", **_OWNED),
    _pattern("user", SPACE, rf"/(?P<id>\d{{1,16}}){_REST}", "https://space.bilibili.com/2/video", **_USER),
    _pattern("user", WWW, rf"/space/(?P<id>\d{{1,16}}){_REST}", "https://m.bilibili.com/space/2", **_USER),
    _pattern("bangumi", WWW, r"/bangumi/(?:play|media)/(?P<id>(?:ep|ss|md)\d{1,16})/?", "https://www.bilibili.com/bangumi/play/ep1001"),
    _pattern("bangumi", SHORT, r"/(?P<id>(?:ep|ss)\d{1,16})/?", "https://b23.tv/ep1001"),
    _pattern("course", WWW, r"/cheese/play/(?P<id>(?:ep|ss)\d+)/?", "https://www.bilibili.com/cheese/play/ss1001"),
    _pattern("folder", WWW, r"/(?:list|medialist/(?:play|detail))/ml(?P<id>\d{1,16})/?", "https://www.bilibili.com/list/ml1001"),
    _pattern("series", WWW, r"/list/(?P<uid>\d{1,16})/?", "https://www.bilibili.com/list/2?sid=3001", query={"sid": r"(?P<id>\d{1,16})"}, **_OWNED),
    _pattern("dynamic", ("t.bilibili.com",), r"/(?P<id>\d{1,20})/?", "https://t.bilibili.com/800000000000000001"),
    _pattern("dynamic", WWW, r"/(?:opus|dynamic)/(?P<id>\d{1,20})/?", "https://www.bilibili.com/opus/800000000000000001"),
    _pattern("article", WWW, r"/read/(?:cv|mobile/)(?P<id>\d+)/?", "https://www.bilibili.com/read/cv1001"),
    _pattern("audio", WWW, r"/audio/(?P<id>a[um]\d+)/?", "https://www.bilibili.com/audio/au1001"),
    _pattern("search", ("search.bilibili.com",), r"/(?:all|video)/?", "https://search.bilibili.com/all?keyword=sample", query={"keyword": rf"(?P<id>{WORDS})"}),
    _pattern("live area", ("live.bilibili.com",), r"/p/eden/area-tags", "https://live.bilibili.com/p/eden/area-tags?parentAreaId=1&areaId=100", query={"parentAreaId": r"(?P<parent>\d{1,9})"}, make=_area, keep=("areaId",)),
    _pattern("live room", ("live.bilibili.com",), r"/(?:blanc/|h5/)?(?P<id>\d{1,16})/?", "https://live.bilibili.com/1001", **_ROOM),
    _pattern(SHORT_LINK, SHORT, r"/(?P<id>[A-Za-z0-9]{5,16})/?", "https://b23.tv/AbCd123"),
]  # fmt: skip

BARE_IDS = [
    BareId(kind="video", regex=rf"(?:{BV}|{AV})", example="BV1L9Uoa9EUx", make=canonical, platform=PLATFORM),
]
