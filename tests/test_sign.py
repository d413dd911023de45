"""The signature and the two names of a video against vectors, which are numbers that anybody can compute."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.responses.values import MissingError
from spiders.bilibili import sign
from spiders.bilibili.ids import aid_of, bvid_of, canonical

VECTORS = json.loads((Path(__file__).parent / "vectors" / "wbi.json").read_text("utf-8"))
IDS = json.loads((Path(__file__).parent / "vectors" / "av_bv.json").read_text("utf-8"))
_LARGEST = 2**51 - 1
_BASE = "https://api.site.test/x"


def nav(image: str, sub: str) -> dict[str, Any]:
    urls = {
        "img_url": f"https://i0.site.test/bfs/wbi/{image}.png",
        "sub_url": f"https://i0.site.test/bfs/wbi/{sub}.png",
    }
    return {"code": -101, "data": {"isLogin": False, "wbi_img": urls}}


def unsigned(params: dict[str, Any]) -> str:
    return f"{_BASE}?{urlencode(params, quote_via=quote)}" if params else _BASE


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_vector(vector: dict[str, Any]) -> None:
    mixin = sign.mixin_key(nav(*vector["keys"]))
    assert mixin == vector["mixin"]
    signed = sign.sign(unsigned(vector["params"]), mixin, vector["wts"])
    assert dict(parse_qsl(urlsplit(signed).query))["w_rid"] == vector["w_rid"]
    assert "+" not in signed
    if "query" in vector:
        assert signed == f"{_BASE}?{vector['query']}&w_rid={vector['w_rid']}"


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if "wrong" in vector], ids=lambda vector: vector["name"]
)
def test_a_blank_is_never_a_plus(vector: dict[str, Any]) -> None:
    assert vector["wrong"] not in sign.sign(unsigned(vector["params"]), vector["mixin"], vector["wts"])


@given(st.dictionaries(st.text("abcXYZ_019", min_size=1), st.text(max_size=8), max_size=6), st.integers(1, 2**33))
def test_a_signature_adds_two_parameters_and_keeps_the_rest(params: dict[str, str], now: int) -> None:
    params.pop("wts", None), params.pop("w_rid", None)
    try:
        url = unsigned(params)
    except UnicodeEncodeError:  # a lone surrogate cannot stand in a URL
        return
    signed = dict(parse_qsl(urlsplit(sign.sign(url, "k" * 32, now)).query, keep_blank_values=True))
    assert signed.pop("wts") == str(now) and len(signed.pop("w_rid")) == 32
    assert signed == {name: "".join(c for c in value if c not in "!'()*") for name, value in params.items()}
    assert sign.sign(url, "k" * 32, now + 0.9) == sign.sign(url, "k" * 32, now)


@pytest.mark.parametrize(
    "answer",
    [None, {}, [], {"data": None}, {"data": {"wbi_img": None}}, {"data": {"wbi_img": {"img_url": 1, "sub_url": None}}},
     {"data": {"wbi_img": {"img_url": "https://i0.site.test/short.png", "sub_url": ""}}}],
)  # fmt: skip
def test_keys_that_are_not_there_are_named(answer: Any) -> None:
    with pytest.raises(MissingError, match=r"data\.wbi_img"):
        sign.mixin_key(answer)


@pytest.mark.parametrize("aid, bvid", IDS.items())
def test_an_id_vector(aid: str, bvid: str) -> None:
    assert bvid_of(int(aid)) == bvid and aid_of(bvid) == int(aid)
    for form in (f"av{aid}", f"AV{aid}", bvid, f"bv{bvid[2:]}", f"bV{bvid[2:]}"):
        assert canonical(form) == bvid


@given(st.integers(1, _LARGEST))
def test_every_number_has_a_code_and_back(aid: int) -> None:
    bvid = bvid_of(aid)
    assert aid_of(bvid) == aid and canonical(bvid) == bvid == canonical(f"av{aid}")
    assert len(bvid) == 12 and bvid.startswith("BV1")


@given(st.text(max_size=20))
def test_any_text_is_an_id_or_none(text: str) -> None:
    bvid = canonical(text)
    assert bvid is None or canonical(bvid) == bvid


@pytest.mark.parametrize(
    "text",
    ["", "av", "av0", f"av{2**51}", "av99999999999999999", "BV1L9Uoa9EU", "BV1L9Uoa9EUxx", "BV2L9Uoa9EUx",
     "BV1L9Uoa9EU0", "BV1L9Uoa9EUI", "BV1L9Uoa9EUO", "BV1L9Uoa9EUl", " BV1L9Uoa9EUx", "av1７", "av-5", "111298867"],
)  # fmt: skip
def test_what_is_no_id(text: str) -> None:
    assert canonical(text) is None
