"""Link forms of Douyin, each with an example that tests and documentation use."""

from typing import Any
from urllib.parse import unquote

from scraper.platform import WORDS
from scraper.platform.targets import NO_CONTENT, NO_FILTER, SHORT_LINK, BareId, Pattern
from spiders.douyin.ids import BROADCAST, HASHTAG, OWN, PLATFORM, ROOM, ROOM_ID, SEC_UID, WORK
from spiders.douyin.search_filters import FILTERS

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


_CRAWLED = ("user", "mix", "mix episode", "music", "hashtag", "search", "live room", "hot list", "own favourites")


def _pattern(kind: str, hosts: tuple[str, ...], path: str, example: str, **more) -> Pattern:
    """Return a pattern. On top of a page that is crawled there may be a post, whose id must be valid then."""
    opened = {"modal_id": ""} if kind in _CRAWLED else {}
    options = {**more, "filters": {**opened, **more.get("filters", {})}}
    return Pattern(kind=kind, hosts=hosts, path=path, example=example, platform=PLATFORM, **options)


def _modal(path: str, example: str) -> Pattern:
    """Return the pattern of a page with a post open on top; the post is the target."""
    link = f"https://www.douyin.com{example}?modal_id={_WORK_EXAMPLE}"
    return _pattern("video", WWW, path, link, query={"modal_id": _ID})


_BY_VID = {"query": {"vid": _ID}}
_BY_ROOM = {"make": lambda groups: (groups["id"], ROOM_ID)}


def _the(ident: str) -> Any:
    """Return a function that gives every link this id: there is only one target of its kind."""
    return lambda groups: (ident, {})


def _word(groups: dict[str, str]) -> tuple[str, dict[str, str]]:
    return unquote(groups["id"]), {}


def _episode(groups: dict[str, str]) -> tuple[str, dict[str, str]]:
    """One post of a mix: the page opens at the episode whose number is in the link."""
    return groups["id"], {"episode": groups["episode"]}


def _tab(query: dict[str, str], example: str, router: str = "", page: str = "a tab of a user") -> Pattern:
    """Return the link form of a tab of a user.

    :param router: the endpoint of its content
    :param page: a name for its content, used in messages if no endpoint has it
    """
    link = f"https://www.douyin.com/user/{_USER_EXAMPLE}?{example}"
    return _pattern("user", (*WWW, *MOBILE), rf"/user/{_SEC}/?", link, query=query, router=router, page=page)


def _search(kind: str, example: str, router: str = "", page: str = "a tab of a search", **more: Any) -> Pattern:
    """Return the link form of a tab of a search, which `type` names."""
    options = {"make": _word, "filters": _NO_FILTERS, "router": router, "page": page, **more}
    return _pattern(
        "search", WWW, _SEARCH, f"https://www.douyin.com/search/sample?type={example}", query={"type": kind}, **options
    )


_UNKNOWN_FILTERS = dict.fromkeys(
    ("filter_duration", "search_range", "content_type", "douyin_user_fans", "douyin_user_type"), NO_FILTER
)
_NO_FILTERS = {**dict.fromkeys(FILTERS, NO_FILTER), **_UNKNOWN_FILTERS}
_WITH_FILTERS: dict[str, Any] = {"make": _word, "passed": FILTERS, "filters": _UNKNOWN_FILTERS}


