"""Link forms of TikTok, each with an example that tests and documentation use."""

import re
from typing import Any
from urllib.parse import unquote

from scraper.platform import WORDS
from scraper.platform.targets import NO_CONTENT, NO_FILTER, SHORT_LINK, BareId, Pattern
from spiders.tiktok.ids import HANDLE, NUMBER, PLATFORM, SEC_UID, WORK, hashtag, user

WWW = ("www.tiktok.com", "m.tiktok.com", "tiktok.com")
MOBILE = ("m.tiktok.com",)
SHARE = ("t.tiktok.com",)
APP_SHARE = ("www.tiktokv.com",)
LITE = ("lite.tiktok.com",)
SHORT = ("vm.tiktok.com", "vt.tiktok.com")
_APP = ("snssdk1233:", "snssdk1180:", "musically:", "tiktok:")
_ALL_SHARE = (*WWW, *SHARE, *APP_SHARE)

HINTS = ("handle", "sec_uid")

_ID = rf"(?P<id>{WORK})"
_LANGUAGE = r"(?:/[a-z]{2}(?:-[a-z]{2,4}){0,2})?"
_ANY = r"@[^/]*"
_AUTHOR = rf"@(?:(?P<sec_uid>{SEC_UID})|(?!_/)(?P<handle>{HANDLE})|[^/]*)"
_SLUG = rf"(?:[^/]*-)?(?P<id>{NUMBER})"
_CODE = r"(?P<id>[A-Za-z0-9_\-]{5,20})"
_USER = rf"@(?P<id>{SEC_UID}|{HANDLE})"
_NUMBER = rf"(?P<id>{NUMBER})"
_SHARED = r"(?:/i18n|/h5)?/share"


def _pattern(kind: str, hosts: tuple[str, ...], path: str, example: str, **more: Any) -> Pattern:
    return Pattern(kind=kind, hosts=hosts, path=path, example=example, platform=PLATFORM, **more)


def _page(kind: str, path: str, example: str, **more: Any) -> Pattern:
    """Return the link form of a web page, in any language."""
    return _pattern(kind, WWW, f"{_LANGUAGE}{path}/?", f"https://www.tiktok.com/{example}", **more)


def _tab(path: str, example: str, router: str) -> Pattern:
    """A tab of a user: the endpoint that gives what it shows."""
    link = f"@sample.user/{example}"
    return _page("user", rf"/{_USER}/{path}", link, make=_user, router=router, page="a tab of a user")


def _app(kind: str, path: str, example: str, **more: Any) -> Pattern:
    """Return the form of a link that opens the app."""
    return _pattern(kind, _APP, f"{path}/?", f"snssdk1233://{example}", **more)


