"""Link forms of Bilibili, each with an example that tests and documentation use."""

import re
from collections.abc import Mapping
from functools import partial

from scraper.platform import WORDS
from scraper.platform.targets import NO_CONTENT, NO_FILTER, SHORT_LINK, BareId, Pattern, Target
from spiders.bilibili.ids import AV, BV, NUMBER, PLATFORM, canonical
from spiders.bilibili.search_filters import ORDER_OF_POSTS, USER_FILTERS, VIDEO_FILTERS

WWW = ("www.bilibili.com", "m.bilibili.com", "bilibili.com")
SPACE = ("space.bilibili.com",)
SHORT = ("b23.tv", "bili2233.cn", "bili22.cn", "bili23.cn", "bili33.cn")
_PLAYER = ("player.bilibili.com",)
_DYNAMIC = ("t.bilibili.com",)
_LIVE = ("live.bilibili.com",)
_SEARCH = ("search.bilibili.com",)
_APP = ("bilibili:",)
_ID = rf"(?P<id>{BV}|{AV})"
_N = rf"(?P<id>{NUMBER})"
_MID = rf"/(?P<id>{NUMBER})"
_PART_IN_PATH = r"(?:/|\.html|/index_(?P<index>\d{1,9})\.html)?"
_PART = ("p", "page", "#")
_PART_OF_PLAYER = (*_PART, "cid")
_FIRST_PART = re.compile(r"[?&#/](?:p|page)=1(?!\d)|/p1(?!\d)|/index_1\.", re.ASCII)
_IN_UPLOADS = {"special_type": NO_FILTER}
_IN_FOLDER = {"keyword": "", "tid": NO_FILTER}
_NO_FOLDER = {"fid": "", "ftype": "", "ctype": ""}
_IN_PEOPLE = {"tagid": "(?:-1)?", "keyword": ""}  # 0 is a group of its own
_IN_POSTS = {"keyword": "", "tid": NO_FILTER}
_POSTS = r"(?:video|home|index|upload|upload/video|index\.html)"
_FOUND, _OF_CATEGORY = "what a search within a user's videos finds", "a user's videos of one category"
_TABS_OF_POSTS = "video|archive|contribute|home|main|index|"
_WORDS = {"keyword": rf"(?P<id>{WORDS})"}


