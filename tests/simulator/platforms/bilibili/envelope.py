"""The JSON envelope of Bilibili and its ways of refusing."""

from __future__ import annotations

from typing import Any

import orjson

from tests.simulator.messages import Answer, html_answer, json_answer

MESSAGES = {
    -101: "账号未登录",
    -352: "风控校验失败",
    -400: "请求错误",
    -403: "访问权限不足",
    -404: "啥都木有",
    -412: "request was banned",
    -799: "请求过于频繁，请稍后再试",
    12002: "评论区已关闭",
    12009: "评论区类型不存在",
    12022: "已经被删除了",
    12061: "UP主已关闭评论区",
    62002: "稿件不可见",
    62004: "稿件审核中",
    62012: "仅UP主自己可见",
}
BANNED_PAGE = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><title>出错啦! - bilibili.com</title></head><body>'
    "<p>错误号:412</p><p>由于触发哔哩哔哩安全风控策略，该次访问请求被拒绝。</p></body></html>"
)


def ok(data: Any) -> Answer:
    """Success."""
    return json_answer({"code": 0, "message": "0", "ttl": 1, "data": data})


def ok_text(data: str) -> Answer:
    """Success, with `data` already written as JSON."""
    return Answer(f'{{"code":0,"message":"0","ttl":1,"data":{data}}}'.encode())


def refusal(code: int, data: Any = None, headers: list[tuple[str, str]] | None = None) -> Answer:
    """A logical error, sent with status 200."""
    body: dict[str, Any] = {"code": code, "message": MESSAGES.get(code, str(code)), "ttl": 1}
    if data is not None:
        body["data"] = data
    return json_answer(body, headers=headers)


def banned_page() -> Answer:
    """The page of the firewall."""
    return html_answer(BANNED_PAGE, 412)


def banned_json(status: int = 412) -> Answer:
    """The firewall's answer as JSON."""
    return json_answer({"code": -412, "message": MESSAGES[-412], "ttl": 1}, status)


def risk(voucher: str) -> Answer:
    """The risk check failed, and says so."""
    return refusal(-352, {"v_voucher": voucher}, [("x-bili-gaia-vvoucher", voucher)])


def disguised(voucher: str) -> Answer:
    """The risk check failed, dressed as success."""
    return ok({"v_voucher": voucher})


def captcha(grisk: str) -> Answer:
    """A captcha is wanted."""
    decisions = {
        "decisions": ["verify_captcha_level2"],
        "risk_level": 1,
        "grisk_id": grisk,
        "decision_ctx": {"buvid": "", "ip": "127.0.0.1", "scene": "anti_crawler"},
    }
    return json_answer({"code": -401, "message": "非法访问", "ttl": 1, "data": {"ga_data": decisions}})


def data_of(answer: Answer) -> Any:
    """The payload of an answer of this envelope, or None."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    return body.get("data") if isinstance(body, dict) else None
