"""What a text points at: every form of link that people paste, and nothing on any other host."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.inputs.share_text import find
from scraper.platform.targets import SHORT_LINK, UNKNOWN, Target, match, parse_link
from spiders.bilibili.spider import BILIBILI

BV = "BV1L9Uoa9EUx"
VIDEO = f"https://www.bilibili.com/video/{BV}"
GLUE = "，。！？、；：“”‘’（）《》【】…—～　复制打开看视频 \t"
EMOJI = "😀🎬👉🏽❤️"
AROUND = st.text(st.sampled_from(GLUE + EMOJI), max_size=8)
ANY = settings(max_examples=120, deadline=None)


def targets_in(text: str) -> list[Target]:
    return list(find(text, BILIBILI.patterns, BILIBILI.bare_ids, BILIBILI.link_hosts))


def kinds(text: str) -> list[tuple[str, str, dict[str, str]]]:
    return [(target.kind, target.id, dict(target.extra)) for target in targets_in(text)]


FORMS = [
    (VIDEO, "video", BV, {}),
    (f"{VIDEO}/", "video", BV, {}),
    (f"{VIDEO}?p=3", "video", BV, {"p": "3"}),
    (f"{VIDEO}/?p=1", "video", BV, {}),
    (f"{VIDEO}?p=03&t=12", "video", BV, {"p": "3"}),
    (f"{VIDEO}?p=x", "video", BV, {}),
    (f"{VIDEO}?spm_id_from=333.1007.tianma.1-1-1.click&vd_source=0a1b#reply250000000001", "video", BV, {}),
    (
        f"{VIDEO}?share_source=copy_web&share_medium=android&bbid=XY&ts=1793000000&unique_k=a&p=2",
        "video",
        BV,
        {"p": "2"},
    ),
    (f"http://www.bilibili.com/video/{BV}", "video", BV, {}),
    (f"HTTPS://WWW.BILIBILI.COM/video/{BV}", "video", BV, {}),
    (f"https://m.bilibili.com/video/{BV}?p=2", "video", BV, {"p": "2"}),
    (f"https://www.bilibili.com/VIDEO/bv{BV[2:]}", "video", BV, {}),
    ("https://www.bilibili.com/video/av170001", "video", "BV17x411w7KC", {}),
    ("https://www.bilibili.com/video/AV170001/?p=2", "video", "BV17x411w7KC", {"p": "2"}),
    ("https://bilibili.com/av170001", "video", "BV17x411w7KC", {}),
    (f"https://www.bilibili.com/{BV}", "video", BV, {}),
    (f"https://www.bilibili.com/s/video/{BV}", "video", BV, {}),
    (f"https://www.bilibili.com/festival/sample2026?bvid={BV}&p=2", "video", BV, {"p": "2"}),
    (f"https://www.bilibili.com/list/watchlater?oid=1&bvid={BV}", "video", BV, {}),
    (f"https://www.bilibili.com/list/ml1001?bvid={BV}", "video", BV, {}),
    (f"https://www.bilibili.com/list/2?sid=3001&bvid={BV}", "video", BV, {}),
    (f"https://www.bilibili.com/medialist/play/ml1001?bvid={BV}", "video", BV, {}),
    (f"https://player.bilibili.com/player.html?isOutside=true&aid=1&bvid={BV}&cid=2&page=2", "video", BV, {"p": "2"}),
    ("https://player.bilibili.com/player.html?aid=170001&page=1", "video", "BV17x411w7KC", {}),
    (f"https://b23.tv/{BV}", "video", BV, {}),
    ("https://b23.tv/av170001", "video", "BV17x411w7KC", {}),
    ("https://b23.tv/AbCd123", SHORT_LINK, "AbCd123", {}),
    ("https://bili2233.cn/AbCd123", SHORT_LINK, "AbCd123", {}),
    ("https://space.bilibili.com/2", "user", "2", {}),
    ("https://space.bilibili.com/0002/upload/video", "user", "2", {}),
    ("https://space.bilibili.com/3500000000000001/dynamic?x=1", "user", "3500000000000001", {}),
    ("https://m.bilibili.com/space/2", "user", "2", {}),
    ("https://space.bilibili.com/2/lists/3001?type=season", "season", "3001", {}),
    ("https://space.bilibili.com/2/favlist?fid=1001&ftype=create", "folder", "1001", {}),
    ("https://www.bilibili.com/bangumi/play/ep1001", "episode", "ep1001", {}),
    ("https://live.bilibili.com/1001?broadcast_type=0", "live room", "1001", {}),
    ("https://t.bilibili.com/800000000000000001", "dynamic", "800000000000000001", {}),
]


@pytest.mark.parametrize("url, kind, ident, extra", FORMS)
def test_a_form_of_link(url: str, kind: str, ident: str, extra: dict[str, str]) -> None:
    for text in (url, f"看看 {url} 不错", f"【标题-哔哩哔哩】{url}", f"标题：{url}，快来看", f"<{url}>", f'"{url}"'):
        named = {name: value for name, value in kinds(text)[0][2].items() if name != "uid"}
        assert (len(kinds(text)), *kinds(text)[0][:2], named) == (1, kind, ident, extra)
        assert targets_in(text)[0].given == url


@pytest.mark.parametrize(
    "text, expected",
    [
        ("【标题-哔哩哔哩】 https://b23.tv/AbCd123", [(SHORT_LINK, "AbCd123")]),
        ("https://b23.tv/AbCd123，快来看", [(SHORT_LINK, "AbCd123")]),
        ("https://b23.tv/AbCd123快来看", [(SHORT_LINK, "AbCd123")]),
        ("分享【标题】https://b23.tv/AbCd123，点击！https://b23.tv/EfGh456。",
         [(SHORT_LINK, "AbCd123"), (SHORT_LINK, "EfGh456")]),
        ("https://b23.tv/AbCd123.", [(SHORT_LINK, "AbCd123")]),
        ("(https://b23.tv/AbCd123)", [(SHORT_LINK, "AbCd123")]),
        ("[标题](https://b23.tv/AbCd123)", [(SHORT_LINK, "AbCd123")]),
        ("b23.tv/AbCd123", [(SHORT_LINK, "AbCd123")]),
        ("看b23.tv/AbCd123呀", [(SHORT_LINK, "AbCd123")]),
        ("space.bilibili.com/2", [("user", "2")]),
        ("www.bilibili.com/video/av2", [("video", "BV1xx411c7mD")]),
        (BV, [("video", BV)]),
        (f"bv{BV[2:]}", [("video", BV)]),
        ("av2 AV170001", [("video", "BV1xx411c7mD"), ("video", "BV17x411w7KC")]),
        (f"{BV},av2；av170001、", [("video", BV), ("video", "BV1xx411c7mD"), ("video", "BV17x411w7KC")]),
        (f"{VIDEO} {BV}", [("video", BV)]),
        (f"讲的是 {BV} 这个视频", [(UNKNOWN, "")]),
        ("av0", [(UNKNOWN, "")]),
        ("readme.md v1.2", [(UNKNOWN, "")]),
        ("me@www.bilibili.com", [(UNKNOWN, "")]),
        ("", [(UNKNOWN, "")]),
        ("https://", [(UNKNOWN, "")]),
        ("https://www.bilibili.com/", [(UNKNOWN, "")]),
        (f"{VIDEO} BV1GJ411x7h7 av170001", [("video", BV), ("video", "BV1GJ411x7h7"), ("video", "BV17x411w7KC")]),
        (f"看 BV1GJ411x7h7 {VIDEO}", [("video", BV)]),
        (f"12 {VIDEO}", [("video", BV)]), ("BV1GJ411x7h7 av2", [("video", "BV1GJ411x7h7"), ("video", "BV1xx411c7mD")]),
        (f"{VIDEO}xyz", [(UNKNOWN, "")]),
    ],
)  # fmt: skip
def test_a_share_text(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(target.kind, "" if target.kind == UNKNOWN else target.id) for target in targets_in(text)] == expected


FOREIGN = [
    "https://evil.example/?bilibili.com", f"https://www.bilibili.com@evil.example/video/{BV}",
    f"https://www.bilibili.com:443@evil.example/video/{BV}", f"https://www.bilibili.com.evil.example/video/{BV}",
    f"https://evil.example/{VIDEO}", f"https://evil.example/?u={VIDEO}", f"https://evil.example/#{VIDEO}",
    f"https://evilbilibili.com/video/{BV}", f"https://www.bilibili.com.:8443/video/{BV}",
    f"https://www.bilibili.com:8080/video/{BV}", f"https://u:p@www.bilibili.com/video/{BV}",
    f"https://www.bilibi1i.com/video/{BV}", f"https://www.bilibіli.com/video/{BV}", f"https://www。bilibili。com/video/{BV}",
    f"https://www.ｂilibili.com/video/{BV}", f"https://[::1]/video/{BV}", f"https://127.0.0.1/video/{BV}",
    f"https://www.bilibili.com%2eevil.example/video/{BV}", f"https://evil.example%00.bilibili.com/video/{BV}",
    f"ftp://www.bilibili.com.evil.example/video/{BV}", f"https://passport.bilibili.com.evil.example/{BV}",
    "https://b23.tv.evil.example/AbCd123", "https://b23.tv@evil.example/AbCd123", "https://evil.example\\@b23.tv",
    "javascript:alert(1)", "file:///etc/passwd", "https://www.bilibili.com\\.evil.example/", "//evil.example/x",
]  # fmt: skip


@pytest.mark.parametrize("text", FOREIGN)
def test_a_foreign_host_is_never_a_target(text: str) -> None:
    for variant in (text, f"看{text}，快来", f"{text} {text}"):
        assert {target.kind for target in targets_in(variant)} == {UNKNOWN}
    assert match(text, BILIBILI.patterns) is None


@pytest.mark.parametrize(
    "text", ["https://www.bilibili.com:99999/", "https://[", "https://a:b", "https://a]b/", "https://%zz"]
)
def test_an_address_that_is_none(text: str) -> None:
    assert parse_link(text) is None or parse_link(text).host
    assert {target.kind for target in targets_in(text)} == {UNKNOWN}


@ANY
@given(AROUND, AROUND, st.sampled_from([url for url, *_ in FORMS]))
def test_any_chinese_around_a_link(before: str, after: str, url: str) -> None:
    (target,) = targets_in(f"{before}{url}{after}")
    assert target.given == url and target.kind != UNKNOWN


@ANY
@given(st.lists(st.tuples(AROUND.filter(bool), st.sampled_from([url for url, *_ in FORMS])), min_size=1, max_size=5))
def test_several_links_in_one_text(parts: list[tuple[str, str]]) -> None:
    text = "".join(f"{url}{glue}" for glue, url in parts)
    assert [target.given for target in targets_in(text)] == [url for _, url in parts]


@ANY
@given(st.text(max_size=200))
def test_any_text_has_targets(text: str) -> None:
    targets = targets_in(text)
    assert targets and all(target.kind == UNKNOWN or target.id for target in targets)


PIECES = st.sampled_from([
    "https://", "http://", "//", "www.bilibili.com", "b23.tv", "space.bilibili.com", "evil.example", "/video/", BV,
    "av2", "@", ":", "\\", "/", "?", "#", "p=2", "%", "[", "]", "(", ")", "。", "看", " ", ".", "bvid=",
    "443", "\u202e", "\x00", "K", "ſ",
])  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_target_is_what_its_own_link_says(text: str) -> None:
    for target in targets_in(text):
        if target.kind == UNKNOWN or target.given.lower().startswith(("av", "bv1")):
            continue
        link = parse_link(target.given)
        assert link and link.host in BILIBILI.link_hosts
        assert target.given in text and "@" not in re.split("[?#]", target.given)[0]
