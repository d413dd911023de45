"""Every kind of fault as it looks on TikTok."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator import Fault, Simulator
from tests.simulator.browser import ENDINGS, visit
from tests.simulator.faults import KINDS
from tests.simulator.reading.tiktok import (
    LOOKS,
    body,
    detail,
    listing,
    page,
)
from tests.simulator.worlds.tiktok import TiktokWorld


@pytest.fixture
def world(sim: Simulator) -> TiktokWorld:
    sim.faults = []
    return sim.world.tiktok


FAULTS: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("status", {"status": 502}, lambda reply: reply.status == 502, None),
    ("json", {"body": {"a": 1}}, lambda reply: body(reply) == {"a": 1}, None),
    ("empty", {}, LOOKS["empty_body"], None),
    ("html", {}, lambda reply: reply.body.startswith(b"<!DOCTYPE html>"), None),
    ("garbage", {}, lambda reply: b"not json" in reply.body, None),
    ("slow", {"delay": 0.02}, lambda reply: len(body(reply)["itemList"]) == 15, None),
    ("redirect", {"location": "https://x.test/"}, lambda reply: reply.headers["location"] == "https://x.test/", None),
    ("wrong_types", {}, lambda reply: body(reply) != {}, None),
    ("null_data", {}, lambda reply: body(reply) == {"statusCode": 0}, LOOKS["no_item"]),
    (
        "unknown_code",
        {},
        lambda reply: body(reply)["statusCode"] == 987654,
        lambda reply: detail(reply)["statusCode"] == 987654,
    ),
    ("rate_limit", {"retry_after": 3}, lambda reply: (reply.status, reply.headers["retry-after"]) == (429, "3"), None),
    ("rate_limit", {"status": 200}, lambda reply: body(reply)["statusCode"] == 10404, None),
    ("banned", {}, lambda reply: reply.status == 403, None),
    ("voucher", {}, LOOKS["captcha_header"], None),
    ("risk", {}, LOOKS["waf"], LOOKS["waf"]),
    ("captcha", {}, LOOKS["captcha_json"], LOOKS["captcha_page"]),
    ("sign", {}, lambda reply: (reply.body, reply.headers["tt_orcas_res"]) == (b"", "1"), None),
    ("sign", {"text": True}, lambda reply: body(reply)["status_msg"] == "url doesn't match", None),
    ("login", {}, lambda reply: body(reply)["statusCode"] == 10102, LOOKS["login_redirect"]),
    ("repeat", {}, lambda reply: len(body(reply)["itemList"]) == 15, None),
    ("half_page", {}, lambda reply: len(body(reply)["itemList"]) == 7 and body(reply)["hasMorePrevious"], None),
    ("empty_page", {}, lambda reply: body(reply)["itemList"] == [] and body(reply)["hasMorePrevious"], None),
]


@pytest.mark.parametrize(("do", "args", "of_list", "of_page"), FAULTS)
def test_faults(sim: Simulator, world: TiktokWorld, do: str, args: dict[str, Any], of_list: Any, of_page: Any) -> None:
    sim.faults = [Fault(do=do, **args)]
    assert of_list(visit(sim, listing(world, 0, world.video(0, 9).created * 1000))[0])
    assert of_page is None or of_page(visit(sim, page(world.video(0, 0).id))[0])


def test_faults_of_the_wire(sim: Simulator, world: TiktokWorld) -> None:
    for do, kind in ENDINGS.items():
        sim.faults = [Fault(do=do)]
        with pytest.raises(kind):
            visit(sim, page(world.video(0, 0).id))
    assert {do for do, *_ in FAULTS} | ENDINGS.keys() == KINDS
