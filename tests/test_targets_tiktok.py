"""What a text points at on TikTok: every form of link that people paste, and nothing on any other host."""

import pytest

from scraper.inputs.share_text import find
from scraper.platform.targets import SHORT_LINK, UNKNOWN, Target
from spiders.tiktok.spider import TIKTOK

ID = "7300000000000000002"
SEC = "MS4wLjABAAAAsample_0-000000000000000000000000000"
WWW = "https://www.tiktok.com"

FORMS = [
    (f"{WWW}/@sample.user/video/{ID}", "video", ID),
    (f"{WWW}/@sample.user/video/{ID}/?is_from_webapp=1&sender_device=pc#x", "video", ID),
    (f"{WWW}/@_under_/video/{ID}", "video", ID),
    (f"{WWW}/@sample.user/photo/{ID}", "video", ID),
    (f"{WWW}/@/photo/{ID}", "video", ID),
    (f"{WWW}/@/video/{ID}", "video", ID),
    (f"{WWW}/@_/video/{ID}", "video", ID),
    (f"{WWW}/@{SEC}/video/{ID}", "video", ID),
    (f"{WWW}/share/video/{ID}", "video", ID),
    (f"{WWW}/embed/{ID}", "video", ID),
    (f"{WWW}/embed/v2/{ID}?lang=en", "video", ID),
    (f"{WWW}/player/v1/{ID}?autoplay=1", "video", ID),
    (f"https://m.tiktok.com/v/{ID}.html?u_code=d&share_item_id=1", "video", ID),
    (f"https://t.tiktok.com/i18n/share/video/{ID}/?region=US", "video", ID),
    (f"https://www.tiktokv.com/share/video/{ID}/", "video", ID),
    (f"http://tiktok.com/@a/video/{ID}", "video", ID),
    (f"HTTPS://WWW.TIKTOK.COM/@a/video/{ID}", "video", ID),
    (f"www.tiktok.com/@a/video/{ID}", "video", ID),
    (ID, "video", ID),
    ("123456789012345", "video", "123456789012345"),
    (f"{WWW}/@sample.user", "user", "sample.user"),
    (f"{WWW}/@Sample.User/?lang=en", "user", "sample.user"),
    (f"{WWW}/@6800000000000000001", "user", "6800000000000000001"),
    (f"{WWW}/@{SEC}", "user", SEC),
    (f"{WWW}/@_", "user", "_"),
    (f"{WWW}/@sample__", "user", "sample__"),
    (f"{WWW}/@{SEC}-", "user", f"{SEC}-"),
    (f"{WWW}/@Sample.User/live", "live room", "sample.user"),
    ("https://m.tiktok.com/share/live/7400000000000000021", "live room", "7400000000000000021"),
    (f"{WWW}/@a/playlist/my-songs-7300000000000000011", "playlist", "7300000000000000011"),
    (f"{WWW}/@a/playlist/7300000000000000011", "playlist", "7300000000000000011"),
    (f"{WWW}/@a/collection/%E4%B8%80-7300000000000000012", "collection", "7300000000000000012"),
    (f"{WWW}/music/original-sound-7200000000000000003", "music", "7200000000000000003"),
    (f"{WWW}/tag/Sample", "hashtag", "sample"),
    (f"{WWW}/tag/%E7%8C%AB", "hashtag", "猫"),
    (f"{WWW}/sticker/glow-1000001", "effect", "1000001"),
    (f"{WWW}/place/park-22535796485870001", "place", "22535796485870001"),
    ("https://vm.tiktok.com/ZMSample1/", SHORT_LINK, "ZMSample1"),
    ("https://vt.tiktok.com/ZSSample1", SHORT_LINK, "ZSSample1"),
    (f"{WWW}/t/ZTSample1/?k=1", SHORT_LINK, "ZTSample1"),
]


def kinds_in(text: str) -> list[tuple[str, str]]:
    return [(target.kind, target.id) for target in find(text, TIKTOK.patterns, TIKTOK.bare_ids, TIKTOK.link_hosts)]


