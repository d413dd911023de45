"""Device ids and the state of the login."""

from __future__ import annotations

from typing import Any

from tests.simulator.account import Account
from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.bilibili import envelope
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.randomness import hex_of


def finger(gate: Gate) -> Answer:
    """Two device ids."""
    return json_answer({"code": 0, "data": {"b_3": gate.buvid3(), "b_4": gate.buvid4()}, "message": "ok"})


def getbuvid(gate: Gate) -> Answer:
    """One device id."""
    return envelope.ok({"buvid": gate.buvid3()})


def nav(gate: Gate, account: Account, request: Request) -> Answer:
    """The signature keys, and who is logged in."""
    if not gate.logged_in(request):
        return envelope.refusal(-101, {"isLogin": False, "wbi_img": gate.keys.urls})
    return envelope.ok({**_account(account), "wbi_img": gate.keys.urls})


def _account(account: Account) -> dict[str, Any]:
    return {
        "isLogin": True,
        "email_verified": 1,
        "face": f"https://i0.hdslb.com/bfs/face/{hex_of(account.mid)}.jpg",
        "level_info": {"current_level": 6, "current_min": 28800, "current_exp": 31415, "next_exp": "--"},
        "mid": account.mid,
        "mobile_verified": 1,
        "money": 123.5,
        "moral": 70,
        "official": {"role": 0, "title": "", "desc": "", "type": -1},
        "uname": account.name,
        "vipDueDate": 1_924_963_200_000 if account.vip else 0,
        "vipStatus": int(account.vip),
        "vipType": 2 if account.vip else 0,
        "wallet": {"mid": account.mid, "bcoin_balance": 0, "coupon_balance": 0, "coupon_due_time": 0},
        "has_shop": False,
        "is_jury": False,
    }
