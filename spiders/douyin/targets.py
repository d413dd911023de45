"""Link forms of Douyin, each with an example that tests and documentation use."""

from urllib.parse import unquote

from scraper.platform.targets import SHORT_LINK, BareId, Pattern
from spiders.douyin.ids import HASHTAG, OWN, PLATFORM, ROOM, ROOM_ID, SEC_UID, WORK

WWW = ("www.douyin.com", "douyin.com", "www-hj.douyin.com")
SHARE = ("www.iesdouyin.com", "iesdouyin.com")
MOBILE = ("m.douyin.com",)
LIVE = ("live.douyin.com",)
WEBCAST = ("webcast.amemv.com",)
SHORT = ("v.douyin.com", "v.iesdouyin.com")
_ID = rf"(?P<id>{WORK})"
_SEC = rf"(?P<id>{SEC_UID})"
_REST = r"(?:/.*)?"
_WORK_EXAMPLE, _OTHER = "7412345678901234567", "7400000000000000001"
_USER_EXAMPLE = "MS4wLjABAAAA" + "sample-0_" * 4 + "sample1"


def _pattern(kind: str, hosts: tuple[str, ...], path: str, example: str, **more) -> Pattern:
    return Pattern(kind=kind, hosts=hosts, path=path, example=example, platform=PLATFORM, **more)


def _modal(path: str, example: str) -> Pattern:
    """A page with a work opened over it: the work is what is seen, and what is meant."""
    found = f"https://www.douyin.com{example}?modal_id={_WORK_EXAMPLE}"
    return _pattern("video", WWW, path, found, query={"modal_id": _ID})


_BY_VID = {"query": {"vid": _ID}}
_BY_ROOM = {"make": lambda groups: (groups["id"], ROOM_ID)}