@pytest.mark.parametrize("text, kind, ident", FORMS)
def test_a_form(text: str, kind: str, ident: str) -> None:
    assert kinds_in(text) == [(kind, ident)]


@pytest.mark.parametrize("text, kind, ident", [form for form in FORMS if "://" in form[0]])
def test_a_form_in_a_share_text(text: str, kind: str, ident: str) -> None:
    assert kinds_in(f"Check this out!🔥 {text} #fyp") == [(kind, ident)]


def test_every_form_of_a_work_is_the_same_target() -> None:
    works = [find(text, TIKTOK.patterns, TIKTOK.bare_ids, TIKTOK.link_hosts) for text, _, ident in FORMS if ident == ID]
    assert {target.key for targets in works for target in targets} == {f"tiktok:video:{ID}"}


@pytest.mark.parametrize(
    "link, hints",
    [
        (f"{WWW}/@Sample.User/video/{ID}", {"handle": "Sample.User"}),
        (f"{WWW}/@_under_/photo/{ID}?lang=en", {"handle": "_under_"}),
        (f"{WWW}/@{SEC}/video/{ID}", {"sec_uid": SEC}),
        (f"{WWW}/@{SEC}/photo/{ID}", {"sec_uid": SEC}),
        (f"{WWW}/@_/video/{ID}", {}),
        (f"{WWW}/@_/photo/{ID}", {}),
        (f"{WWW}/@/video/{ID}", {}),
        (f"{WWW}/@%E7%8C%AB/video/{ID}", {}),
        (f"{WWW}/embed/{ID}", {}),
        (ID, {}),
    ],
)
def test_whose_a_work_is(link: str, hints: dict[str, str]) -> None:
    (target,) = find(link, TIKTOK.patterns, TIKTOK.bare_ids, TIKTOK.link_hosts)
    assert (dict(target.hints), target.extra, target.key) == (hints, (), f"tiktok:video:{ID}")


@pytest.mark.parametrize(
    "hints, ident, names",
    [
        ({}, ID, ["page", "feed", "browser"]),
        ({"handle": "a"}, ID, ["page", "feed", "profile", "browser"]),
        ({"sec_uid": SEC}, ID, ["page", "feed", "creator", "browser"]),
        ({"handle": "a", "sec_uid": SEC}, ID, ["page", "feed", "creator", "browser"]),
        ({"sec_uid": SEC}, "123456789012345", ["page", "feed", "browser"]),
    ],
)
def test_the_routes_that_fit(hints: dict[str, str], ident: str, names: list[str]) -> None:
    endpoint = next(endpoint for endpoint in TIKTOK.endpoints if endpoint.router == "/api/tiktok/web/fetch_one_video")
    target, fitting, place = Target("video", ident, ident).with_hints(hints), [], endpoint.route_for(Target("", "", ""))
    while place is not None:
        fitting.append(endpoint.routes[place].name)
        place = endpoint.route_for(target, place + 1)
    assert fitting == names


@pytest.mark.parametrize(
    "text",
    [
        f"https://www.tiktok.com.evil.example/@a/video/{ID}",
        f"https://evil.example/?https://www.tiktok.com/@a/video/{ID}",
        f"https://www.tiktok.com@evil.example/@a/video/{ID}",
        f"https://vtiktok.com/@a/video/{ID}",
        f"{WWW}/@a/video/12345",
        f"{WWW}/@a/video/{ID}999",
        f"{WWW}/@a/video/７３００００００００００００００００２",
        f"{WWW}/",
        f"{WWW}/nowhere",
        f"{WWW}/@",
        f"{WWW}/tag/",
        "12345678901234",
        "123456789012345678901",
        "sample.user",
    ],
)
def test_what_is_no_form_of_a_target(text: str) -> None:
    assert {kind for kind, _ in kinds_in(text)} <= {UNKNOWN}


def test_several_in_one_line() -> None:
    assert kinds_in(f"{WWW}/@a/video/{ID}，{WWW}/@b") == [("video", ID), ("user", "b")]
    assert kinds_in(f"{ID} 7300000000000000003") == [("video", ID), ("video", "7300000000000000003")]
