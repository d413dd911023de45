"""Every kind of fault as it looks on Douyin."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator import Fault, Simulator
from tests.simulator.browser import ENDINGS, visit
from tests.simulator.faults import KINDS
from tests.simulator.reading.douyin import (
    LOOKS,
    body,
    slides,
)
from tests.simulator.worlds.douyin import DouyinWorld


@pytest.fixture
def world(sim: Simulator) -> DouyinWorld:
    sim.faults = []
    return sim.world.douyin


FAULTS: list[tuple[str, dict[str, Any], Any]] = [
    ("status", {"status": 502}, lambda reply: reply.status == 502),
    ("json", {"body": {"a": 1}}, lambda reply: body(reply) == {"a": 1}),
    ("empty", {}, LOOKS["empty_body"]),
    ("html", {}, lambda reply: reply.body.startswith(b"<!DOCTYPE html>")),
    ("garbage", {}, lambda reply: b"not json" in reply.body),
    ("slow", {"delay": 0.02}, lambda reply: body(reply)["aweme_details"]),
    ("redirect", {"location": "https://x.test/"}, lambda reply: reply.headers["location"] == "https://x.test/"),
    ("wrong_types", {}, lambda reply: body(reply) != {}),
    ("null_data", {}, LOOKS["null_detail"]),
    ("null_data", {"shape": "empty_object"}, LOOKS["empty_object"]),
    ("unknown_code", {}, lambda reply: body(reply)["status_code"] == 987654),
    ("rate_limit", {"retry_after": 3}, lambda reply: (reply.status, reply.headers["retry-after"]) == (429, "3")),
    ("rate_limit", {"status": 200}, lambda reply: body(reply)["status_code"] == 2863),
    ("banned", {}, LOOKS["argus"]),
    ("banned", {"status": 444}, LOOKS["close_444"]),
    ("voucher", {}, LOOKS["captcha_header"]),
    ("risk", {}, LOOKS["ac_nonce"]),
    ("captcha", {}, LOOKS["captcha_page"]),
    ("captcha", {"json": True}, LOOKS["captcha_json"]),
    ("sign", {}, LOOKS["signature_text"]),
    ("login", {}, lambda reply: body(reply)["status_code"] == 8),
    ("login", {"code": 2483}, lambda reply: body(reply)["status_code"] == 2483),
    ("repeat", {}, lambda reply: len(body(reply)["aweme_details"]) == 2),
    ("half_page", {}, lambda reply: len(body(reply)["aweme_details"]) == 1),
    ("empty_page", {}, lambda reply: body(reply)["aweme_details"] == []),
]


@pytest.mark.parametrize(("do", "args", "holds"), FAULTS)
def test_faults(sim: Simulator, world: DouyinWorld, do: str, args: dict[str, Any], holds: Any) -> None:
    sim.faults = [Fault(host="www.iesdouyin.com", do=do, **args)]
    [reply] = visit(sim, slides(f"{world.video(0, 0).id},{world.video(0, 1).id}"))
    assert holds(reply)


def test_faults_of_the_wire(sim: Simulator, world: DouyinWorld) -> None:
    for do, kind in ENDINGS.items():
        sim.faults = [Fault(do=do)]
        with pytest.raises(kind):
            visit(sim, slides(world.video(0, 0).id))
    assert {do for do, _, _ in FAULTS} | ENDINGS.keys() == KINDS