_SEARCH = r"/(?:root/|jingxuan/)?search/(?P<id>[^/]+)/?"
_APP = ("snssdk1128:", "snssdk2329:", "aweme:")
_REFLOW = r"(?:/douyin)?/webcast/reflow"
_ALL_SHARE = (*SHARE, *MOBILE, *WWW)

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
    _pattern("video", ("jingxuan.douyin.com",), rf"/(?:m/)?(?:video|note)/{_ID}/?", f"https://jingxuan.douyin.com/m/video/{_WORK_EXAMPLE}"),
    _pattern("video", ("open.douyin.com",), r"/player/video/?", f"https://open.douyin.com/player/video?vid={_WORK_EXAMPLE}", **_BY_VID),
    _pattern("video", _APP, rf"/aweme/detail/{_ID}/?", f"snssdk1128://aweme/detail/{_WORK_EXAMPLE}"),
    _pattern("user", (*WWW, *MOBILE), rf"/user/{_SEC}/?", f"https://www.douyin.com/user/{_USER_EXAMPLE}", query={"showTab": "(?:post)?"}, filters={"vid": ""}),
    _tab({"showTab": "like"}, "showTab=like", "fetch_user_like_videos"),
    _tab({"showTab": "(?:mix|compilation|series)"}, "showTab=mix", "fetch_user_mix_list"),
    _tab({"showTab": "favorite_collection"}, "showTab=favorite_collection", page="the favourites of another user, who alone can see them"),
    _tab({"showTab": "(?P<tab>.{1,60})"}, "showTab=record", page='the tab "{tab}" of a user'),
    _pattern("own favourites", WWW, r"/user/self/?", "https://www.douyin.com/user/self?showTab=favorite_collection", query={"showTab": "favorite_collection", "showSubTab": "(?:video)?"}, make=_the(OWN)),
    _pattern("page of the logged-in user", WWW, r"/user/(?P<id>self)/?", "https://www.douyin.com/user/self?showTab=like"),
    _pattern("user", _ALL_SHARE, rf"/share/user/{_SEC}/?", f"https://www.iesdouyin.com/share/user/{_USER_EXAMPLE}"),
    _pattern("user", _ALL_SHARE, r"/(?:share/)?user/\d+/?", f"https://www.iesdouyin.com/share/user/100200300?sec_uid={_USER_EXAMPLE}", query={"sec_uid": _SEC}),
    _pattern("user by number", _ALL_SHARE, r"/(?:share/)?user/(?P<id>(?=0{0,19}[1-9])\d{1,20})/?", "https://www.douyin.com/share/user/100200300/", page="a user by number", instead="open it in a browser, and give the URL that the browser shows"),
    _pattern("user", _APP, r"/user/profile/\d+/?", f"snssdk1128://user/profile/100200300?sec_uid={_USER_EXAMPLE}", query={"sec_uid": _SEC}),
    _pattern("user by number", _APP, r"/user/profile/(?P<id>(?=0{0,19}[1-9])\d{1,20})/?", "snssdk1128://user/profile/100200300", page="a user by number", instead="give the URL of the user's page on www.douyin.com"),
    _pattern("mix", WWW, rf"/collection/{_ID}/?", f"https://www.douyin.com/collection/{_OTHER}"),
    _pattern("mix episode", WWW, rf"/collection/{_ID}/(?P<episode>[1-9]\d{{0,5}})/?", f"https://www.douyin.com/collection/{_OTHER}/3", make=_episode),
    _pattern("mix", WWW, rf"/mix/{_ID}/?", f"https://www.douyin.com/mix/{_OTHER}"),
    _pattern("mix", _ALL_SHARE, rf"/share/mix/detail/{_ID}/?", f"https://www.iesdouyin.com/share/mix/detail/{_OTHER}/"),
    _pattern("mix", _APP, rf"/mix/detail/{_ID}/?", f"snssdk1128://mix/detail/{_OTHER}"),
    _pattern("series", (*WWW, *_ALL_SHARE), rf"/(?:share/)?series/(?:detail/)?{_ID}{_REST}", f"https://www.douyin.com/series/{_OTHER}"),
    _pattern("music", WWW, rf"/music/{_ID}/?", f"https://www.douyin.com/music/{_OTHER}"),
    _pattern("music", _ALL_SHARE, rf"/share/music/{_ID}/?", f"https://www.iesdouyin.com/share/music/{_OTHER}"),
    _pattern("music", _APP, rf"/music/detail/{_ID}/?", f"snssdk1128://music/detail/{_OTHER}"),
    _pattern("hashtag", WWW, rf"/(?:hashtag|challenge)/(?P<id>{HASHTAG})/?", "https://www.douyin.com/hashtag/1600000000000000"),
    _pattern("hashtag", _ALL_SHARE, rf"/share/challenge/(?P<id>{HASHTAG})/?", "https://www.iesdouyin.com/share/challenge/1600000000000000"),
    _pattern("hashtag", _APP, rf"/challenge/detail/(?P<id>{HASHTAG})/?", "snssdk1128://challenge/detail/1600000000000000"),
    _pattern("live directory", LIVE, r"/(?P<id>categor[a-z]*|hot_live|fusion|webcast|search|game)(?:/.*)?", "https://live.douyin.com/categorynew/4_103"),
    _pattern("live room", LIVE, rf"/(?P<id>{ROOM})/?", "https://live.douyin.com/123456789012"),
    _pattern("live room", WWW, rf"/(?:(?:follow|root)/)?live/(?P<id>{ROOM})/?", "https://www.douyin.com/follow/live/123456789012"),
    _pattern("live room", WWW, r"/follow/?", "https://www.douyin.com/follow?webRid=123456789012", query={"webRid": rf"(?P<id>{ROOM})"}),
    _pattern("live room", _ALL_SHARE, rf"/share/live/(?P<id>{BROADCAST})/?", f"https://www.douyin.com/share/live/{_OTHER}", **_BY_ROOM),
    _pattern("live replay", WEBCAST, rf"{_REFLOW}/episode/{_ID}/?", f"https://webcast.amemv.com/douyin/webcast/reflow/episode/{_OTHER}"),
    _pattern("live room", WEBCAST, rf"{_REFLOW}/(?P<id>{BROADCAST})/?", f"https://webcast.amemv.com/douyin/webcast/reflow/{_OTHER}?sec_user_id={_USER_EXAMPLE}", query={"sec_user_id": rf"(?P<sec_user_id>{SEC_UID})"}, hints=("sec_user_id",), **_BY_ROOM),
    _pattern("live room", WEBCAST, rf"{_REFLOW}/(?P<id>{BROADCAST})/?", f"https://webcast.amemv.com/douyin/webcast/reflow/{_OTHER}", **_BY_ROOM),
    _pattern("live room", _APP, r"/(?:live|webcast_room)/?", f"snssdk1128://live?room_id={_OTHER}", query={"room_id": rf"(?P<id>{BROADCAST})"}, **_BY_ROOM),
    _pattern("live replay", WWW, rf"/vsdetail/{_ID}/?", f"https://www.douyin.com/vsdetail/{_OTHER}"),
    _pattern("film", WWW, r"/lvdetail/(?P<id>\w{5,40})/?", f"https://www.douyin.com/lvdetail/{_OTHER}"),
    _pattern("article", (*WWW, *_ALL_SHARE), rf"/(?:share/)?article/{_ID}/?", f"https://www.douyin.com/article/{_OTHER}"),
    _pattern("topic page", WWW, r"/(?:shipin|zhuanti|topic)/(?P<id>\w{1,40})/?", f"https://www.douyin.com/shipin/{_OTHER}"),
    _pattern("search", WWW, _SEARCH, "https://www.douyin.com/search/sample", query={"type": "(?:general)?"}, **_WITH_FILTERS),
    _search("video", "video", "fetch_video_search", **_WITH_FILTERS),
    _search("user", "user", "fetch_user_search"),
    _search("(?P<tab>.{1,60})", "live", page='the tab "{tab}" of a search'),
    _pattern("search", _APP, r"/search(?:/result)?/?", "snssdk1128://search?keyword=sample", query={"keyword": rf"(?P<id>{WORDS})"}, **_WITH_FILTERS),
    _pattern("hot list", WWW, r"/hot/?", "https://www.douyin.com/hot", make=_the("hot"), router="fetch_hot_search"),
    _pattern("hot topic", WWW, r"/hot/(?P<id>(?=0{0,19}[1-9])\d{1,20})(?:/.*)?", "https://www.douyin.com/hot/1001/sample"),
    _pattern("feed", WWW, r"/(?P<id>discover|jingxuan|recommend|follow|friend|channel|vs|live|shortfilm|series|mall)(?:/.*)?", "https://www.douyin.com/discover"),
    _pattern("Xigua video", ("www.ixigua.com",), rf"/douyin/share/video/{_ID}/?", f"https://www.ixigua.com/douyin/share/video/{_OTHER}"),
    _pattern(NO_CONTENT, (*WWW, *SHARE), r"/(?:download|downloadpage|share/download|aweme/download).*", "https://www.douyin.com/downloadpage/pc", make=_the("app"), page="an advertisement for Douyin's app"),
    _pattern(SHORT_LINK, SHORT, r"/(?P<id>[A-Za-z0-9_\-]{5,16})/?", "https://v.douyin.com/AbCdEf1/"),
]  # fmt: skip

# A post open on top of a page is the target, so these precede the page itself.
PATTERNS.sort(key=lambda pattern: "modal_id" not in pattern.query)

BARE_IDS = [
    BareId(kind="video", regex=WORK, example=_WORK_EXAMPLE, platform=PLATFORM),
    BareId(kind="user", regex=SEC_UID, example=_USER_EXAMPLE, platform=PLATFORM),
]
