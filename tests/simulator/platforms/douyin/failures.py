"""The ways in which Douyin refuses."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from tests.simulator.faults import Fault
from tests.simulator.messages import HTML_TYPE, Answer, Request, busy_answer, html_answer, json_answer
from tests.simulator.randomness import hex_of

TEXT_TYPE = "text/plain; charset=utf-8"
MESSAGES = {
    4: "啊哦，服务器打瞌睡了，再试一次吧～",
    5: "参数不合法",
    8: "用户未登录",
    2065: "用户不存在",
    2096: "由于对方的隐私设置，你无法查看",
    2483: "请先登录，再继续搜索吧",
    2863: "操作太频繁，请稍后再试",
}
UNKNOWN_CODE = 987654
MIDDLE = (
    "<html><head><title>验证码中间页</title><script src='https://lf-cdn-tos.bytescm.com/obj/static/sec_sdk_build/"
    "3.5.2/captcha.js'></script></head><body></body></html>"
)
NONCE = (
    "<html><head><meta charset='UTF-8' /></head><body></body><script>window._$jsvmprt=function(b,e,f){};"
    "(glb=typeof window!='undefined'?window:global).byted_acrawler={};document.cookie='__ac_nonce='+'';"
    "window.location.reload();</script></html>"
)
NOTICE = "抱歉，作品不见了"
DETAIL = "因作品权限或已被删除，无法观看，去看看其他作品吧"


def coded(code: int) -> Answer:
    """A logical error, sent with status 200."""
    return json_answer({"status_code": code, "status_msg": MESSAGES.get(code, "")})


def filtered(ident: str, reason: str) -> dict[str, Any]:
    """Why a work is not shown."""
    silent = reason == "core_dep"
    return {
        "aweme_id": ident,
        "filter_reason": reason,
        "detail_msg": "" if silent else DETAIL,
        "notice": "" if silent else NOTICE,
        "icon": "https://p3.douyinpic.com/aweme-server-static-resource/reflow_notice_icon1.png~tplv-obj.image",
    }


def captcha_json(region: str = "cn") -> Answer:
    """A captcha is wanted, in words; the code is a string."""
    return json_answer(
        {
            "code": "10000",
            "from": "",
            "type": "verify",
            "version": "",
            "region": region,
            "subtype": "slide",
            "ui_type": "",
            "detail": f"{hex_of('detail')}*{hex_of('captcha')}..",
            "verify_event": "6124",
            "fp": f"verify_{hex_of('fp')}",
            "server_sdk_env": '{"idc":"lf","region":"CN"}',
        }
    )


def captcha_header() -> Answer:
    """A captcha is wanted, in a header alone."""
    ticket = base64.b64encode(orjson.dumps({"code": "10000", "subtype": "slide", "detail": hex_of("header")})).decode()
    headers = [("bdturing-verify", ticket), ("x-vc-bdturing-parameters", ticket)]
    return Answer(b"", 200, HTML_TYPE, headers)


def captcha_page() -> Answer:
    """A captcha is wanted, on a page."""
    return html_answer(MIDDLE)


def nonce_page() -> Answer:
    """The challenge of the web site."""
    answer = html_answer(NONCE)
    shared = "Path=/; Max-Age=1800; Domain=.douyin.com"
    answer.headers.append(("Set-Cookie", f"__ac_nonce=0{hex_of('nonce')[:20]}; {shared}"))
    return answer


def text(words: str, status: int = 200) -> Answer:
    """A few words instead of JSON."""
    return Answer(words.encode(), status, TEXT_TYPE)


def refused(kind: str) -> Answer | None:
    """The answer of a work that every route refuses, or None."""
    match kind:
        case "captcha_json":
            return captcha_json()
        case "captcha_page":
            return captcha_page()
        case "captcha_header":
            return captcha_header()
        case "ac_nonce":
            return nonce_page()
        case "argus":
            return text("Blocked by ArgusSecurityPlugin Uifid Not Found", 403)
        case "uifid":
            return text("Uifid Not Found")
        case "signature_text":
            return text("Signature Not Found")
        case "blocked_text":
            return text("blocked")
        case "close_444":
            return Answer(b"", 444, HTML_TYPE, ending="close")
        case "empty_body":
            return Answer()
        case "empty_object":
            return json_answer({})
        case "status_only":
            return json_answer({"status_code": 0})
        case "null_detail" | "no_info":
            return json_answer({"status_code": 0, "aweme_detail": None})
    return None


def instead(fault: Fault, request: Request) -> Answer | None:
    """The answer of a fault that does not look at the true one."""
    args = fault.args
    match fault.do:
        case "null_data":
            return refused(str(args.get("shape", "null_detail")))
        case "unknown_code":
            return coded(UNKNOWN_CODE)
        case "rate_limit":
            if int(args.get("status", 429)) != 429:
                return coded(2863)
            return busy_answer(args.get("retry_after", 1))
        case "banned":
            return refused("close_444" if int(args.get("status", 403)) == 444 else "argus")
        case "voucher":
            return captcha_header()
        case "risk":
            return coded(4) if "/aweme/v" in request.path else nonce_page()
        case "captcha":
            page = "/aweme/v" not in request.path and not args.get("json")
            return captcha_page() if page else captcha_json()
        case "sign":
            return text(str(args.get("text", "Signature Not Found")))
        case "login":
            return coded(int(args.get("code", 8)))
    return None


def shortened(answer: Answer, share: float) -> Answer:
    """The answer with only a share of its list."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return answer
    for items in (value for value in body.values() if isinstance(value, list)):
        del items[int(len(items) * share) :]
    answer.body = orjson.dumps(body)
    return answer