PATTERNS = [
    _pattern("video", WWW, rf"/video/{_ID}/?", f"https://www.douyin.com/video/{_WORK_EXAMPLE}"),
    _modal(r"/discover/?", "/discover"),
    _modal(r"/jingxuan(?:/.*)?", "/jingxuan"),
    _modal(rf"/user/(?:{SEC_UID}|self)/?", f"/user/{_USER_EXAMPLE}"),
    _modal(r"/(?:root/)?search/.*", "/search/sample"),
    _modal(r"/channel/.*", "/channel/300203"),
    _modal(r"/", "/"),
    _modal(r"/.*", "/follow"),
    _pattern("video", WWW, rf"/user/(?:{SEC_UID}|self)/?", f"https://www.douyin.com/user/{_USER_EXAMPLE}?vid={_WORK_EXAMPLE}", **_BY_VID),
    _pattern("video", WWW, r"/", f"https://www.douyin.com/?vid={_WORK_EXAMPLE}", **_BY_VID),
    _pattern("video", WWW, rf"/note/{_ID}/?", f"https://www.douyin.com/note/{_WORK_EXAMPLE}"),
    _pattern("video", WWW, rf"/slides/{_ID}/?", f"https://www.douyin.com/slides/{_WORK_EXAMPLE}"),
    _pattern("video", WWW, rf"/gallery/{_ID}/?", f"https://www.douyin.com/gallery/{_WORK_EXAMPLE}"),
    _pattern("video", (*SHARE, *WWW), rf"/share/video/{_ID}/?", f"https://www.iesdouyin.com/share/video/{_WORK_EXAMPLE}/?region=CN"),
    _pattern("video", (*SHARE, *WWW), rf"/share/note/{_ID}/?", f"https://www.iesdouyin.com/share/note/{_WORK_EXAMPLE}/"),
    _pattern("video", (*SHARE, *WWW), rf"/share/slides/{_ID}/?", f"https://www.iesdouyin.com/share/slides/{_WORK_EXAMPLE}/"),
    _pattern("video", MOBILE, rf"/(?:share/)?(?:video|note|slides)/{_ID}/?", f"https://m.douyin.com/share/video/{_WORK_EXAMPLE}"),
    _pattern("video", ("open.douyin.com",), r"/player/video/?", f"https://open.douyin.com/player/video?vid={_WORK_EXAMPLE}", **_BY_VID),
    _pattern("user", (*WWW, *MOBILE), rf"/user/{_SEC}/?", f"https://www.douyin.com/user/{_USER_EXAMPLE}"),
    _pattern("own favourites", WWW, r"/user/self/?", "https://www.douyin.com/user/self?showTab=favorite_collection", query={"showTab": "favorite_collection"}, make=lambda groups: (OWN, {})),
    _pattern("page of the logged-in user", WWW, r"/user/(?P<id>self)/?", "https://www.douyin.com/user/self?showTab=like"),
    _pattern("user", (*SHARE, *MOBILE, *WWW), rf"/share/user/{_SEC}/?", f"https://www.iesdouyin.com/share/user/{_USER_EXAMPLE}"),
    _pattern("user", (*SHARE, *MOBILE, *WWW), r"/share/user/\d+/?", f"https://www.iesdouyin.com/share/user/100200300?sec_uid={_USER_EXAMPLE}", query={"sec_uid": _SEC}),
    _pattern("mix", WWW, rf"/collection/{_ID}(?:/\d+)?/?", f"https://www.douyin.com/collection/{_OTHER}/3"),
    _pattern("mix", WWW, rf"/mix/{_ID}/?", f"https://www.douyin.com/mix/{_OTHER}"),
    _pattern("mix", (*SHARE, *MOBILE), rf"/share/mix/detail/{_ID}/?", f"https://www.iesdouyin.com/share/mix/detail/{_OTHER}/"),
    _pattern("series", WWW, rf"/series/{_ID}{_REST}", f"https://www.douyin.com/series/{_OTHER}"),
    _pattern("music", WWW, rf"/music/{_ID}/?", f"https://www.douyin.com/music/{_OTHER}"),
    _pattern("music", (*SHARE, *MOBILE), rf"/share/music/{_ID}/?", f"https://www.iesdouyin.com/share/music/{_OTHER}"),
    _pattern("hashtag", WWW, rf"/(?:hashtag|challenge)/(?P<id>{HASHTAG})/?", "https://www.douyin.com/hashtag/1600000000000000"),
    _pattern("hashtag", (*SHARE, *MOBILE), rf"/share/challenge/(?P<id>{HASHTAG})/?", "https://www.iesdouyin.com/share/challenge/1600000000000000"),
    _pattern("live room", LIVE, rf"/(?P<id>{ROOM})/?", "https://live.douyin.com/123456789012"),
    _pattern("live room", WWW, rf"/(?:follow|root)/live/(?P<id>{ROOM})/?", "https://www.douyin.com/follow/live/123456789012"),
    _pattern("live room", WWW, r"/follow/?", "https://www.douyin.com/follow?webRid=123456789012", query={"webRid": rf"(?P<id>{ROOM})"}),
    _pattern("live room", (*WWW, *SHARE), r"/share/live/(?P<id>\d{6,20})/?", f"https://www.douyin.com/share/live/{_OTHER}", **_BY_ROOM),
    _pattern("live replay", WEBCAST, rf"/douyin/webcast/reflow/episode/{_ID}/?", f"https://webcast.amemv.com/douyin/webcast/reflow/episode/{_OTHER}"),
    _pattern("live room", WEBCAST, r"/douyin/webcast/reflow/(?P<id>\d{6,20})/?", f"https://webcast.amemv.com/douyin/webcast/reflow/{_OTHER}?sec_user_id={_USER_EXAMPLE}", query={"sec_user_id": rf"(?P<sec_user_id>{SEC_UID})"}, hints=("sec_user_id",), **_BY_ROOM),
    _pattern("live room", WEBCAST, r"/douyin/webcast/reflow/(?P<id>\d{6,20})/?", f"https://webcast.amemv.com/douyin/webcast/reflow/{_OTHER}", **_BY_ROOM),
    _pattern("live replay", WWW, rf"/vsdetail/{_ID}/?", f"https://www.douyin.com/vsdetail/{_OTHER}"),
    _pattern("article", WWW, rf"/article/{_ID}/?", f"https://www.douyin.com/article/{_OTHER}"),
    _pattern("search", WWW, r"/(?:root/)?search/(?P<id>[^/]+)/?", "https://www.douyin.com/search/sample", make=lambda groups: (unquote(groups["id"]), {})),
    _pattern("Xigua video", ("www.ixigua.com",), rf"/douyin/share/video/{_ID}/?", f"https://www.ixigua.com/douyin/share/video/{_OTHER}"),
    _pattern(SHORT_LINK, SHORT, r"/(?P<id>[A-Za-z0-9_\-]{5,16})/?", "https://v.douyin.com/AbCdEf1/"),
]  # fmt: skip

# A work opened over another one is meant, so these go before the page itself.
PATTERNS.sort(key=lambda pattern: "modal_id" not in pattern.query)

BARE_IDS = [
    BareId(kind="video", regex=WORK, example=_WORK_EXAMPLE, platform=PLATFORM),
    BareId(kind="user", regex=SEC_UID, example=_USER_EXAMPLE, platform=PLATFORM),
]
