"""The outcome of each failure of Douyin: the rows of "Failures" in docs/wire/douyin.md."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.responses import Answer
from scraper.responses.outcomes import Outcome
from spiders.douyin import embedded_data
from spiders.douyin.hidden_reasons import REASONS
from spiders.douyin.verdicts import VERDICTS

O = Outcome  # noqa: E741
ID = "7412345678901234567"
CAPTCHA_PAGE = "<html><head><title>验证码中间页</title></head></html>"
CHALLENGE_PAGE = "<html><script>document.cookie='__ac_nonce=1'</script></html>"
PLAIN_PAGE = "<!DOCTYPE html><html></html>"
SLIDE = {"code": "10000", "type": "verify", "subtype": "slide", "region": "cn", "verify_event": "6124"}
WORK = {"aweme_id": ID, "video": {"play_addr": {"url_list": ["https://v3.test/a"]}}}
UNPLAYABLE = {"aweme_id": ID, "video": {}}
FORCED = "5by65Yi255m75b2V"  # 强制登录
MISSING = "6LSm5oi35LiN5a2Y5Zyo"  # 账户不存在


def answer(body: Any, status: int = 200, login: bool = False, decode: Any = None, **headers: str) -> Answer:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw, False, login, decode)


CODES = [
    (4, O.BAD_INPUT), (5, O.BAD_INPUT), (10011, O.BAD_INPUT), (2053, O.NOT_FOUND), (2065, O.NOT_FOUND),
    (2096, O.PRIVATE), (2149, O.PRIVATE), (2154, O.CHALLENGE), (2156, O.CHALLENGE), (10000, O.CHALLENGE),
    (10001, O.CHALLENGE), (2863, O.RATE_LIMITED), (7, O.UPSTREAM_CHANGED), (987654, O.UPSTREAM_CHANGED),
    (-1, O.UPSTREAM_CHANGED),
]  # fmt: skip


@pytest.mark.parametrize("code, outcome", CODES)
@pytest.mark.parametrize("login", [False, True])
@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_code(code: int, outcome: Outcome, login: bool, status: int) -> None:
    for codes in ({"status_code": code}, {"status_code": str(code)}, {"status_code": 0, "statusCode": code}):
        verdict = VERDICTS.classify(answer({**codes, "status_msg": "说明"}, status, login))
        assert verdict.outcome is outcome and "说明" in verdict.message
        assert verdict.from_input is (outcome is O.BAD_INPUT)


@pytest.mark.parametrize(
    "body",
    [
        {"status_code": 8, "status_msg": "用户未登录"},
        {"status_code": 8},
        {"status_code": 2483, "status_msg": "请先登录，再继续"},
        {"status_code": 777, "status_msg": "请先登录"},
        {"status_code": 0, "status_msg": "用户未登录"},
    ],
)
def test_a_login_marker(body: Any) -> None:
    assert VERDICTS.classify(answer(body)).outcome is O.LOGIN_REQUIRED
    assert VERDICTS.classify(answer(body, login=True)).outcome is O.COOKIE_EXPIRED


@pytest.mark.parametrize("location", ["https://www.douyin.com/login?x", "https://sso.douyin.com/passport/web"])
def test_a_redirect_to_a_login_is_a_marker(location: str) -> None:
    for login, outcome in ((False, O.LOGIN_REQUIRED), (True, O.COOKIE_EXPIRED)):
        assert VERDICTS.classify(answer("", 302, login, location=location)).outcome is outcome


SHAPES: list[tuple[Any, int, dict[str, str], Outcome]] = [
    ({"status_code": 0, "aweme_detail": WORK}, 200, {}, O.OK),
    ({"status_code": 0, "aweme_details": [WORK]}, 200, {}, O.OK),
    ({"status_code": 0, "item_list": [WORK], "filter_list": None}, 200, {}, O.OK),
    ({"aweme_detail": WORK}, 200, {}, O.OK),
    ({"status_code": 0, "aweme_list": None, "has_more": 1}, 200, {}, O.OK),
    ({"status_code": 0, "user": {"uid": "1"}}, 200, {}, O.OK),
    ({"status_code": 0, "aweme_detail": None}, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "aweme_detail": {}}, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "aweme_detail": None, "filter_detail": {}}, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "aweme_details": []}, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "item_list": [], "filter_list": []}, 200, {}, O.CHALLENGE),
    ({"status_code": 0}, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "extra": {"now": 1}, "log_pb": {}}, 200, {}, O.CHALLENGE),
    ({}, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "user": None}, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "user": {"uid": "", "sec_uid": ""}}, 200, {}, O.NOT_FOUND),
    ({"status_code": 4, "status_msg": "啊哦，服务器打瞌睡了，再试一次吧～"}, 200, {}, O.CHALLENGE),
    (SLIDE, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "verify_ticket": "x"}, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "verify_center_decision_conf": "{}"}, 200, {}, O.CHALLENGE),
    ({"status_code": 0, "aweme_detail": WORK}, 200, {"bdturing_verify": "x"}, O.CHALLENGE),
    ("", 200, {"x_vc_bdturing_parameters": "e30="}, O.CHALLENGE),
    ("", 200, {}, O.CHALLENGE),
    ("  \n", 200, {}, O.CHALLENGE),
    ("", 200, {"x_whale_throughput_abort_data": FORCED}, O.LOGIN_REQUIRED),
    ("", 200, {"x_whale_throughput_abort_data": MISSING}, O.NOT_FOUND),
    ("", 200, {"x_whale_throughput_abort_data": "é"}, O.CHALLENGE),
    ("blocked", 200, {}, O.CHALLENGE),
    (CAPTCHA_PAGE, 200, {}, O.CHALLENGE),
    (CAPTCHA_PAGE, 403, {}, O.CHALLENGE),
    (CHALLENGE_PAGE, 200, {}, O.CHALLENGE),
    (PLAIN_PAGE, 200, {}, O.CHALLENGE),
    ("Uifid Not Found", 200, {}, O.SIGNATURE_REJECTED),
    ("Blocked by ArgusSecurityPlugin Uifid Not Found", 403, {}, O.SIGNATURE_REJECTED),
    ("Signature Not Found", 403, {}, O.SIGNATURE_REJECTED),
    ("sign invalid", 403, {}, O.SIGNATURE_REJECTED),
    ({"status_code": 0, "status_msg": "sign expired"}, 200, {}, O.SIGNATURE_REJECTED),
    ({"status_code": 0, "status_msg": "url doesn't match"}, 200, {}, O.SIGNATURE_REJECTED),
    ("", 403, {}, O.CHALLENGE),
    ("forbidden", 403, {}, O.CHALLENGE),
    ("<html>403</html>", 403, {}, O.CHALLENGE),
    ("", 444, {}, O.RATE_LIMITED),
    ("", 429, {}, O.RATE_LIMITED),
    ("", 401, {}, O.LOGIN_REQUIRED),
    ("", 500, {}, O.UPSTREAM),
    (CAPTCHA_PAGE, 503, {}, O.UPSTREAM),
    ('{"status_code":0,"aweme_', 200, {}, O.UPSTREAM),
    ("something else", 200, {}, O.UPSTREAM),
    ([1], 200, {}, O.UPSTREAM_CHANGED),
    ("<html>404</html>", 404, {}, O.UPSTREAM_CHANGED),
    ("", 302, {"location": "https://www.douyin.com/"}, O.UPSTREAM_CHANGED),
]


@pytest.mark.parametrize("body, status, headers, outcome", SHAPES)
def test_a_shape(body: Any, status: int, headers: dict[str, str], outcome: Outcome) -> None:
    assert VERDICTS.classify(answer(body, status, **headers)).outcome is outcome


REASONED = [
    ("status_deleted", O.NOT_FOUND), ("status_delete", O.NOT_FOUND), ("status_removed", O.NOT_FOUND),
    ("SYSTEM_ITEM_NOT_EXIST", O.NOT_FOUND), ("author_level_ban", O.NOT_FOUND), ("author_invalid", O.NOT_FOUND),
    ("core_dep", O.NOT_FOUND), ("status_self_see", O.PRIVATE), ("only_self_see", O.PRIVATE), ("self_see", O.PRIVATE),
    ("privacy", O.PRIVATE), ("author_secret", O.PRIVATE), ("only_friend_see", O.PRIVATE),
    ("status_audit_self_see", O.PRIVATE), ("status_audit", O.PRIVATE), ("status_audit_fail", O.PRIVATE),
    ("status_audit_not_pass", O.PRIVATE), ("story_25_filter", O.PRIVATE), ("copyright_foreign", O.GEO_BLOCKED),
    ("images_base", O.UPSTREAM_CHANGED), ("something_new", O.UPSTREAM_CHANGED),
    ("something_new&status_self_see", O.PRIVATE), ("status_self_see&status_deleted", O.NOT_FOUND),
    ("core_dep&copyright_foreign", O.GEO_BLOCKED), ("status_audit,author_secret", O.PRIVATE),
]  # fmt: skip


@pytest.mark.parametrize("reason, outcome", REASONED)
def test_a_reason(reason: str, outcome: Outcome) -> None:
    filtered = {"aweme_id": ID, "filter_reason": reason, "notice": "抱歉，作品不见了", "detail_msg": "样例"}
    for body in (
        {"status_code": 0, "aweme_detail": None, "filter_detail": filtered},
        {"status_code": 0, "item_list": [], "filter_list": [filtered]},
        {"status_code": 0, "aweme_details": None, "filter_list": [filtered]},
    ):
        verdict = VERDICTS.classify(answer(body))
        assert verdict.outcome is outcome and reason in verdict.message
        assert verdict.once_more is (reason == "core_dep")


def test_every_reason_is_tested() -> None:
    assert set(REASONS) <= {reason.lower() for reason, _ in REASONED}


@pytest.mark.parametrize(
    "status, work, outcome",
    [
        ({"is_delete": True}, WORK, O.NOT_FOUND),
        ({"is_delete": True}, UNPLAYABLE, O.NOT_FOUND),
        ({"is_prohibited": True}, UNPLAYABLE, O.NOT_FOUND),
        ({"is_prohibited": True}, WORK, O.NOT_FOUND),
        ({"self_see": True}, UNPLAYABLE, O.PRIVATE),
        ({"self_see": True}, WORK, O.OK),
        ({"private_status": 1}, UNPLAYABLE, O.PRIVATE),
        ({"private_status": 2}, UNPLAYABLE, O.PRIVATE),
        ({"in_reviewing": True}, UNPLAYABLE, O.PRIVATE),
        ({"private_status": 1}, WORK, O.OK),
        ({"in_reviewing": True}, WORK, O.OK),
        ({"is_delete": False, "private_status": 0}, UNPLAYABLE, O.OK),
        (1, UNPLAYABLE, O.OK),
        (True, UNPLAYABLE, O.OK),
    ],
)
def test_the_flags_of_a_work(status: Any, work: dict[str, Any], outcome: Outcome) -> None:
    assert VERDICTS.classify(answer({"status_code": 0, "aweme_detail": {**work, "status": status}})).outcome is outcome


@pytest.mark.parametrize(
    "body, outcome",
    [
        ("", O.SIGNATURE_REJECTED),
        ("{}", O.SIGNATURE_REJECTED),
        ('{"status_code":0}', O.SIGNATURE_REJECTED),
        ('{"status_code":8}', O.LOGIN_REQUIRED),
        ('{"status_code":2065}', O.NOT_FOUND),
        (PLAIN_PAGE, O.CHALLENGE),
        ("half", O.UPSTREAM),
    ],
)
def test_what_is_asked_unsigned_says_nothing_of_the_session(body: str, outcome: Outcome) -> None:
    verdict = VERDICTS.classify(answer(body, decode=embedded_data.decode_unsigned))
    assert verdict.outcome is outcome
    if outcome is O.SIGNATURE_REJECTED:
        assert "its own page" in verdict.message


SHARE = '<html><script src="byted_acrawler"></script><script>window._ROUTER_DATA = %s</script></html>'


@pytest.mark.parametrize(
    "state, outcome",
    [
        ({"loaderData": {"video_(id)/page": {"videoInfoRes": {"item_list": [WORK]}}}}, O.OK),
        ({"loaderData": {"x": None, "note_(id)/page": {"videoInfoRes": {"item_list": [WORK]}}}}, O.OK),
        ({"loaderData": {"video_(id)/page": {}}}, O.CHALLENGE),
        ({"loaderData": {"video_(id)/page": {"videoInfoRes": None}}}, O.CHALLENGE),
        ({"loaderData": {"video_(id)/page": {"videoInfoRes": {"status_code": 0}}}}, O.CHALLENGE),
        ({"loaderData": {"video_(id)/page": {"videoInfoRes": {"status_code": 8}}}}, O.LOGIN_REQUIRED),
        ({"loaderData": None}, O.CHALLENGE),
        ([], O.CHALLENGE),
    ],
)
def test_a_share_page(state: Any, outcome: Outcome) -> None:
    body = SHARE % json.dumps(state)
    assert VERDICTS.classify(answer(body, decode=embedded_data.decode_share)).outcome is outcome


EMPTY = [
    (200, O.CHALLENGE, "omitted the requested data"), (403, O.CHALLENGE, "HTTP 403"), (405, O.CHALLENGE, "HTTP 405"),
    (412, O.CHALLENGE, "HTTP 412"), (444, O.RATE_LIMITED, "HTTP 444"), (404, O.UPSTREAM_CHANGED, "HTTP 404"),
    (429, O.RATE_LIMITED, "HTTP 429"), (401, O.LOGIN_REQUIRED, "HTTP 401"), (502, O.UPSTREAM, "HTTP 502"),
]  # fmt: skip


@pytest.mark.parametrize("page", [embedded_data.decode_share, embedded_data.decode_profile_page])
@pytest.mark.parametrize("status, outcome, message", EMPTY)
def test_an_empty_page_is_read_by_its_status(page: Any, status: int, outcome: Outcome, message: str) -> None:
    for body in ("", " \n"):
        verdict = VERDICTS.classify(answer(body, status, decode=page))
        assert verdict.outcome is outcome and message in verdict.message


@pytest.mark.parametrize(
    "page, body, outcome",
    [
        (embedded_data.decode_share, "", O.CHALLENGE),
        (embedded_data.decode_profile_page, "", O.CHALLENGE),
        (embedded_data.decode_unsigned, "", O.SIGNATURE_REJECTED),
        (embedded_data.decode_share, "<html>moved</html>", O.UPSTREAM_CHANGED),
        (None, "<html>moved</html>", O.UPSTREAM_CHANGED),
        (None, "", O.UPSTREAM_CHANGED),
    ],
)
def test_a_redirect_says_where_to_and_no_query(page: Any, body: str, outcome: Outcome) -> None:
    for status in (301, 302, 308):
        verdict = VERDICTS.classify(answer(body, status, decode=page, location="https://x.test/Home?token=s3cr3t#a"))
        assert verdict.outcome is outcome and "redirected to https://x.test/Home (" in verdict.message
        assert "s3cr3t" not in verdict.message
        assert VERDICTS.classify(answer(body, status, decode=page, location="/login?x")).outcome is O.LOGIN_REQUIRED
    assert "without a location" in VERDICTS.classify(answer(body, 302, decode=page)).message


@pytest.mark.parametrize(
    "page", [embedded_data.decode_share, embedded_data.decode_profile_page, embedded_data.decode_unsigned, None]
)
@given(body=st.binary(max_size=300), start=st.sampled_from([b"", b"<", b"<html>", *embedded_data.STATE, b"{"]))
def test_no_answer_is_a_fault_of_this_program(page: Any, body: bytes, start: bytes) -> None:
    for raw in (body, b"<html>" + start + body, start + body):
        assert VERDICTS.classify(Answer(200, {}, raw, False, False, page)).outcome in Outcome
