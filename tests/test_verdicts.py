"""The outcome of each failure of Bilibili, signed and unsigned, with and without a login: docs/wire/bilibili.md."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.platform.platform import Platform
from scraper.responses import Answer, decode, retry_after
from scraper.responses.outcomes import Outcome
from spiders.bilibili.verdicts import VERDICTS
from tests.toys import ENDPOINTS, PLATFORM

O = Outcome  # noqa: E741
VOUCHER = {"v_voucher": "voucher_00000000-0000-0000-0000-000000000000"}
CAPTCHA = {"ga_data": {"decisions": ["verify_captcha_level2"], "risk_level": 1, "grisk_id": "0", "decision_ctx": {}}}
BANNED = "<!DOCTYPE html><html><head><title>出错啦! - bilibili.com</title></head><div>错误号:412</div></html>"
RISK_PAGE = '<!DOCTYPE html><html><script>window._riskdata_ = {"v_voucher":"voucher_0"}</script></html>'
NGINX = "<html>\r\n<head><title>Moved</title></head><body></body></html>"
PASSPORT = {"location": "https://passport.bilibili.com/login?gourl=x"}


def answer(body: Any, status: int = 200, signed: bool = False, login: bool = False, **headers: str) -> Answer:
    """Return an answer; a body that is no bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw, signed, login)


def coded(code: Any, message: str = "说明", **more: Any) -> dict[str, Any]:
    return {"code": code, "message": message, "ttl": 1, **more}


# code, what it means; login markers and what depends on the signature are below
CODES = [
    (0, O.OK), (-102, O.LOGIN_REQUIRED), (-110, O.LOGIN_REQUIRED), (-113, O.LOGIN_REQUIRED), (-352, O.CHALLENGE),
    (-401, O.CHALLENGE), (-400, O.BAD_INPUT), (-404, O.NOT_FOUND), (-412, O.RATE_LIMITED), (-500, O.UPSTREAM),
    (-503, O.UPSTREAM), (-504, O.UPSTREAM), (-509, O.RATE_LIMITED), (-626, O.NOT_FOUND), (-688, O.GEO_BLOCKED),
    (-689, O.GEO_BLOCKED), (-799, O.RATE_LIMITED), (-1200, O.BAD_INPUT), (-8888, O.UPSTREAM), (11010, O.NOT_FOUND),
    (12002, O.NOT_FOUND), (12006, O.NOT_FOUND), (12022, O.NOT_FOUND), (12061, O.NOT_FOUND), (22115, O.PRIVATE),
    (22118, O.PRIVATE), (22007, O.INCOMPLETE), (53013, O.PRIVATE), (62002, O.NOT_FOUND), (62003, O.PRIVATE),
    (62004, O.PRIVATE), (62012, O.PRIVATE), (87007, O.LOGIN_REQUIRED), (87008, O.LOGIN_REQUIRED),
    (60004, O.NOT_FOUND), (19002003, O.NOT_FOUND), (1002002, O.BAD_INPUT), (4101139, O.NOT_FOUND),
    (-3, O.SIGNATURE_REJECTED),
    # those that no endpoint of ours can cause, and those that nobody knows
    (-1, O.UPSTREAM_CHANGED), (-2, O.UPSTREAM_CHANGED), (-4, O.UPSTREAM_CHANGED), (-111, O.UPSTREAM_CHANGED),
    (-304, O.UPSTREAM_CHANGED), (-307, O.NOT_FOUND), (12009, O.UPSTREAM_CHANGED), (53016, O.UPSTREAM_CHANGED),
    (987654, O.UPSTREAM_CHANGED), (-987654, O.UPSTREAM_CHANGED),
]  # fmt: skip


@pytest.mark.parametrize("code, outcome", CODES)
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("login", [False, True])
def test_a_code(code: int, outcome: Outcome, signed: bool, login: bool) -> None:
    verdict = VERDICTS.classify(answer(coded(code, data={}), signed=signed, login=login))
    assert verdict.outcome is outcome
    if outcome is not O.OK:
        assert "说明" in verdict.message and str(code) in verdict.message
    assert verdict.from_input is (outcome is O.BAD_INPUT)


