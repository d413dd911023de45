"""What each failure of TikTok means: codes, texts, pages and headers, of the web and of the app."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.responses import Answer, Verdict
from scraper.responses.outcomes import Outcome
from spiders.tiktok import embedded_data
from spiders.tiktok.verdicts import VERDICTS

O = Outcome  # noqa: E741
ITEM = {"id": "7300000000000000002", "createTime": 1793000000, "video": {"playAddr": "https://cdn.test/v"}}
WAF = '<!DOCTYPE html><html><body>Please wait...<p id="wci" class="_wafchallengeid"></p></body></html>'
CAPTCHA = {"code": "10000", "from": "", "type": "verify", "region": "va", "subtype": "slide", "detail": "x"}
LOGIN = {"location": "https://www.tiktok.com/login?redirect_url=x"}


def classify(body: Any, status: int = 200, login: bool = False, decode: Any = None, **headers: str) -> Verdict:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    named = {name.replace("__", "-"): value for name, value in headers.items()}
    return VERDICTS.classify(Answer(status, named, raw, False, login, decode))


def scoped(**scope: Any) -> str:
    data = json.dumps({"__DEFAULT_SCOPE__": {"webapp.video-detail": scope}})
    return f'<html><script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{data}</script></html>'


CODES = [
    (5, O.BAD_INPUT), (450, O.UPSTREAM), (2053, O.NOT_FOUND), (2065, O.NOT_FOUND), (2096, O.PRIVATE),
    (2149, O.RATE_LIMITED), (2150, O.RATE_LIMITED), (10000, O.CHALLENGE), (10101, O.UPSTREAM), (10111, O.UPSTREAM),
    (10113, O.CHALLENGE), (10114, O.CHALLENGE), (10201, O.BAD_INPUT), (10202, O.NOT_FOUND), (10203, O.NOT_FOUND),
    (10204, O.NOT_FOUND), (10205, O.NOT_FOUND), (10208, O.NOT_FOUND), (10209, O.NOT_FOUND), (10210, O.NOT_FOUND),
    (10213, O.LOGIN_REQUIRED), (10214, O.LOGIN_REQUIRED), (10215, O.NOT_FOUND), (10216, O.PRIVATE),
    (10217, O.PRIVATE), (10218, O.NOT_FOUND), (10219, O.GEO_BLOCKED), (10220, O.NOT_FOUND), (10221, O.NOT_FOUND),
    (10222, O.PRIVATE), (10223, O.NOT_FOUND), (10225, O.NOT_FOUND), (10227, O.PRIVATE), (10228, O.LOGIN_REQUIRED),
    (10229, O.LOGIN_REQUIRED), (10230, O.LOGIN_REQUIRED), (10231, O.GEO_BLOCKED), (10404, O.UPSTREAM),
    (100002, O.NOT_FOUND), (205001, O.BAD_INPUT), (4003110, O.LOGIN_REQUIRED), (19881007, O.NOT_FOUND),
    (7, O.UPSTREAM_CHANGED), (987654, O.UPSTREAM_CHANGED), (-1, O.UPSTREAM_CHANGED),
]  # fmt: skip


@pytest.mark.parametrize("code, outcome", CODES)
@pytest.mark.parametrize("name", ["status_code", "statusCode", "error_code"])
@pytest.mark.parametrize("login", [False, True])
def test_a_code_by_any_of_its_names(code: int, outcome: Outcome, name: str, login: bool) -> None:
    verdict = classify({name: code, "status_msg": "said so"}, login=login)
    assert verdict.outcome is outcome and "said so" in verdict.message
    assert verdict.from_input is (outcome is O.BAD_INPUT)


@pytest.mark.parametrize("code, outcome", CODES)
def test_a_code_in_a_page(code: int, outcome: Outcome) -> None:
    assert classify(scoped(statusCode=code, statusMsg=""), decode=embedded_data.video_data).outcome is outcome


@pytest.mark.parametrize("code", [8, 10102, 10119, 209002])
def test_a_code_of_a_session_without_a_login(code: int) -> None:
    assert classify({"statusCode": code}).outcome is O.LOGIN_REQUIRED
    assert classify({"statusCode": code}, login=True).outcome is O.COOKIE_EXPIRED


def test_of_several_codes_the_one_that_is_not_zero_counts() -> None:
    assert classify({"status_code": 0, "statusCode": 10221}).outcome is O.NOT_FOUND
    assert classify({"status_code": 10221, "statusCode": 0, "error_code": 0}).outcome is O.NOT_FOUND
    assert classify({"status_code": 0, "statusCode": "10216"}).outcome is O.PRIVATE
    assert classify({"status_code": 0, "error_code": 0, "itemList": []}).outcome is O.OK


TEXTS = [
    ("item doesn't exist", O.NOT_FOUND), ("status_deleted", O.NOT_FOUND), ("", O.NOT_FOUND),
    ("author_status", O.NOT_FOUND), ("status_self_see", O.PRIVATE), ("author_secret", O.PRIVATE),
    ("item_privacy_authorization", O.PRIVATE), ("author_status&status_self_see", O.PRIVATE),
    ("status_deleted&status_self_see", O.NOT_FOUND), ("author_secret,status_deleted", O.NOT_FOUND),
    ("status_reviewing", O.PRIVATE), ("author_status,status_reviewing", O.PRIVATE),
    ("status_audit_not_pass", O.PRIVATE),
    ("status_deleted,status_reviewing", O.NOT_FOUND), ("content_classification", O.LOGIN_REQUIRED),
    ("cross_border_violation", O.GEO_BLOCKED), ("cross_border_violation_ur", O.GEO_BLOCKED),
    ("copyright_geo_filter", O.GEO_BLOCKED), ("status_self_see&person_geo_fencing", O.GEO_BLOCKED),
]  # fmt: skip


@pytest.mark.parametrize("text, outcome", TEXTS)
def test_the_text_decides_on_10204(text: str, outcome: Outcome) -> None:
    assert classify({"statusCode": 10204, "statusMsg": text}).outcome is outcome
    assert classify(scoped(statusCode=10204, statusMsg=text), decode=embedded_data.video_data).outcome is outcome


def test_other_codes_have_a_meaning_without_a_text() -> None:
    assert classify({"statusCode": 10216, "statusMsg": "x"}).outcome is O.PRIVATE
    assert classify({"statusCode": 10231, "statusMsg": "cross_border_violation"}).outcome is O.GEO_BLOCKED
    assert classify({"statusCode": 10221, "statusMsg": "status_self_see"}).outcome is O.NOT_FOUND


SHAPES = [
    ("", 200, {}, O.CHALLENGE),
    (" \n", 200, {}, O.CHALLENGE),
    ("", 200, {"tt_orcas_res": "0"}, O.CHALLENGE),
    ("", 200, {"tt_orcas_res": "1"}, O.SIGNATURE_REJECTED),
    ({"status_code": 0, "status_msg": "url doesn't match"}, 200, {}, O.SIGNATURE_REJECTED),
    (WAF, 200, {}, O.CHALLENGE),
    (WAF, 403, {}, O.CHALLENGE),
    ('<html><div class="captcha-verify-container"></div></html>', 200, {}, O.CHALLENGE),
    (CAPTCHA, 200, {}, O.CHALLENGE),
    ({**CAPTCHA, "code": 10000}, 200, {}, O.CHALLENGE),
    ({"statusCode": 0}, 200, {"bdturing__verify": "{}"}, O.CHALLENGE),
    ("", 403, {"x__vc__bdturing__parameters": "x"}, O.CHALLENGE),
    ("", 302, LOGIN, O.LOGIN_REQUIRED),
    ("", 302, {"location": "/login/phone"}, O.LOGIN_REQUIRED),
    ("", 301, {"location": "https://www.tiktok.com/notfound"}, O.NOT_FOUND),
    ("", 302, {"location": "https://www.tiktok.com/@loginhelp"}, O.UPSTREAM_CHANGED),
    ("<html>we have discontinued operating here</html>", 200, {}, O.GEO_BLOCKED),
    ("<html>hello</html>", 200, {}, O.UPSTREAM),
    ("denied", 403, {}, O.RATE_LIMITED),
    ("", 429, {}, O.RATE_LIMITED),
    (WAF, 429, {}, O.RATE_LIMITED),
    ({"statusCode": 10204}, 500, {}, O.UPSTREAM),
    ("", 502, {}, O.UPSTREAM),
    ("{", 200, {}, O.UPSTREAM),
    ("[]", 200, {}, O.UPSTREAM_CHANGED),
    ("{}", 200, {}, O.UPSTREAM_CHANGED),
    ("not here", 404, {}, O.UPSTREAM_CHANGED),
    ({"status_code": 5, "status_msg": "Invalid parameters"}, 403, {}, O.BAD_INPUT),
    ({"status_code": 0}, 200, {}, O.OK),
    ({"status_code": 0, "aweme_list": [{"aweme_id": "1"}]}, 200, {}, O.OK),
    ({"status_code": 0, "aweme_list": []}, 200, {}, O.NOT_FOUND),
    ({"status_code": 0, "aweme_list": None}, 200, {}, O.NOT_FOUND),
    ({"aweme_list": None, "status_code": 0, "filter_detail": {"filter_reason": "status_self_see"}}, 200, {}, O.PRIVATE),
    ({"aweme_list": [], "status_code": 0, "filter_list": [{"reason": "copyright_geo_filter"}]}, 200, {}, O.GEO_BLOCKED),
    ({"itemInfo": {"itemStruct": ITEM}}, 200, {}, O.OK),
    ({"statusCode": 77777, "itemInfo": {"itemStruct": ITEM}}, 200, {}, O.OK),
    ({"statusCode": 10204, "itemInfo": {"itemStruct": ITEM}}, 200, {}, O.NOT_FOUND),
]  # fmt: skip


@pytest.mark.parametrize("body, status, headers, outcome", SHAPES)
def test_a_shape(body: Any, status: int, headers: dict[str, str], outcome: Outcome) -> None:
    verdict = classify(body, status, **headers)
    assert verdict.outcome is outcome and bool(verdict.message) is (outcome is not O.OK)


def test_a_login_wall_with_a_cookie() -> None:
    assert classify("", 302, login=True, **LOGIN).outcome is O.COOKIE_EXPIRED


@pytest.mark.parametrize("body", [WAF, "", json.dumps(CAPTCHA)])
def test_a_check_is_one_where_a_page_is_expected_too(body: str) -> None:
    for read in (embedded_data.video_data, embedded_data.user_data):
        assert classify(body, decode=read).outcome is O.CHALLENGE


def test_a_page_with_data_is_read_whatever_its_words() -> None:
    item = {**ITEM, "desc": "Please wait... captcha-verify, discontinued operating"}
    assert (
        classify(scoped(statusCode=0, itemInfo={"itemStruct": item}), decode=embedded_data.video_data).outcome is O.OK
    )


SCOPES, STATE = b'<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__">', b'<script id="SIGI_STATE">'
HOSTILE = [
    SCOPES, STATE, b"<script", b"<script ", b'<script id="', SCOPES[:-1] + b" ", SCOPES + b"</script", b"<script id=",
]  # fmt: skip
ASSIGNED = [b" ", b"; ", b";\n \n", b"window[", b"window.a", b"; windows", b"window ="]


@pytest.mark.parametrize("part", HOSTILE)
def test_a_hostile_page_takes_one_pass(part: bytes) -> None:
    """A quadratic reader would take hours."""
    body = b"<html>" + part * (5_000_000 // len(part))
    assert not embedded_data.has_data(body)
    for read in (embedded_data.video_data, embedded_data.user_data):
        assert classify(body, decode=read).outcome is O.UPSTREAM


@pytest.mark.parametrize("part", ASSIGNED)
@pytest.mark.parametrize("before", [b"", b"window.", b"window[", b"window.a", b";"])
def test_a_hostile_state_takes_one_pass(before: bytes, part: bytes) -> None:
    body = b"<html>" + STATE + before + part * (1_000_000 // len(part)) + b"x</script>"
    assert classify(body, decode=embedded_data.video_data).outcome is O.UPSTREAM


@pytest.mark.parametrize("more", [b'nonce="x" ', b"\n", b'data-a="1" ' * 9])
def test_a_script_by_its_id(more: bytes) -> None:
    data = b'{"__DEFAULT_SCOPE__": {"webapp.video-detail": {"statusCode": 0}}}'
    opening = SCOPES.replace(b" id", b" " + more + b"id")
    assert embedded_data.video_data(b"<html><script>1</script>" + opening + data + b"</script><p>") == {"statusCode": 0}
    assert not embedded_data.has_data(opening + data) and not embedded_data.has_data(b"</script>" + opening + data)


def user(code: int, videos: Any, **more: Any) -> Any:
    return {"statusCode": code, "userInfo": {"user": {"id": "1"}, "stats": {"videoCount": videos}}, **more}


def test_a_private_account_that_shows_its_works_all_the_same() -> None:
    assert classify(user(10222, 3)).outcome is O.OK
    assert classify(user(10222, "3")).outcome is O.OK
    assert classify(user(10222, 0)).outcome is O.PRIVATE
    assert classify({"statusCode": 10222, "userInfo": {"stats": {"videoCount": 3}}}).outcome is O.PRIVATE
    assert classify(user(10221, 3)).outcome is O.NOT_FOUND


@pytest.mark.parametrize(
    "more, outcome",
    [
        ({"isContentClassified": True}, O.LOGIN_REQUIRED),
        ({"isContentClassified": True, "video": {"playAddr": "https://cdn.test/v"}}, O.OK),
        ({"isContentClassified": True, "imagePost": {"images": [{}]}}, O.OK),
        ({"isContentClassified": False}, O.OK),
        ({"isPreview": True, "previewType": 4}, O.LOGIN_REQUIRED),
        ({"previewType": 4, "video": {"playAddr": ""}}, O.LOGIN_REQUIRED),
        ({"isPreview": True, "video": {"bitrateInfo": [{}]}}, O.OK),
    ],
)
def test_a_work_that_is_there_and_not_shown(more: dict[str, Any], outcome: Outcome) -> None:
    item = {"id": "7300000000000000002", "createTime": 1793000000, "video": {}, **more}
    assert classify({"statusCode": 0, "itemInfo": {"itemStruct": item}}).outcome is outcome


PLAYABLE: dict[str, Any] = {"video": {"play_addr": {"url_list": ["https://cdn.test/v"]}}}
IMAGES: dict[str, Any] = {"image_post_info": {"images": [{}]}}


@pytest.mark.parametrize(
    "status, shown, unshown",
    [
        ({}, O.OK, O.OK),
        ({"is_delete": False, "is_prohibited": 0}, O.OK, O.OK),
        ({"is_delete": True}, O.NOT_FOUND, O.NOT_FOUND),
        ({"is_delete": 1, "self_see": True}, O.NOT_FOUND, O.NOT_FOUND),
        ({"is_prohibited": True}, O.NOT_FOUND, O.NOT_FOUND),
        ({"self_see": True}, O.OK, O.PRIVATE),
        ({"is_private": True}, O.OK, O.PRIVATE),
        ({"private_status": 1}, O.OK, O.PRIVATE),
        ({"private_status": 2}, O.OK, O.PRIVATE),
        ({"in_reviewing": True}, O.OK, O.PRIVATE),
    ],
)
def test_the_flags_of_a_work_of_the_app(status: dict[str, Any], shown: Outcome, unshown: Outcome) -> None:
    for more, outcome in ((PLAYABLE, shown), (IMAGES, shown), ({}, unshown)):
        work = {"aweme_id": "1", "status": status, **more}
        verdict = classify({"status_code": 0, "aweme_list": [work, {"aweme_id": "2", **PLAYABLE}]})
        assert verdict.outcome is outcome and not verdict.soft


@pytest.mark.parametrize("name", ["aweme_list", "aweme_details", "aweme_detail"])
@pytest.mark.parametrize("nothing", [None, []])
def test_nothing_without_a_reason_says_little(name: str, nothing: Any) -> None:
    verdict = classify({"status_code": 0, name: nothing})
    assert verdict.outcome is O.NOT_FOUND and verdict.soft
    explained = classify({"status_code": 0, name: nothing, "filter_detail": {"filter_reason": "status_deleted"}})
    assert explained.outcome is O.NOT_FOUND and not explained.soft
    assert not classify({"status_code": 2053}).soft


GATED = '<html><div id="short-drama-login-gated-surface"></div>{}</html>'


def test_a_short_drama_wants_a_login() -> None:
    elsewhere = json.dumps({"__DEFAULT_SCOPE__": {"webapp.app-context": {}}})
    for more in ("", SCOPES.decode() + elsewhere + "</script>", "<p>Please wait"):
        assert classify(GATED.format(more), decode=embedded_data.video_data).outcome is O.LOGIN_REQUIRED
    assert classify(GATED.format("")).outcome is O.LOGIN_REQUIRED
    whole = scoped(statusCode=0, itemInfo={"itemStruct": ITEM})
    assert classify(GATED.format(whole), decode=embedded_data.video_data).outcome is O.OK
    assert classify(GATED.format(scoped(statusCode=10204)), decode=embedded_data.video_data).outcome is O.NOT_FOUND
    cut = SCOPES.decode() + "{</script>"
    assert classify(GATED.format(cut), decode=embedded_data.video_data).outcome is O.UPSTREAM


@pytest.mark.parametrize("decode", [None, embedded_data.video_data])
def test_please_wait_without_a_page(decode: Any) -> None:
    for status in (200, 403):
        assert classify("Please wait...", status, decode=decode).outcome is O.CHALLENGE
        assert classify("\ufeff" + WAF, status, decode=decode).outcome is O.CHALLENGE
    assert classify("Please wait...", 404, decode=decode).outcome is O.UPSTREAM_CHANGED
    assert classify("Please wait...", 429, decode=decode).outcome is O.RATE_LIMITED
    assert classify("Please wait... " * 9999, decode=decode).outcome is O.UPSTREAM


@pytest.mark.parametrize("mark", ["", " \n", "\ufeff"])
def test_a_record_may_say_please_wait(mark: str) -> None:
    item = {**ITEM, "desc": "Please wait..."}
    page = mark + json.dumps({"statusCode": 0, "itemInfo": {"itemStruct": item}})
    assert classify(page).outcome is O.OK
    assert classify(page[:-2]).outcome is O.UPSTREAM
    assert classify(mark + '["Please wait"]').outcome is O.UPSTREAM_CHANGED


def test_a_wait_says_how_long() -> None:
    assert classify("", 429, retry__after="7").retry_after == 7


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=80), status=st.integers(200, 599), paged=st.booleans())
def test_any_body_has_an_outcome(body: bytes, status: int, paged: bool) -> None:
    verdict = classify(body, status, decode=embedded_data.video_data if paged else None)
    assert verdict.outcome is not O.OK and verdict.message