def _in_fragment(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return the post that is open on top of a page of recommendations."""
    path = re.fullmatch(rf"/@[^/]*/(?:video|photo)/({WORK})/?(?:\?.*)?", groups.get("#", ""), re.ASCII)
    return (path[1], {}) if path else None


def _for_you(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """The recommendations, unless the fragment names a post, which is no valid one if it gets here."""
    return None if groups.get("#", "").startswith("/@") else ("for you", {})


def _user(groups: dict[str, str]) -> tuple[str, dict[str, str]]:
    return user(groups["id"]), {}


def _name(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    """Return a hashtag's name without "#", or None if it ends with punctuation."""
    name = unquote(groups["id"]).lower().removeprefix("#")
    return (name, {}) if name.strip() and "/" not in name and name[-1] not in ".,;:!?*|" else None


def _tag_number(groups: dict[str, str]) -> tuple[str, dict[str, str]]:
    return hashtag(groups["id"]), {}


def _the(ident: str) -> Any:
    """Return a function that gives every link this id: there is only one target of its kind."""
    return lambda groups: (ident, {})


_WORDS = {"query": {"q": rf"(?P<id>{WORDS})"}, "filters": dict.fromkeys(("publish_time", "sort_type"), NO_FILTER)}

PATTERNS = [
    _page("video", rf"/@(?!_/)(?P<handle>{HANDLE})/video/{_ID}", "@sample.user/video/7300000000000000002", hints=HINTS),
    _page("video", rf"/@/video/{_ID}", "@/video/7300000000000000002"),
    _page("video", rf"/@_/video/{_ID}", "@_/video/7300000000000000002"),
    _page("video", rf"/{_AUTHOR}/photo/{_ID}", "@sample.user/photo/7300000000000000003", hints=HINTS),
    _page("video", rf"/{_AUTHOR}/video/{_ID}", "zh-Hant-TW/@MS4wLjABAAAAsample0000000000000000/video/7300000000000000002", hints=HINTS),
    _page("video", rf"/embed(?:/v[1-3])?/{_ID}", "embed/v2/7300000000000000002"),
    _page("video", rf"/player/v1/{_ID}", "player/v1/7300000000000000002"),
    _page("video", rf"/v/{_ID}(?:\.html)?", "v/7300000000000000002.html"),
    _pattern("video", _ALL_SHARE, rf"{_SHARED}/(?:video|item|photo)/{_ID}(?:\.html)?/?", "https://www.tiktokv.com/share/video/7300000000000000002/"),
    _app("video", rf"/aweme/detail/{_ID}", "aweme/detail/7300000000000000002"),
    _page("live room", rf"/(?!@[0-9]+/){_USER}/live", "@sample.user/live", make=_user),
    _pattern("live room", _ALL_SHARE, rf"{_SHARED}/live/{_NUMBER}/?", "https://m.tiktok.com/share/live/7400000000000000021"),
    _app("live room", r"/live", "live?room_id=7400000000000000021", query={"room_id": _NUMBER}),
    _page("playlist", rf"/{_ANY}/playlist/{_SLUG}", "@sample.user/playlist/songs-7300000000000000011"),
    _page("collection", rf"/{_ANY}/collection/{_SLUG}", "@sample.user/collection/likes-7300000000000000012"),
    _page("story", rf"/{_ANY}/story/{_ID}", "@sample.user/story/7300000000000000002"),
    _page("user", rf"/{_USER}", "@sample.user", make=_user),
    _page("user", rf"/embed/{_USER}", "embed/@sample.user", make=_user),
    _page("user", rf"/{_USER}/posts", "@sample.user/posts", make=_user),
    _tab("(?:liked|likes)", "liked", "fetch_user_like"),
    _tab("reposts?", "reposts", "fetch_user_repost"),
    _tab("(?:favorites|saved)", "favorites", "fetch_user_collect"),
    _page("user", rf"/{_USER}/(?!(?:video|photo|playlist|collection|story)\b)(?P<tab>[a-z_\-]{{1,40}})", "@sample.user/stories", make=_user, page='the page "{tab}" of a user'),
    _pattern("user", _ALL_SHARE, rf"{_SHARED}/(?:user|usr)/{_NUMBER}(?:\.html)?/?", "https://m.tiktok.com/h5/share/usr/6800000000000000001.html"),
    _app("user", rf"/user/profile/{_NUMBER}", "user/profile/6800000000000000001"),
    _page("music", rf"/music/{_SLUG}", "music/original-sound-7200000000000000003"),
    _pattern("music", _ALL_SHARE, rf"{_SHARED}/music/{_NUMBER}(?:\.html)?/?", "https://m.tiktok.com/h5/share/music/7200000000000000003.html"),
    _app("music", rf"/music/detail/{_NUMBER}", "music/detail/7200000000000000003"),
    _page("hashtag", r"/tag/(?P<id>[^/]{1,300})", "tag/sample", make=_name),
    _pattern("hashtag", _ALL_SHARE, r"(?:/i18n|/h5)?/share/(?:tag|challenge)/(?P<id>(?=0{0,19}[1-9])[0-9]{1,20})(?:\.html)?/?", "https://m.tiktok.com/h5/share/tag/4001.html", make=_tag_number),
    _app("hashtag", r"/challenge/detail/(?P<id>(?=0{0,19}[1-9])[0-9]{1,20})", "challenge/detail/4001", make=_tag_number),
    _page("search", r"/search(?:/video|/top)?", "search?q=sample", **_WORDS),
    _page("search", r"/search/user", "search/user?q=sample", router="fetch_search_user", page="the users of a search", **_WORDS),
    _page("search", r"/search/(?P<tab>[^/]{1,40})", "search/live?q=sample", page='the tab "{tab}" of a search', **_WORDS),
    _page("video", r"/(?:foryou|trending)?", "foryou?item_id=7300000000000000002", query={"item_id": _ID}),
    _page("video", r"/(?:foryou|trending)?", "trending?shareId=7300000000000000002", query={"shareId": _ID}),
    _page("video", r"/(?:foryou|trending)?", "foryou#/@sample.user/video/7300000000000000002", make=_in_fragment, keep=("#",)),
    _page("recommended", r"/foryou", "foryou", make=_for_you, keep=("#",), filters={"item_id": "", "shareId": ""}, router="fetch_recommended"),
    _page("effect", rf"/(?:sticker|effect)/{_SLUG}", "sticker/sample-1000001"),
    _page("place", rf"/place/{_SLUG}", "place/sample-22535796485870001"),
    _page("topic", r"/(?:discover|topics|channel)/(?P<id>[^/]{1,300})", "discover/sample"),
    _page("live event", r"/live/event/(?P<id>(?=0{0,19}[1-9])[0-9]{5,20})", "live/event/7400000000000000031"),
    _pattern("product", ("shop.tiktok.com",), r"/view/product/(?P<id>(?=0{0,19}[1-9])[0-9]{5,20})/?", "https://shop.tiktok.com/view/product/1700000000000000001"),
    _page("product", r"/(?:view/product|shop/pdp(?:/[^/]*)?)/(?P<id>(?=0{0,19}[1-9])[0-9]{5,20})", "view/product/1700000000000000001"),
    _page("feed", r"/(?P<id>explore|following|friends|live|discover|shop|messages|activity)(?:/.*)?", "explore"),
    _page(NO_CONTENT, r"/(?:tiktok-?lite|download|download-link|get-?app)", "tiktoklite", make=_the("app"), page="an advertisement for TikTok's app"),
    _pattern(SHORT_LINK, SHORT[:1], rf"/{_CODE}/?", "https://vm.tiktok.com/ZMSample1/"),
    _pattern(SHORT_LINK, SHORT[1:], rf"/{_CODE}/?", "https://vt.tiktok.com/ZSSample1/"),
    _pattern(SHORT_LINK, (*WWW, *LITE), rf"{_LANGUAGE}/t/{_CODE}/?", "https://www.tiktok.com/t/ZTSample1/"),
    _pattern(NO_CONTENT, LITE, r"/.*", "https://lite.tiktok.com/", make=_the("app"), page="an advertisement for TikTok Lite"),
]  # fmt: skip


BARE_IDS = [
    BareId(kind="video", regex=WORK, example="7300000000000000002", platform=PLATFORM),
    BareId(kind="user", regex=rf"@{HANDLE}", example="@sample.user", make=lambda word: user(word[1:]), platform=PLATFORM),
    BareId(kind="user", regex=SEC_UID, example="MS4wLjABAAAAsample0000000000000000", platform=PLATFORM),
]  # fmt: skip