@pytest.mark.parametrize("code, outcome", CODES)
def test_a_code_counts_before_the_status_and_as_a_text(code: int, outcome: Outcome) -> None:
    assert VERDICTS.classify(answer(coded(str(code), data={}))).outcome is outcome
    if outcome is not O.OK:
        for status in (400, 403, 404):
            assert VERDICTS.classify(answer(coded(code), status)).outcome is outcome


# body, status, headers, then the outcome: unsigned, signed
SHAPES: list[tuple[Any, int, dict[str, str], Outcome, Outcome]] = [
    (coded(0, data=VOUCHER), 200, {}, O.CHALLENGE, O.CHALLENGE),
    (coded(-352, "-352", data=VOUCHER), 200, {"x-bili-gaia-vvoucher": "voucher_0"}, O.CHALLENGE, O.CHALLENGE),
    (coded(0, data={}), 200, {"x-bili-gaia-vvoucher": "voucher_0"}, O.CHALLENGE, O.CHALLENGE),
    (coded(0, data={**VOUCHER, "dash": {"video": [{}]}}), 200, {}, O.OK, O.OK),
    (coded(0, data={"v_voucher": "", "list": []}), 200, {}, O.OK, O.OK),
    (coded(-401, "非法访问", data=CAPTCHA), 200, {}, O.CHALLENGE, O.CHALLENGE),
    (coded(-403, "访问权限不足"), 200, {}, O.PRIVATE, O.SIGNATURE_REJECTED),
    (coded(-10403, "抱歉您所在地区不可观看！"), 200, {}, O.GEO_BLOCKED, O.GEO_BLOCKED),
    (coded(-10403, "大会员专享限制"), 200, {}, O.LOGIN_REQUIRED, O.LOGIN_REQUIRED),
    (coded(-412, "request was banned"), 412, {}, O.RATE_LIMITED, O.RATE_LIMITED),
    (BANNED, 412, {}, O.RATE_LIMITED, O.RATE_LIMITED),
    (BANNED, 200, {}, O.RATE_LIMITED, O.RATE_LIMITED),
    (RISK_PAGE, 200, {}, O.CHALLENGE, O.CHALLENGE),
    ("  <!DOCTYPE HTML><html></html>", 403, {}, O.CHALLENGE, O.CHALLENGE),
    (NGINX, 429, {"retry-after": "7"}, O.RATE_LIMITED, O.RATE_LIMITED),
    ("", 429, {}, O.RATE_LIMITED, O.RATE_LIMITED),
    (coded(0, data={}), 429, {}, O.RATE_LIMITED, O.RATE_LIMITED),
    (coded(-404), 500, {}, O.UPSTREAM, O.UPSTREAM),
    (BANNED, 503, {}, O.UPSTREAM, O.UPSTREAM),
    ("", 502, {}, O.UPSTREAM, O.UPSTREAM),
    ("", 200, {}, O.UPSTREAM, O.UPSTREAM),
    (" \n", 200, {}, O.UPSTREAM, O.UPSTREAM),
    ('{"code":0,"message":"0","data":{"list":{"vlist":[{"aid":1', 200, {}, O.UPSTREAM, O.UPSTREAM),
    ("upstream connect error", 200, {}, O.UPSTREAM, O.UPSTREAM),
    (b"\x1f\x8b\x08\x00", 200, {}, O.UPSTREAM, O.UPSTREAM),
    ("not here", 404, {}, O.UPSTREAM_CHANGED, O.UPSTREAM_CHANGED),
    (coded(0, data={}), 404, {}, O.UPSTREAM_CHANGED, O.UPSTREAM_CHANGED),
    ("[]", 200, {}, O.UPSTREAM_CHANGED, O.UPSTREAM_CHANGED),
    ("null", 200, {}, O.UPSTREAM_CHANGED, O.UPSTREAM_CHANGED),
    ("{}", 200, {}, O.UPSTREAM_CHANGED, O.UPSTREAM_CHANGED),
    (coded(None), 200, {}, O.UPSTREAM_CHANGED, O.UPSTREAM_CHANGED),
    (coded([0]), 200, {}, O.UPSTREAM_CHANGED, O.UPSTREAM_CHANGED),
    ("", 302, {"location": "https://www.bilibili.com/"}, O.UPSTREAM_CHANGED, O.UPSTREAM_CHANGED),
    (coded(0, data=None), 200, {}, O.OK, O.OK),
]  # fmt: skip