def _video(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return the BV code and the selected part: by its place unless it is the first, or by its number."""
    bvid = canonical(groups["id"])
    if bvid is None:
        return None
    in_fragment = re.search(r"(?:^|[/&?])(?:page|p)=(\d+)", groups.get("#", ""), re.ASCII)
    given = (groups.get("p"), groups.get("page"), groups.get("index"), in_fragment and in_fragment[1])
    part = next((value for value in given if value), "")
    if not part and re.fullmatch(r"[1-9]\d{0,15}", cid := groups.get("cid", ""), re.ASCII):
        return bvid, {"cid": cid}
    number = re.match(r"0*(\d{1,9})", part, re.ASCII)  # Bilibili's pages ignore what follows the number
    return bvid, {"p": number[1]} if number and int(number[1]) > 1 else {}  # no video has 10^8 parts, or more


def selects_part(target: Target) -> bool:
    """Return whether a link selects a part. The first one is not in `extra`: its page shows the video.

    >>> links = [Target("video", "BV1L9Uoa9EUx", f"https://www.bilibili.com/video/BV1L9Uoa9EUx{p}") for p in ("", "?p=1")]
    >>> [*map(selects_part, links)]
    [False, True]
    """
    return bool(target.extra) or _FIRST_PART.search(target.given) is not None


def page_of_part(page: str, number: int) -> str:
    """Return the page of a part of a video."""
    return f"{page}?p={number}"


def _aid(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    return _video({**groups, "id": f"av{groups['id']}"})


def _area(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return the area or sub-area; sub-area 0 means the whole area."""
    parent, below = str(int(groups["parent"])), groups.get("areaId", "0")
    if parent == "0" or not re.fullmatch(r"\d{1,9}", below, re.ASCII):
        return None
    return (str(int(below)), {"parent": parent}) if int(below) else (parent, {})


def _lower(groups: dict[str, str]) -> tuple[str, dict[str, str]]:
    return groups["id"].lower(), {}


def _number(groups: dict[str, str]) -> tuple[str, dict[str, str]]:
    return str(int(groups["id"])), {}


def _in_fragment(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return the episode whose number is in the link's fragment."""
    number = re.fullmatch(rf"(?:ep)?({NUMBER})", groups.get("#", ""), re.ASCII)
    return (f"ep{int(number[1])}", {}) if number else None


def _watched_later(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """A video of the watch later list, whose id and part are in the link's fragment."""
    path = re.fullmatch(rf"/(?P<id>{BV}|{AV})(?:/p(?P<index>\d{{1,9}}))?/?", groups.get("#", ""), re.ASCII)
    return _video({name: value for name, value in path.groupdict().items() if value}) if path else None


def _season(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """A season, unless the fragment names an episode, which is no valid one if it gets here."""
    if re.fullmatch(r"(?:ep)?\d+", groups.get("#", ""), re.ASCII):
        return None
    number = groups.get("number")
    return (f"ss{int(number)}" if number else (groups.get("id") or groups["media"]).lower()), {}


def _owned(groups: dict[str, str]) -> tuple[str, dict[str, str]]:
    return str(int(groups["id"])), {"uid": str(int(groups["uid"]))}


def _search(hosts: tuple[str, ...], path: str, example: str, filters: Mapping[str, str], **sets: str) -> Pattern:
    """Return the link form of a search; its filters are passed on."""
    return _pattern(
        "search", hosts, path, example, query=_WORDS, make=lambda groups: (groups["id"], sets), passed=filters
    )


def _the(ident: str):
    """Return a function that gives every link this id: there is only one target of its kind."""
    return lambda groups: (ident, {})


def _prefixed(prefix: str):
    """Return a function that puts a prefix before the number in a link."""
    return lambda groups: (f"{prefix}{int(groups['id'])}", {})


def _pattern(kind: str, hosts: tuple[str, ...], path: str, example: str, **more) -> Pattern:
    return Pattern(kind=kind, hosts=hosts, path=path, example=example, platform=PLATFORM, routed=hosts == SPACE, **more)


def _tab(path: str, example: str, router: str = "", page: str = "", **more) -> Pattern:
    """Return the link form of a tab of a user's space.

    :param router: the endpoint of its content
    :param page: a name for its content, used in messages if no endpoint has it
    """
    options = {"make": _number, "router": router, "page": page or "a tab of a user", **more}
    return _pattern("user", SPACE, f"{_MID}/{path}/?", f"https://space.bilibili.com/2/{example}", **options)


def _tabs(hosts: tuple[str, ...], path: str, example: str, key: str) -> list[Pattern]:
    """Return the link forms of a user's tabs, which a query key names."""
    tab = partial(_pattern, "user", hosts, path, make=_number)
    return [
        tab(example, query={key: _TABS_OF_POSTS}),
        tab(f"{example}?{key}=dynamic", query={key: "dynamic"}, router="fetch_user_dynamic", page="a tab of a user"),
        tab(f"{example}?{key}=article", query={key: "(?P<tab>.{1,60})"}, page='the tab "{tab}" of a user'),
    ]


_BVID = {"query": {"bvid": rf"(?P<id>{BV})"}, "make": _video, "keep": _PART_OF_PLAYER}
_AID = {"query": {"aid": rf"(?:av)?{_N}"}, "make": _aid, "keep": _PART_OF_PLAYER}
_OID = {"query": {"oid": _N}, "make": _aid, "keep": _PART}
_SID = {"query": {"sid": _N}, "make": _owned}
_PLAYLIST = "/(?:list|medialist/play)"
_IN_LIST = {"bvid": "", "oid": ""}  # a video of the list, if its id is valid
_IN_PLAYLIST = {**_IN_LIST, "business": "(?:space)?", "sid": "", "type": "", **_IN_POSTS, **_IN_UPLOADS}
_EMBED = r"/(?:blackboard|html)/(?:html5mobileplayer|html5player|html5playerbeta|webplayer/(?:embed-old|mbplayer)|newplayer|player)(?:\.html)?"
_UID = rf"/(?P<uid>{NUMBER})"

PATTERNS = [
    _pattern("video", WWW, rf"/(?:s/|mobile/)?video/{_ID}{_PART_IN_PATH}", "https://www.bilibili.com/video/BV1L9Uoa9EUx?p=2", make=_video, keep=_PART),
    _pattern("video", WWW, rf"/{_ID}{_PART_IN_PATH}", "https://bilibili.com/av170001", make=_video, keep=_PART),
    _pattern("video", WWW, r"/festival/.+", "https://www.bilibili.com/festival/sample?bvid=BV1L9Uoa9EUx", **_BVID),
    _pattern("video", WWW, r"/(?:list|medialist/play)/.+", "https://www.bilibili.com/list/ml1001?bvid=BV1L9Uoa9EUx", **_BVID),
    _pattern("video", WWW, r"/(?:list|medialist/play)/.+", "https://www.bilibili.com/list/ml1001?oid=170001", **_OID),
    _pattern("video", WWW, rf"/medialist/play/(?:ml)?\w+/{_ID}/?", "https://www.bilibili.com/medialist/play/ml1001/BV1L9Uoa9EUx", make=_video, keep=_PART),
    _pattern("video", (*_PLAYER, *WWW), rf"/player\.html|{_EMBED}", "https://player.bilibili.com/player.html?bvid=BV1L9Uoa9EUx&page=2", **_BVID),
    _pattern("video", (*_PLAYER, *WWW), rf"/player\.html|{_EMBED}", "https://player.bilibili.com/player.html?aid=170001", **_AID),
    _pattern("video", SHORT, rf"/{_ID}(?:/p(?P<index>\d{{1,9}}))?/?", "https://b23.tv/BV1L9Uoa9EUx/p2", make=_video, keep=_PART),
    _pattern("video", _APP, rf"/video/(?P<id>{BV})/?", "bilibili://video/BV1L9Uoa9EUx", make=_video, keep=_PART_OF_PLAYER),
    _pattern("video", _APP, rf"/video/(?:av)?{_N}/?", "bilibili://video/170001?page=2", make=_aid, keep=_PART_OF_PLAYER),
    _pattern("season", SPACE, rf"{_MID}/favlist", "https://space.bilibili.com/2/favlist?fid=3001&ftype=collect&ctype=21", query={"fid": _N, "ftype": "collect", "ctype": "21"}, make=_number, filters=_IN_FOLDER),
    _pattern("folder", SPACE, r"/\d+/favlist/?", "https://space.bilibili.com/2/favlist?fid=1001&ftype=collect&ctype=11", query={"fid": _N, "ftype": "collect", "ctype": "11"}, make=_number, filters=_IN_FOLDER),
    _pattern("folder", SPACE, r"/\d+/favlist/?", "https://space.bilibili.com/2/favlist?fid=1001", query={"fid": _N, "ftype": "(?:create)?", "ctype": "(?:11)?"}, make=_number, filters=_IN_FOLDER),
    _tab("favlist", "favlist?fid=pugvfav", page="the courses that a user saved", query={"fid": "pugvfav"}, filters=_NO_FOLDER),
    _tab("favlist", "favlist?fid=0", page="a folder without a valid number", query={"fid": "0+"}, filters=_NO_FOLDER),
    _tab("favlist", "favlist?fid=1001&ftype=collect", page="a collection of a user, without its kind (ctype=11 or ctype=21)", query={"fid": r".+"}, filters=_NO_FOLDER),
    _tab("favlist", "favlist", "fetch_collect_folders", filters=_IN_FOLDER | _NO_FOLDER),
    _pattern("season", SPACE, rf"{_UID}/channel/collectiondetail/?", "https://space.bilibili.com/2/channel/collectiondetail?sid=3001", **_SID),
    _pattern("series", SPACE, rf"{_UID}/channel/seriesdetail/?", "https://space.bilibili.com/2/channel/seriesdetail?sid=3001", **_SID),
    _pattern("series", SPACE, rf"{_UID}/lists/{_N}/?", "https://space.bilibili.com/2/lists/3001?type=series", query={"type": "series"}, make=_owned),
    _pattern("season", SPACE, rf"{_UID}/lists/{_N}/?", "https://space.bilibili.com/2/lists/3001?type=season", query={"type": "(?:season)?"}, make=_owned),
    _pattern("series", SPACE, rf"{_UID}/lists/?", "https://space.bilibili.com/2/lists?sid=3001&type=series", query={"sid": _N, "type": "series"}, make=_owned),
    _pattern("season", SPACE, rf"{_UID}/lists/?", "https://space.bilibili.com/2/lists?sid=3001", query={"sid": _N, "type": "(?:season)?"}, make=_owned),
    _pattern("user", SPACE, rf"{_MID}(?:/{_POSTS})?/?", "https://space.bilibili.com/2/video", make=_number, query={"keyword": "", "tid": NO_FILTER}, passed=ORDER_OF_POSTS, filters=_IN_UPLOADS),
    _tab(_POSTS, "video?keyword=sample", page=_FOUND, query={"keyword": ".+"}, filters=_IN_POSTS),
    _tab(_POSTS, "video?tid=3", page=_OF_CATEGORY, query={"tid": ".+"}, filters=_IN_POSTS),
    _tab("dynamic", "dynamic", "fetch_user_dynamic", filters={"type": "(?:all)?", "tab": "(?:all)?", "keyword": ""}),
    _tab("(?:lists|channel|channel/series|channel/index|channel/collection)", "lists", "fetch_user_seasons_series", filters={"type": "", "sid": "", "keyword": ""}),
    _tab("(?:fans/fans|relation/fans|fans)", "fans/fans", "fetch_user_followers", filters=_IN_PEOPLE),
    _tab("(?:fans/follow|relation/follow|follow)", "relation/follow", "fetch_user_following", filters=_IN_PEOPLE),
    _tab("(?:audio|upload/audio)", "upload/audio", page="the audio of a user"),
    _tab("(?:article|upload/article|read)", "article", page="the articles of a user"),
    _tab("(?:opus|upload/opus|album|upload/album)", "upload/opus", page="the picture posts of a user"),
    _tab("(?:pugv|upload/pugv|cheese)", "pugv", page="the courses of a user"),
    _tab("(?:bangumi|cinema|subs|subscribe)", "bangumi", page="the series that a user follows"),
    _tab("search(?:/.*)?", "search/video?keyword=sample", page="what a search within a user's space finds", filters={"keyword": ""}),
    _tab("(?P<tab>[^?]{1,200})", "game", page='the page "{tab}" of a user'),
    *_tabs(WWW, rf"/space{_MID}/?", "https://m.bilibili.com/space/2", "tab"),
    *_tabs(_APP, rf"/(?:space|author){_MID}/?", "bilibili://space/2", "defaultTab"),
    _pattern("own account", SPACE, r"/", "https://space.bilibili.com/", make=_the("own")),
    _pattern("episode", WWW, rf"/bangumi/play/(?P<id>ep{NUMBER})/?", "https://www.bilibili.com/bangumi/play/ep1001", make=_lower),
    _pattern("episode", WWW, rf"/bangumi/play/ss{NUMBER}/?", "https://www.bilibili.com/bangumi/play/ss1001#1002", make=_in_fragment, keep=("#",)),
    _pattern("episode", ("bangumi.bilibili.com",), rf"/anime/{NUMBER}/play/?", "https://bangumi.bilibili.com/anime/1001/play#1002", make=_in_fragment, keep=("#",)),
    _pattern("bangumi", WWW, rf"/bangumi/(?:play/(?P<id>ss{NUMBER})|media/(?P<media>md{NUMBER}))/?", "https://www.bilibili.com/bangumi/media/md1001", make=_season, keep=("#",)),
    _pattern("episode", SHORT, rf"/(?P<id>ep{NUMBER})/?", "https://b23.tv/ep1001", make=_lower),
    _pattern("bangumi", SHORT, rf"/(?P<id>(?:ss|md){NUMBER})/?", "https://b23.tv/ss1001", make=_lower),
    _pattern("bangumi", ("bangumi.bilibili.com",), rf"/anime/(?P<number>{NUMBER})(?:/play)?/?", "https://bangumi.bilibili.com/anime/1001", make=_season, keep=("#",)),
    _pattern("bangumi", _APP, rf"/(?:bangumi|pgc)/season{_MID}/?", "bilibili://bangumi/season/1001", make=_prefixed("ss")),
    _pattern("episode", _APP, rf"/(?:bangumi|pgc)/season/ep{_MID}/?", "bilibili://pgc/season/ep/1001", make=_prefixed("ep")),
    _pattern("episode", _PLAYER, r"/player\.html", "https://player.bilibili.com/player.html?episodeId=1001", query={"episodeId": _N}, make=_prefixed("ep")),
    _pattern("course", WWW, rf"/cheese/play/(?P<id>(?:ep|ss){NUMBER})/?", "https://www.bilibili.com/cheese/play/ss1001", make=_lower),
    _pattern("video", WWW, r"/watchlater/?", "https://www.bilibili.com/watchlater/#/BV1L9Uoa9EUx/p2", make=_watched_later, keep=("#",)),
    _pattern("watch later list", WWW, r"/(?:list/watchlater|watchlater|watchlater/.*|medialist/play/watchlater)/?", "https://www.bilibili.com/list/watchlater", make=_the("own")),
    _pattern("folder", WWW, rf"/(?:list|medialist/(?:play|detail))/ml{_N}/?", "https://www.bilibili.com/list/ml1001", make=_number, filters=_IN_FOLDER | _IN_LIST),
    _pattern("folder", _APP, rf"/(?:music/playlist/detail|playlist){_MID}/?", "bilibili://music/playlist/detail/1001", make=_number),
    _pattern("series", WWW, rf"/list{_UID}/?", "https://www.bilibili.com/list/2?sid=3001", query={"sid": _N, "type": "(?:series)?"}, make=_owned, filters=_IN_LIST),
    _pattern("season", WWW, rf"/list{_UID}/?", "https://www.bilibili.com/list/2?sid=3001&type=season", query={"sid": _N, "type": "season"}, make=_owned, filters=_IN_LIST),
    _pattern("series", WWW, rf"/medialist/play{_UID}/?", "https://www.bilibili.com/medialist/play/2?business=space_series&business_id=3001", query={"business": "space_series", "business_id": _N}, make=_owned, filters=_IN_LIST),
    _pattern("season", WWW, rf"/medialist/play{_UID}/?", "https://www.bilibili.com/medialist/play/2?business=space_collection&business_id=3001", query={"business": "space_collection", "business_id": _N}, make=_owned, filters=_IN_LIST),
    _pattern("user", WWW, rf"{_PLAYLIST}{_MID}/?", "https://www.bilibili.com/list/2?keyword=sample", make=_number, page=_FOUND, query={"keyword": ".+"}, filters=_IN_PLAYLIST),
    _pattern("user", WWW, rf"{_PLAYLIST}{_MID}/?", "https://www.bilibili.com/medialist/play/2?business=space_channel&business_id=3001", make=_number, page="a user's list of unknown kind", query={"business": "(?!space$).+"}, filters=_IN_PLAYLIST),
    _pattern("user", WWW, rf"{_PLAYLIST}{_MID}/?", "https://www.bilibili.com/list/2?tid=3", make=_number, page=_OF_CATEGORY, query={"tid": rf"(?!{NO_FILTER}$).+", "sid": ""}, filters=_IN_PLAYLIST),
    _pattern("user", WWW, rf"{_PLAYLIST}{_MID}/?", "https://www.bilibili.com/list/2", make=_number, filters=_IN_PLAYLIST),
    _pattern("dynamic", _DYNAMIC, r"/(?:h5/dynamic/detail/)?(?P<id>(?=0{0,19}[1-9])\d{1,20})/?", "https://t.bilibili.com/800000000000000001"),
    _pattern("dynamic", WWW, r"/(?:opus|dynamic)/(?P<id>(?=0{0,19}[1-9])\d{1,20})/?", "https://www.bilibili.com/opus/800000000000000001"),
    _pattern("dynamic", _APP, r"/(?:following/detail|opus/detail)/(?P<id>(?=0{0,19}[1-9])\d{1,20})/?", "bilibili://following/detail/800000000000000001"),
    _pattern("followed feed", _DYNAMIC, r"/", "https://t.bilibili.com/", make=_the("own")),
    _pattern("picture post", ("h.bilibili.com",), r"/(?:ywh/)?(?P<id>(?=0{0,19}[1-9])\d{1,20})/?", "https://h.bilibili.com/1001"),
    _pattern("article", WWW, rf"/read/(?:(?:cv|mobile/|native\?id=){_N})/?", "https://www.bilibili.com/read/cv1001", make=_number),
    _pattern("article", WWW, r"/read/(?:mobile|native)/?", "https://www.bilibili.com/read/mobile?id=1001", query={"id": _N}, make=_number),
    _pattern("article", _APP, rf"/(?:article|read){_MID}/?", "bilibili://article/1001", make=_number),
    _pattern("article list", WWW, rf"/read/(?:readlist/|mobile-readlist/)rl{_N}/?", "https://www.bilibili.com/read/readlist/rl1001", make=_number),
    _pattern("audio", WWW, rf"/audio/(?P<id>a[um]{NUMBER})/?", "https://www.bilibili.com/audio/au1001", make=_lower),
    _pattern("comic", ("manga.bilibili.com",), r"/(?:m/)?(?:detail/)?mc(?P<id>(?=0{0,19}[1-9])\d{1,16})(?:/\d+)?/?", "https://manga.bilibili.com/detail/mc1001"),
    _search(_SEARCH, r"/(?:all|video)?/?", "https://search.bilibili.com/all?keyword=sample", VIDEO_FILTERS),
    _search(_SEARCH, r"/upuser/?", "https://search.bilibili.com/upuser?keyword=sample", USER_FILTERS, search_type="bili_user"),
    _pattern("search", _SEARCH, r"/(?P<tab>[^/]{1,40})/?", "https://search.bilibili.com/live?keyword=sample", query=_WORDS, page='the tab "{tab}" of a search'),
    _search(WWW, r"/search/?", "https://m.bilibili.com/search?keyword=sample", VIDEO_FILTERS),
    _search(_APP, r"/search/?", "bilibili://search?keyword=sample", VIDEO_FILTERS),
    _pattern("popular list", WWW, r"/v/popular(?:/all)?/?", "https://www.bilibili.com/v/popular/all", make=_the("popular"), router="fetch_com_popular"),
    _pattern("ranking", WWW, r"/(?:v/popular/rank(?:/all)?|ranking|v/ranking)/?", "https://www.bilibili.com/v/popular/rank/all", make=_the("0"), router="fetch_ranking"),
    _pattern("ranking of a category", WWW, r"/(?:v/popular/rank|ranking|v/ranking)/(?P<id>[a-zA-Z0-9_/\-]{1,60})", "https://www.bilibili.com/v/popular/rank/game", page='the ranking of one category ("{id}")', instead="give -a router=fetch_ranking -a rid=<number of the category>"),
    _pattern("weekly selection", WWW, r"/v/popular/(?P<id>weekly|history)/?", "https://www.bilibili.com/v/popular/weekly?num=100"),
    _pattern("topic", WWW, r"/v/topic/detail/?", "https://www.bilibili.com/v/topic/detail?topic_id=1001", query={"topic_id": _N}, make=_number),
    _pattern("category", WWW, r"/[vc]/(?P<id>[a-z0-9_\-/]{1,60})", "https://www.bilibili.com/v/kichiku/mad"),
    _pattern("category", WWW, r"/(?P<id>anime|bangumi|guochuang|movie|documentary|tv|variety|cheese|read|audio|blackboard/\S{1,80})/?", "https://www.bilibili.com/anime/"),
    _pattern("history of the logged-in user", WWW, r"/(?:account/)?(?P<id>history)/?", "https://www.bilibili.com/history"),
    _pattern("live area", _LIVE, r"/p/eden/area-tags/?", "https://live.bilibili.com/p/eden/area-tags?parentAreaId=1&areaId=100", query={"parentAreaId": r"(?P<parent>\d{1,9})"}, make=_area, keep=("areaId",)),
    _pattern("live areas", _LIVE, r"/p/eden/area-tags/?", "https://live.bilibili.com/p/eden/area-tags", make=_the("all"), router="fetch_all_live_areas", filters={"parentAreaId": "0+", "areaId": "0+"}),
    _pattern("live room", _LIVE, rf"/(?:blanc/|h5/)?{_N}/?", "https://live.bilibili.com/1001", make=_number),
    _pattern("live room", _APP, rf"/live{_MID}/?", "bilibili://live/1001", make=_number),
    _pattern("live replay", _LIVE, r"/record/(?P<id>\w{1,40})/?", "https://live.bilibili.com/record/R1sample"),
    _pattern(NO_CONTENT, ("app.bilibili.com", "d.bilibili.com"), r"/.*", "https://app.bilibili.com/", make=_the("app"), page="an advertisement for Bilibili's app"),
    _pattern(SHORT_LINK, SHORT, r"/(?P<id>[A-Za-z0-9]{5,16})/?", "https://b23.tv/AbCd123"),
]  # fmt: skip

BARE_IDS = [
    BareId(kind="video", regex=BV, example="BV1L9Uoa9EUx", make=canonical, platform=PLATFORM),
    BareId(kind="video", regex=AV, example="av170001", make=canonical, platform=PLATFORM),
    BareId(kind="episode", regex=rf"[eE][pP]{NUMBER}", example="ep1001", make=str.lower, platform=PLATFORM),
    BareId(kind="bangumi", regex=rf"(?:[sS]{{2}}|[mM][dD]){NUMBER}", example="ss1001", make=str.lower, platform=PLATFORM),
    BareId(kind="folder", regex=rf"[mM][lL]{NUMBER}", example="ml1001", make=lambda word: str(int(word[2:])), platform=PLATFORM),
    BareId(kind="article", regex=rf"[cC][vV]{NUMBER}", example="cv1001", make=lambda word: str(int(word[2:])), platform=PLATFORM),
    BareId(kind="audio", regex=rf"[aA][uUmM]{NUMBER}", example="au1001", make=str.lower, platform=PLATFORM),
]  # fmt: skip
