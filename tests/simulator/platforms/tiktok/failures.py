"""The ways in which TikTok refuses."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from tests.simulator.faults import Fault
from tests.simulator.messages import (
    HTML_TYPE,
    Answer,
    Request,
    busy_answer,
    html_answer,
    json_answer,
    redirect_answer,
)
from tests.simulator.randomness import hex_of

UNKNOWN_CODE = 987654
LISTS = ("itemList", "aweme_list", "aweme_details", "comments", "playList", "userList", "item_list", "user_list")
LOGIN = "https://www.tiktok.com/login?redirect_url=https%3A%2F%2Fwww.tiktok.com&lang=en&enter_method=mandatory"
NOT_FOUND = "https://www.tiktok.com/notfound?lang=en"
WAF = (
    '<!DOCTYPE html> <html lang="en"> <head><title>Please wait...</title><script id="slardar-config" '
    'type="application/json">{{ "slardarClient": "SlardarWAF", "bid": "slardar_us_waf", "pid": "js-44" }}</script>'
    '</head><body> Please wait... <p id="wci" class="_wafchallengeid"></p><p id="cs" class="{}"></p>'
    '<p id="rci" class="waforiginalreid"></p><p id="rs" class="{}"></p></body></html>'
)
CAPTCHA = (
    '<!DOCTYPE html><html><head><title>TikTok - Make Your Day</title></head><body><div id="captcha-verify-container" '
    'class="captcha-verify-container"></div></body></html>'
)
LEFT = (
    "<!DOCTYPE html><html><head><title>TikTok</title></head><body><p>We regret to inform you that we have discontinued "
    "operating TikTok in your region.</p></body></html>"
)


def waf() -> Answer:
    """The page that makes a browser count before it may come in."""
    salt, aim = (base64.b64encode(hex_of("waf", part).encode()).decode() for part in ("salt", "aim"))
    puzzle = base64.b64encode(orjson.dumps({"v": {"a": salt, "b": salt[:8], "c": aim}, "s": hex_of("waf")})).decode()
    return html_answer(WAF.format(puzzle, hex_of("rs")))


def captcha_page() -> Answer:
    """A captcha is wanted, on a page."""
    return html_answer(CAPTCHA)


def captcha_json() -> Answer:
    """A captcha is wanted, in words; the code is a string."""
    fields: dict[str, Any] = {"code": "10000", "from": "", "type": "verify", "version": "", "region": "va"}
    fields |= {
        "subtype": "slide",
        "detail": f"{hex_of('detail')}*..",
        "verify_event": "",
        "fp": f"verify_{hex_of('fp')}",
    }
    return json_answer(fields)


def captcha_header() -> Answer:
    """A captcha is wanted, in a header alone."""
    ticket = base64.b64encode(orjson.dumps({"code": "10000", "subtype": "slide", "region": "va"})).decode()
    return Answer(b"", 200, HTML_TYPE, [("bdturing-verify", ticket), ("x-tt-system-error", "3")])


def unsigned() -> Answer:
    """The refusal of a bad or missing signature: nothing, and a header."""
    return Answer(headers=[("tt_orcas_res", "1")])


def mismatch() -> Answer:
    """The refusal that calls itself a success."""
    return json_answer({"log_pb": {"impr_id": hex_of("log")}, "status_code": 0, "status_msg": "url doesn't match"})


def coded(code: int, message: str = "") -> Answer:
    """A logical error of the API."""
    return json_answer({"statusCode": code, "statusMsg": message})


def refused(kind: str) -> Answer | None:
    """The answer instead of a page, or None."""
    match kind:
        case "waf" | "user_waf":
            return waf()
        case "captcha_json":
            return captcha_json()
        case "captcha_page":
            return captcha_page()
        case "captcha_header":
            return captcha_header()
        case "login_redirect" | "user_login":
            return redirect_answer(LOGIN)
        case "notfound_redirect":
            return redirect_answer(NOT_FOUND)
        case "empty_body":
            return Answer()
        case "geo_page":
            return html_answer(LEFT)
    return None


def api(request: Request) -> bool:
    """Whether JSON is expected."""
    return request.path.startswith(("/api/", "/aweme/"))


def instead(fault: Fault, request: Request) -> Answer | None:
    """The answer of a fault that does not look at the true one; the rest needs a page."""
    args = fault.args
    match fault.do:
        case "null_data":
            return json_answer({"statusCode": 0}) if api(request) else None
        case "unknown_code":
            return coded(UNKNOWN_CODE) if api(request) else None
        case "rate_limit":
            if int(args.get("status", 429)) != 429:
                return coded(10404)
            return busy_answer(args.get("retry_after", 1))
        case "banned":
            return html_answer("<html><body>Access Denied</body></html>", int(args.get("status", 403)))
        case "voucher":
            return captcha_header()
        case "risk":
            return waf()
        case "captcha":
            return captcha_json() if api(request) or args.get("json") else captcha_page()
        case "sign":
            return mismatch() if args.get("text") else unsigned()
        case "login":
            return coded(10102, "user not login") if api(request) else redirect_answer(LOGIN)
    return None


def shortened(answer: Answer, share: float) -> Answer:
    """The answer with only a share of its list."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return answer
    for name in LISTS:
        items = body.get(name)
        if isinstance(items, list):
            del items[int(len(items) * share) :]
    answer.body = orjson.dumps(body)
    return answer