@pytest.mark.parametrize("body, status, headers, unsigned, signed", SHAPES)
@pytest.mark.parametrize("login", [False, True])
def test_a_shape(
    body: Any, status: int, headers: dict[str, str], unsigned: Outcome, signed: Outcome, login: bool
) -> None:
    for is_signed, outcome in ((False, unsigned), (True, signed)):
        reply = answer(body, status, is_signed, login)._replace(headers=headers)
        verdict = VERDICTS.classify(reply)
        assert verdict.outcome is outcome
        assert bool(verdict.message) is (outcome is not O.OK)


@pytest.mark.parametrize(
    "body, status, headers",
    [(coded(-101, "账号未登录"), 200, {}), ("", 302, PASSPORT), (NGINX, 302, PASSPORT), ("no", 401, {})],
)
def test_a_login_marker(body: Any, status: int, headers: dict[str, str]) -> None:
    for login, outcome in ((False, O.LOGIN_REQUIRED), (True, O.COOKIE_EXPIRED)):
        assert VERDICTS.classify(answer(body, status, login=login)._replace(headers=headers)).outcome is outcome


@pytest.mark.parametrize(
    "body, stale",
    [(coded(-352), True), (coded(0, data=VOUCHER), True), (coded(-401, data=CAPTCHA), True), (coded(-403), True),
     (RISK_PAGE, True), (coded(-404), False), (coded(-412), False), (coded(-101), False), (coded(0, data={}), False)],
)  # fmt: skip
def test_keys_are_renewed_on_a_signed_route_only(body: Any, stale: bool) -> None:
    assert VERDICTS.classify(answer(body, signed=True)).stale is stale
    assert VERDICTS.classify(answer(body, signed=False)).stale is False


def test_a_rate_limit_says_how_long() -> None:
    assert VERDICTS.classify(answer("", 429, retry_after="120")).retry_after == 120
    assert VERDICTS.classify(answer(coded(-799), retry_after="5")).retry_after == 5
    assert VERDICTS.classify(answer(coded(-799))).retry_after is None
    assert VERDICTS.classify(answer(coded(-404), retry_after="5")).retry_after is None


@pytest.mark.parametrize(
    "value, seconds",
    [("0", 0), (" 7 ", 7), ("Wed, 25 Nov 2026 10:00:30 GMT", 30), ("Wed, 25 Nov 2026 09:00:00 GMT", 0), ("", None),
     ("soon", None), ("-5", None), ("1.5", None), ("9" * 9, None), ("Wed, 25 Nov 2026", None), ("二", None),
     ("²", None)],
)  # fmt: skip
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, datetime(2026, 11, 25, 10, 0, 0, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    "body, message",
    [(b'{"code":0,"message":"a\x00\x1fb"}', "a\x00\x1fb"), (b'{"code":0,"message":"a\nb\tc"}', "a\nb\tc"),
     (b'{"code":0,"message":"\\ud83d"}', "\ufffd"), (b'{"code":0,"message":"\\ud83d\\ude00"}', "\U0001f600"),
     (b'{"code":0,"message":"\xff\xfe"}', "\ufffd\ufffd"), (b'{"code":0,"message":"\xed\xa0\x80"}', "\ufffd" * 3)],
)  # fmt: skip
def test_odd_characters_stay_readable(body: bytes, message: str) -> None:
    verdict = VERDICTS.classify(answer(body))
    assert verdict.outcome is O.OK and verdict.data["message"] == message
    verdict.data["message"].encode("utf-8")


