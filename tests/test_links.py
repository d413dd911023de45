"""Where links begin and end in what people paste, and that words in them stay what they are."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scraper.inputs.share_text import find, links
from scraper.platform import Context
from scraper.platform.atlas import Atlas
from scraper.platform.targets import SHORT_LINK, UNKNOWN, Target
from spiders.hybrid import HybridSpider

ATLAS = HybridSpider.build_atlas()
TIKTOK, BILIBILI, DOUYIN = "https://www.tiktok.com", "https://www.bilibili.com", "https://www.douyin.com"
BV, WORK, SOUND = "BV1L9Uoa9EUx", "7412345678901234567", "7200000000000000003"
SHORT = ["https://b23.tv/AbCd123", "https://v.douyin.com/AbCdEf1/", "https://vm.tiktok.com/ZMSample1/"]
ANY = settings(max_examples=200, deadline=None)


def targets_in(text: str, atlas: Atlas = ATLAS) -> list[Target]:
    return list(find(text, atlas.patterns, atlas.bare_ids, atlas.link_hosts))


def one(text: str) -> tuple[str, str, str]:
    (target,) = targets_in(text)
    return target.kind, target.id, target.given


WORDED = [
    ("hashtag", f"{TIKTOK}/tag/%s"),
    ("search", f"{TIKTOK}/search?q=%s"),
    ("search", f"{TIKTOK}/search/video?lang=en&q=%s&t=17"),
    ("search", f"{DOUYIN}/search/%s"),
    ("search", f"{DOUYIN}/search/%s?type=video"),
    ("search", "https://search.bilibili.com/all?keyword=%s"),
    ("search", "search.bilibili.com/video?keyword=%s&order=click"),
]
WORDS = [
    "café", "fútbol", "été2025", "日本", "кот", "猫咪", "حب", "cafe\u0301", "l'été", "l’amour", "🐱cat", "한국어",
    "a-é-b",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("kind, link", WORDED)
def test_a_word_is_what_it_is_however_it_is_written(kind: str, link: str, word: str) -> None:
    keys = set()
    for written in (word, quote(word), word[0] + quote(word[1:]), quote(word[:-1]) + word[-1]):
        url = link % written
        for text in (
            url,
            f"<{url}>",
            f"看看【{url}】",
            f"{url}，快来看",
            f"({url}).",
            f'"{url}" x',
            f"‘{url}’",
            f"'{url}'",
        ):
            assert one(text) == (kind, word, url)
        (target,) = targets_in(url)
        keys.add(target.key)
    assert len(keys) == 1


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "link", [f"{TIKTOK}/tag/%s", f"{DOUYIN}/search/%s", "https://search.bilibili.com/all?keyword=%s"]
)
def test_a_word_is_sent_in_percent_encoding_once(link: str, word: str) -> None:
    for written in (word, quote(word)):
        (target,) = targets_in(link % written)
        endpoint = ATLAS.default(target)
        place, urls = endpoint.route_for(target), []
        while place is not None:
            urls.append(endpoint.url_for(Context(target), "", place))
            place = endpoint.route_for(target, place + 1)
        assert urls and all(f"={quote(word)}" in url and url.isascii() for url in urls)


IDS = [
    (SHORT_LINK, "AbCd123", SHORT[0]),
    (SHORT_LINK, "AbCdEf1", SHORT[1]),
    (SHORT_LINK, "ZMSample1", SHORT[2]),
    ("video", BV, f"{BILIBILI}/video/{BV}"),
    ("video", BV, f"{BILIBILI}/video/{BV}?p=2"),
    ("video", BV, f"{BILIBILI}/festival/春节?bvid={BV}"),
    ("user", "2", "https://space.bilibili.com/2"),
    ("season", "3001", "https://space.bilibili.com/2/lists/3001?type=season"),
    ("series", "3001", "https://space.bilibili.com/2/lists/3001?type=series"),
    ("video", WORK, f"{DOUYIN}/video/{WORK}"),
    ("video", WORK, f"{DOUYIN}/search/猫咪?modal_id={WORK}"),
    ("video", WORK, f"{DOUYIN}/jingxuan?word=猫&modal_id={WORK}"),
    ("hashtag", "1600000000000000", f"{DOUYIN}/hashtag/1600000000000000"),
    ("video", WORK, f"{TIKTOK}/@sample.user/video/{WORK}"),
    ("video", WORK, f"{TIKTOK}/@é/video/{WORK}"),
    ("user", "sample.user", f"{TIKTOK}/@sample.user"),
    ("user", "sample", f"{TIKTOK}/@sample?name=é"),
    ("music", SOUND, f"{TIKTOK}/music/été-{SOUND}"),
    ("music", SOUND, f"{TIKTOK}/music/夏天-{SOUND}"),
    ("music", SOUND, f"{TIKTOK}/music/20240601夏天-{SOUND}"),
    ("music", SOUND, f"{TIKTOK}/music/l'été-l’hiver-{SOUND}"),
    ("playlist", SOUND, f"{TIKTOK}/@u/playlist/été-{SOUND}"),
    ("collection", SOUND, f"{TIKTOK}/@u/collection/一%E4%B8%80é-{SOUND}"),
]
GLUED = [
    "", "看看", "复制此链接，打开Dou音", "，快来", "。", "😀", "）", "'x", "看é", "看2", f"看{BV}", "에서", "？", "…",
    "\u200b看",
]  # fmt: skip


@pytest.mark.parametrize("kind, ident, url", IDS)
def test_an_id_is_never_longer_or_shorter_than_it_is(kind: str, ident: str, url: str) -> None:
    for glued in GLUED:
        for text in (f"{url}{glued}", f"看{url}{glued} 快来"):
            assert one(text) == (kind, ident, url)
    assert {target.key for glued in GLUED for target in targets_in(url + glued)} == {targets_in(url)[0].key}


@pytest.mark.parametrize(
    "url",
    [
        f"{TIKTOK}/@josé", f"{TIKTOK}/@jos\u0435", f"{TIKTOK}/nowhere/日本", f"{TIKTOK}/music/été", f"{TIKTOK}/@日本",
        f"{DOUYIN}/hashtag/猫", f"{DOUYIN}/video/７４１２３４５６７８９０１２３４５６７", f"{BILIBILI}/ſ/video/{BV}",
        "https://vm.tiktok.com/ZMSampleé", "https://bücher.example/ä", "https://www.bilib\u0456li.com/video/" + BV,
    ],
)  # fmt: skip
def test_a_link_that_is_not_understood_is_told_as_it_is(url: str) -> None:
    assert one(url) == (UNKNOWN, url, url)
    assert one(f"看 {url}，快来") == (UNKNOWN, url, url)


def test_an_id_is_of_plain_digits() -> None:
    assert one("７４１２３４５６７８９０１２３４５６７")[0] == UNKNOWN


@pytest.mark.parametrize("between", ["", ",", ";", "|", "](", ")(", "看看", "。", "'"])
def test_links_without_a_blank_between(between: str) -> None:
    for first in (*SHORT, f"{TIKTOK}/@a/video/{WORK}", f"{TIKTOK}/tag/日本", "https://foreign.test/x"):
        if between == "看看" and first.endswith("日本"):
            continue  # there, they may be a part of the word
        for second in (*SHORT, f"{BILIBILI}/video/{BV}", "https://foreign.test/é"):
            glued = f"{first}{between}{second}"
            known = first + between if first.startswith("https://foreign") and between == "看看" else first
            assert [target.given for target in targets_in(glued)] == [known, second]


@pytest.mark.parametrize(
    "url", [*SHORT, f"{BILIBILI}/video/{BV}?p=2", f"{TIKTOK}/tag/été", "b23.tv/AbCd123", "https://foreign.test/é"]
)
def test_markdown(url: str) -> None:
    for text in (f"[{url}]({url})", f'see [{url}]({url} "a title").', f"- [a title]({url})", f"<{url}>", f"[{url}]"):
        assert [target.given for target in targets_in(text)] == [url]
    assert [target.given for target in targets_in(f"[{url}]({url}), [{url}]({url})")] == [url, url]


@pytest.mark.parametrize("within", ["?u=", "?", "#", "/", "/?a=b&u=", "?a&", "/x:", "/%", "?from=看看&u="])
def test_a_link_in_a_link_is_a_part_of_it(within: str) -> None:
    inner = f"{BILIBILI}/video/{BV}"
    for url in (f"https://foreign.test{within}{inner}", f"{TIKTOK}/login{within}{inner}"):
        assert one(url) == (UNKNOWN, url, url)
    assert [target.id for target in targets_in(f"{TIKTOK}/@a/video/{WORK}?from={inner}")] == [WORK]


LETTERS = st.characters(categories=["Ll", "Lo", "Nd"], codec="utf-8")


@ANY
@given(st.lists(st.tuples(LETTERS, st.booleans()), min_size=1, max_size=12), st.sampled_from(WORDED))
def test_any_word_at_all(letters: list[tuple[str, bool]], form: tuple[str, str]) -> None:
    word, (kind, link) = "".join(letter for letter, _ in letters), form
    assume(word == word.lower())
    url = link % "".join(quote(letter) if encoded else letter for letter, encoded in letters)
    assert one(url) == (kind, word, url)


def taken(text: str) -> Iterator[str]:
    return (url for url, _ in links(text, lambda url: None))


@ANY
@given(st.text(st.sampled_from("https:/b23.tv@[]()?#%\\'’ 看é。\u200b\u202e\ud800"), max_size=60))
def test_a_link_is_a_piece_of_the_text_and_holds_no_blank(text: str) -> None:
    for url in taken(text):
        assert url in text and not set(url) & set(' \\"。\u200b\u202e\ud800')


def test_a_long_line_takes_no_long_time() -> None:
    for text in ("https://b23.tv/" + "看a" * 20_000, "[" * 50_000, "https://b23.tv/AbCd123" * 500, "a." * 20_000):
        assert sum(1 for _ in taken(text)) <= 500
