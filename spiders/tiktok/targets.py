"""Link forms of TikTok, each with an example that tests and documentation use."""

from urllib.parse import unquote

from scraper.platform import WORDS
from scraper.platform.targets import SHORT_LINK, BareId, Pattern
from spiders.tiktok.ids import HANDLE, NUMBER, PLATFORM, SEC_UID, WORK, user

WWW = ("www.tiktok.com", "m.tiktok.com", "tiktok.com")
MOBILE = ("m.tiktok.com",)
SHARE = ("t.tiktok.com",)
APP_SHARE = ("www.tiktokv.com",)
SHORT = ("vm.tiktok.com", "vt.tiktok.com")

HINTS = ("handle", "sec_uid")

_ID = rf"(?P<id>{WORK})"
_LANGUAGE = r"[a-z]{2}(?:-[A-Za-z]{2,4}){0,2}"
_ANY = r"@[^/]*"
_AUTHOR = rf"@(?:(?P<sec_uid>{SEC_UID})|(?!_/)(?P<handle>{HANDLE})|[^/]*)"
_SLUG = r"(?:[^/]*-)?(?P<id>[0-9]{5,20})"
_CODE = r"(?P<id>[A-Za-z0-9_\-]{5,20})"
_USER = rf"@(?P<id>{SEC_UID}|{HANDLE})"


def _pattern(kind: str, hosts: tuple[str, ...], path: str, example: str, **more) -> Pattern:
    return Pattern(kind=kind, hosts=hosts, path=path, example=example, platform=PLATFORM, **more)


def _user(groups: dict[str, str]) -> tuple[str, dict[str, str]]:
    return user(groups["id"]), {}


def _name(groups: dict[str, str]) -> tuple[str, dict[str, str]] | None:
    name = unquote(groups["id"]).lower()
    return (name, {}) if name.strip() and "/" not in name else None


PATTERNS = [
    _pattern("video", WWW, rf"/@(?!_/)(?P<handle>{HANDLE})/video/{_ID}/?", "https://www.tiktok.com/@sample.user/video/7300000000000000002", hints=HINTS),
    _pattern("video", WWW, rf"/@/video/{_ID}/?", "https://www.tiktok.com/@/video/7300000000000000002"),
    _pattern("video", WWW, rf"/@_/video/{_ID}/?", "https://www.tiktok.com/@_/video/7300000000000000002"),
    _pattern("video", WWW, rf"/{_AUTHOR}/photo/{_ID}/?", "https://www.tiktok.com/@sample.user/photo/7300000000000000003", hints=HINTS),
    _pattern("video", WWW, rf"/{_AUTHOR}/video/{_ID}/?", "https://www.tiktok.com/@MS4wLjABAAAAsample0000000000000000/video/7300000000000000002", hints=HINTS),
    _pattern("video", WWW, rf"/{_LANGUAGE}/{_AUTHOR}/(?:video|photo)/{_ID}/?", "https://www.tiktok.com/zh-Hant-TW/@sample.user/video/7300000000000000002", hints=HINTS),
    _pattern("video", WWW, rf"/share/(?:video|item)/{_ID}/?", "https://www.tiktok.com/share/video/7300000000000000002"),
    _pattern("video", WWW, rf"/embed/{_ID}/?", "https://www.tiktok.com/embed/7300000000000000002"),
    _pattern("video", WWW, rf"/embed/v[23]/{_ID}/?", "https://www.tiktok.com/embed/v2/7300000000000000002"),
    _pattern("video", WWW, rf"/player/v1/{_ID}/?", "https://www.tiktok.com/player/v1/7300000000000000002"),
    _pattern("video", WWW, rf"/v/{_ID}(?:\.html)?/?", "https://m.tiktok.com/v/7300000000000000002.html"),
    _pattern("video", SHARE, rf"/(?:i18n/)?share/(?:video|item)/{_ID}/?", "https://t.tiktok.com/i18n/share/video/7300000000000000002/"),
    _pattern("video", APP_SHARE, rf"/share/(?:video|item)/{_ID}/?", "https://www.tiktokv.com/share/video/7300000000000000002/"),
    _pattern("live room", WWW, rf"/{_USER}/live/?", "https://www.tiktok.com/@sample.user/live", make=_user),
    _pattern("live room", MOBILE, r"/share/live/(?P<id>[0-9]{5,20})/?", "https://m.tiktok.com/share/live/7400000000000000021"),
    _pattern("playlist", WWW, rf"/{_ANY}/playlist/{_SLUG}/?", "https://www.tiktok.com/@sample.user/playlist/songs-7300000000000000011"),
    _pattern("collection", WWW, rf"/{_ANY}/collection/{_SLUG}/?", "https://www.tiktok.com/@sample.user/collection/likes-7300000000000000012"),
    _pattern("user", WWW, rf"/{_USER}/?", "https://www.tiktok.com/@sample.user", make=_user),
    _pattern("user", WWW, rf"/{_LANGUAGE}/{_USER}/?", "https://www.tiktok.com/zh-Hant-TW/@sample.user", make=_user),
    _pattern("music", WWW, rf"/music/{_SLUG}/?", "https://www.tiktok.com/music/original-sound-7200000000000000003"),
    _pattern("hashtag", WWW, r"/tag/(?P<id>[^/]{1,300})/?", "https://www.tiktok.com/tag/sample", make=_name),
    _pattern("search", WWW, r"/search(?:/video|/user)?/?", "https://www.tiktok.com/search?q=sample", query={"q": rf"(?P<id>{WORDS})"}),
    _pattern("effect", WWW, rf"/sticker/{_SLUG}/?", "https://www.tiktok.com/sticker/sample-1000001"),
    _pattern("place", WWW, rf"/place/{_SLUG}/?", "https://www.tiktok.com/place/sample-22535796485870001"),
    _pattern(SHORT_LINK, SHORT[:1], rf"/{_CODE}/?", "https://vm.tiktok.com/ZMSample1/"),
    _pattern(SHORT_LINK, SHORT[1:], rf"/{_CODE}/?", "https://vt.tiktok.com/ZSSample1/"),
    _pattern(SHORT_LINK, WWW, rf"/t/{_CODE}/?", "https://www.tiktok.com/t/ZTSample1/"),
    _pattern(SHORT_LINK, WWW, rf"/{_LANGUAGE}/t/{_CODE}/?", "https://www.tiktok.com/en/t/ZTSample1/"),
]  # fmt: skip

_APP = "snssdk1233://"  # how a page opens the app


def _last(link: str) -> str:
    """Return the id at the end of a link into the app."""
    return link.partition("?")[0].rpartition("/")[2]


BARE_IDS = [
    BareId(kind="video", regex=WORK, example="7300000000000000002", platform=PLATFORM),
    BareId(kind="video", regex=rf"{_APP}aweme/detail/{WORK}(?:\?.*)?", example=f"{_APP}aweme/detail/7300000000000000002", make=_last, platform=PLATFORM),
    BareId(kind="user", regex=rf"{_APP}user/profile/{NUMBER}(?:\?.*)?", example=f"{_APP}user/profile/6800000000000000001", make=_last, platform=PLATFORM),
]  # fmt: skip