@pytest.mark.parametrize(("body", "words"), [("null", "null"), ("[]", "a list"), ("true", "a flag"), ('"x"', "a text")])
def test_what_is_no_object_is_named_in_plain_words(body: str, words: str) -> None:
    verdict = VERDICTS.classify(answer(body))
    assert (verdict.outcome, verdict.message) == (O.UPSTREAM_CHANGED, f"the answer is {words}, not an object")


def test_nesting_without_end_is_no_json() -> None:
    assert VERDICTS.classify(answer(b"[" * 100_000)).outcome is O.UPSTREAM
    assert VERDICTS.classify(answer(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)).outcome is O.UPSTREAM


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=80), status=st.integers(200, 599), signed=st.booleans(), login=st.booleans())
def test_any_body_has_an_outcome(body: bytes, status: int, signed: bool, login: bool) -> None:
    verdict = VERDICTS.classify(answer(body, status, signed, login))
    assert verdict.outcome is not O.OK and verdict.message


def test_any_platform_has_an_outcome_for_what_is_no_answer(platform: Platform) -> None:
    for body, status in ((b"", 200), (b"{", 200), (b"", 500)):
        assert platform.verdicts.classify(answer(body, status)).outcome in (O.UPSTREAM, O.CHALLENGE)
    assert platform.verdicts.classify(answer(b"", 429)).outcome is O.RATE_LIMITED


@pytest.mark.parametrize("body", [b"", b"{", b"nul", b"NaN-", b"\xff"])
def test_what_is_no_json_is_said_so(body: bytes) -> None:
    with pytest.raises(ValueError):
        decode(body)


def test_a_byte_order_mark_is_no_fault() -> None:
    assert decode(b'\xef\xbb\xbf{"code":0}') == {"code": 0}


BINARY = ENDPOINTS[-1].routes[0]


@pytest.mark.parametrize(
    "body, status, outcome, data",
    [
        (b"#one|two#", 200, O.OK, ["one", "two"]),
        (b"##", 200, O.OK, []),
        (b"#one|tw", 200, O.UPSTREAM, None),
        (b"", 200, O.UPSTREAM, None),
        (b"#one#", 404, O.UPSTREAM_CHANGED, None),
        (b"#one#", 503, O.UPSTREAM, None),
        (b'{"code": 0}', 200, O.OK, {"code": 0}),
        (b'{"code": 7}', 200, O.UPSTREAM_CHANGED, {"code": 7}),
        (b"{cut short", 200, O.UPSTREAM, None),
    ],
)
def test_an_answer_that_is_no_json_is_read_by_its_route(body: bytes, status: int, outcome: Outcome, data: Any) -> None:
    verdict = PLATFORM.verdicts.classify(Answer(status, {}, body, decode=BINARY.decode))
    assert (verdict.outcome, verdict.data) == (outcome, data)


@pytest.mark.parametrize(("decode", "outcome"), [(BINARY.decode, O.OK), (None, O.UPSTREAM_CHANGED)])
def test_only_a_segment_may_be_unchanged_since_it_is_empty(decode: Any, outcome: Outcome) -> None:
    assert VERDICTS.classify(Answer(304, {}, b"", decode=decode)).outcome is outcome


def test_a_duplicate_names_the_video_that_it_forwards_to() -> None:
    verdict = VERDICTS.classify(answer(coded(-307, data={"forward": 170001})))
    link = "https://www.bilibili.com/video/BV17x411w7KC"
    assert verdict.outcome is O.NOT_FOUND and link in verdict.message and link in verdict.advice


@pytest.mark.parametrize(
    "location, words",
    [
        ("https://login.site.test/a?token=secret", "a redirect to login.site.test,"),
        ("//user:secret@site.test:8080/a", "a redirect to site.test,"),
        ("/elsewhere?token=secret", "HTTP 302 instead of JSON"),
        ("https://[", "HTTP 302 instead of JSON"),
    ],
)
def test_a_redirect_names_the_host_that_it_leads_to(location: str, words: str) -> None:
    verdict = VERDICTS.classify(answer("", 302, location=location))
    assert verdict.outcome is O.UPSTREAM_CHANGED and words in verdict.message and "secret" not in verdict.message
