"""Crawls that meet faults: what each is called, how often a page is asked for, and what becomes of the others."""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from tests.crawling import Crawl, by_target, crawl, together
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=95)
VIEW, LIST, PLAYURL = "/x/web-interface/view", "/x/space/wbi/arc/search", "/x/player/wbi/playurl"
NAV, SPI = "/x/web-interface/nav", "/x/frontend/finger/spi"
FIVE = "url=" + " ".join(WORLD.video(0, place).bvid for place in range(5))
MANY = "url=" + " ".join(WORLD.video(1, place).bvid for place in range(60))
THREE = "url=" + " ".join(WORLD.video(0, place).bvid for place in range(3))
USERS = "url=" + " ".join(f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3))
ONE_BY_ONE = {"delay_s": 0, "concurrency": 1}

# What the view of a video answers: the fault, the outcome, its code, how often it is asked for (RETRY_TIMES=2), and
# the exit code where nothing else was asked for.
SINGLE: dict[str, tuple[dict[str, Any], str, int, int, int]] = {
    "503": ({"do": "status"}, "UPSTREAM", 502, 3, 3),
    "500": ({"do": "status", "status": 500, "body": "<html>no</html>"}, "UPSTREAM", 502, 3, 3),
    "reset": ({"do": "reset"}, "UPSTREAM", 502, 3, 3),
    "truncate": ({"do": "truncate"}, "UPSTREAM", 502, 3, 3),
    "empty": ({"do": "empty"}, "UPSTREAM", 502, 3, 3),
    "garbage": ({"do": "garbage"}, "UPSTREAM", 502, 3, 3),
    "-8888": ({"do": "json", "body": {"code": -8888}}, "UPSTREAM", 502, 3, 3),
    "too late": ({"do": "slow", "delay": 60}, "UPSTREAM", 502, 3, 3),
    "-799": ({"do": "rate_limit"}, "RATE_LIMITED", 429, 3, 4),
    "429": ({"do": "rate_limit", "status": 429, "retry_after": 1}, "RATE_LIMITED", 429, 3, 4),
    "412": ({"do": "banned"}, "RATE_LIMITED", 429, 3, 4),
    "-412": ({"do": "banned", "json": True, "status": 200}, "RATE_LIMITED", 429, 3, 4),
    "-509": ({"do": "json", "body": {"code": -509}}, "RATE_LIMITED", 429, 3, 4),
    "-352": ({"do": "risk"}, "CHALLENGE", 423, 1, 4),
    "voucher": ({"do": "voucher"}, "CHALLENGE", 423, 1, 4),
    "captcha": ({"do": "captcha"}, "CHALLENGE", 423, 1, 4),
    "page": ({"do": "html"}, "CHALLENGE", 423, 1, 4),
    "-101": ({"do": "login"}, "LOGIN_REQUIRED", 401, 1, 5),
    "passport": ({"do": "redirect", "location": "https://passport.bilibili.com/x"}, "LOGIN_REQUIRED", 401, 1, 5),
    "elsewhere": ({"do": "redirect", "location": "https://ads.example.com/"}, "UPSTREAM_CHANGED", 422, 1, 6),
    "null_data": ({"do": "null_data"}, "UPSTREAM_CHANGED", 422, 1, 6),
    "unknown_code": ({"do": "unknown_code"}, "UPSTREAM_CHANGED", 422, 1, 6),
    "wrong_types": ({"do": "wrong_types"}, "UPSTREAM_CHANGED", 422, 1, 6),
    "list": ({"do": "json", "body": [1]}, "UPSTREAM_CHANGED", 422, 1, 6),
    "-403": ({"do": "sign"}, "PRIVATE", 451, 1, 0),
    "region": ({"do": "json", "body": {"code": -10403, "message": "您所在的地区无法观看"}}, "GEO_BLOCKED", 452, 1, 0),
    "members": ({"do": "json", "body": {"code": -10403, "message": "大会员专享限制"}}, "LOGIN_REQUIRED", 401, 1, 5),
}
MENDED = {
    f"{path} {kind['do']}": Fault(path=path, times=2, **kind)
    for path in (NAV, SPI)
    for kind in ({"do": "reset"}, {"do": "rate_limit"})
}


BAD_PART = Fault(path=PLAYURL, do="json", body={"code": -400, "message": "请求错误"})
EVIL = "a; SESSDATA=evil\r\nX-Evil: 1"
VIDEO = {name: WORLD.video(0, place).bvid for place, name in enumerate(SINGLE)}
STOPPING = [name for name, (_, _, code, *_) in SINGLE.items() if code in (423, 429)]
ALONE = [*STOPPING, "503", "-101", "unknown_code", "-403"]


@pytest.fixture(scope="module")
def single() -> dict[str, Crawl]:
    """Each video's view answers with a fault each time; those that stop nobody else are crawled together."""

    def run(*names: str) -> Crawl:
        faults = [Fault(path=VIEW, query={"bvid": VIDEO[name]}, **SINGLE[name][0]) for name in names]
        settings = {"RETRY_TIMES": 2} | ({"DOWNLOAD_TIMEOUT": 1} if "too late" in names else {})
        words = "url=" + " ".join(VIDEO[name] for name in names)
        return crawl(words, world=WORLD, faults=faults, settings=settings)

    shared = [name for name in SINGLE if name not in ALONE]
    done = together(shared=lambda: run(*shared), **{name: partial(run, name) for name in ALONE})
    return done | dict.fromkeys(shared, done["shared"])


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    rotating = World(seed=1, creators=3, videos=600, rotate_keys_after=10)
    one = f"url={WORLD.video(0, 0).bvid}"

    def run(*words: str, fault: Fault | None = None, pace: Any = ONE_BY_ONE, **more: Any) -> Any:
        return lambda: crawl(*words, world=more.pop("world", WORLD), faults=[fault] if fault else [], pace=pace, **more)

    signed = {
        do: run(USERS.partition(" ")[0], fault=Fault(path=LIST, do=do)) for do in ("voucher", "risk", "captcha", "sign")
    }
    return together(
        rotated=run(USERS.partition(" ")[0], world=rotating),
        rotated_often=run(USERS, pace={"delay_s": 0, "concurrency": 8}, world=rotating),
        **signed,
        challenged=run(FIVE, fault=Fault(path=VIEW, after=1, do="risk")),
        limited=run(THREE, fault=Fault(path=VIEW, after=1, do="rate_limit")),
        nav_challenged=run(USERS, fault=Fault(path=NAV, do="voucher")),
        keys_lost=run(USERS, fault=Fault(path=NAV, do="null_data")),
        never=run(one, fault=Fault(path=VIEW, do="reset"), settings={"RETRY_TIMES": 0}),
        never_limited=run(one, fault=Fault(path=VIEW, do="rate_limit"), env={"RETRY_TIMES": "0"}),
        by_default=run(one, fault=Fault(path=VIEW, do="status")),
        streams=run(one, fault=Fault(path=PLAYURL, query={"fnval": 4048}, do="status"), settings={"RETRY_TIMES": 1}),
        refused=run(MANY, fault=Fault(path=PLAYURL, do="sign"), settings={"RETRY_TIMES": 1}),
        storm=run(USERS, fault=Fault(path=LIST, do="banned")),
        storm_of_streams=run(FIVE, fault=Fault(path=PLAYURL, do="banned")),
        refused_at_once=run(MANY, fault=Fault(path=PLAYURL, do="risk"), pace={"delay_s": 0, "concurrency": 4}),
        no_such_part=run(f"bv_id={WORLD.video(0, 0).bvid}", "cid=5", "router=fetch_video_playurl", fault=BAD_PART),
        no_device=run(one, fault=Fault(path=SPI, do="status")),
        evil_device=run(one, fault=Fault(path=SPI, do="json", body={"code": 0, "data": {"b_3": EVIL, "b_4": "x"}})),
        **{name: run(USERS, fault=fault) for name, fault in MENDED.items()},
    )


def error_of(single: dict[str, Crawl], name: str) -> tuple[int, dict[str, Any]]:
    [envelope] = by_target(single[name])[VIDEO[name]]
    return envelope["code"], envelope["data"]["error"]


@pytest.mark.parametrize("name", SINGLE)
def test_what_a_fault_is_called_and_how_often_it_is_asked_for(single: dict[str, Crawl], name: str) -> None:
    _, outcome, code, sends, exit_code = SINGLE[name]
    seen_code, error = error_of(single, name)
    assert (error["name"], seen_code) == (outcome, code), error
    assert [request.query["bvid"] for request in single[name].asked(VIEW)].count(VIDEO[name]) == sends
    assert single[name].code == (exit_code if name in ALONE else 3)
    assert error["message"] and error["remedy"] and error["input"] == VIDEO[name]
    assert error["retryable"] == (code in (423, 429, 502))
    assert bool(error["retry_after"]) == (code == 429)


def test_rate_limits_are_waited_for(single: dict[str, Crawl]) -> None:
    for name, first, second in (("-799", 0.1, 0.2), ("412", 0.1, 0.2), ("429", 1, 1)):
        times = [request.time for request in single[name].asked(VIEW)]
        gaps = [after - before for before, after in pairwise(times)]
        assert gaps[0] >= first - 0.01 and gaps[1] >= second - 0.01, name


def test_how_often_is_a_setting(crawls: dict[str, Crawl]) -> None:
    assert len(crawls["never"].asked(VIEW)) == len(crawls["never_limited"].asked(VIEW)) == 1
    assert len(crawls["by_default"].asked(VIEW)) == 4


def test_messages_say_what_was_wrong(single: dict[str, Crawl]) -> None:
    says = {
        "503": "HTTP 503",
        "too late": "in time",
        "truncate": "truncated",
        "unknown_code": "987654",
        "wrong_types": "owner.mid",
        "-101": "账号未登录",
        "elsewhere": "302",
        "region": "region",
        "members": "大会员",
    }
    for name, text in says.items():
        assert text in error_of(single, name)[1]["message"], name


def test_signing_keys_are_asked_for_once_and_again_when_they_change(crawls: dict[str, Crawl]) -> None:
    done = crawls["rotated"]
    assert done.code == 0 and [record["video_id"] for record in done.records] == list(WORLD_600.bvids(0))
    assert len(done.asked(NAV)) == 2 and len(done.asked(LIST)) == 21
    often = crawls["rotated_often"]
    assert often.code == 0
    idents = [record["video_id"] for record in often.records]
    assert len(idents) == len(set(idents)) == 1800
    assert len(often.asked(NAV)) <= 1 + len(often.asked(LIST)) - 60


WORLD_600 = World(seed=1, creators=3, videos=600)


@pytest.mark.parametrize(
    ("do", "outcome"),
    [("voucher", "CHALLENGE"), ("risk", "CHALLENGE"), ("captcha", "CHALLENGE"), ("sign", "SIGNATURE_REJECTED")],
)
def test_a_signed_request_is_believed_to_be_refused_after_one_renewal(
    crawls: dict[str, Crawl], do: str, outcome: str
) -> None:
    done = crawls[do]
    assert done.only()["data"]["error"]["name"] == outcome
    assert [request.path for request in done.requests if request.path in (NAV, LIST)] == [NAV, LIST, NAV, LIST]
    assert done.code == 4


def test_after_a_challenge_the_others_get_its_outcome_without_a_request(crawls: dict[str, Crawl]) -> None:
    done = crawls["challenged"]
    assert sorted(done.codes) == [200, 423, 423, 423, 423] and done.code == 3
    assert len(done.asked(VIEW)) == 2
    assert sum("not requested" in failure["error"]["message"] for failure in done.failures) == 3
    assert len({failure["error"]["input"] for failure in done.failures}) == 4


def test_nothing_is_sent_while_a_rate_limit_is_waited_for(crawls: dict[str, Crawl]) -> None:
    done = crawls["limited"]
    assert sorted(done.codes) == [200, 429, 429] and done.code == 3
    gaps = [after.time - before.time for before, after in pairwise(done.requests) if before.fault]
    assert len(gaps) >= 4 and min(gaps) >= 0.09
    assert all(count <= 4 for count in Counter(request.query["bvid"] for request in done.asked(VIEW)).values())


def test_a_rate_limit_that_goes_on_ends_the_crawl_however_many_take_turns(crawls: dict[str, Crawl]) -> None:
    done = crawls["storm"]
    assert done.codes == [429] * 3 and done.code == 4
    assert len(done.asked(LIST)) == 4, "1 + RETRY_TIMES in a row"
    done = crawls["storm_of_streams"]
    assert len(done.envelopes) == 5 and set(done.codes) <= {200, 429}
    assert len(done.asked(PLAYURL)) == 4
    assert all(record["meta"]["missing"] == ["video_data"] for record in done.records)


def test_what_was_refused_is_not_asked_by_those_who_wait(crawls: dict[str, Crawl]) -> None:
    done = crawls["refused_at_once"]
    assert done.codes == [200] * 60
    assert len(done.asked(PLAYURL)) <= 30, "five are refused with new keys, and few are under way then; not 60 or 120"


def test_a_part_that_the_user_names_and_the_platform_refuses(crawls: dict[str, Crawl]) -> None:
    assert crawls["no_such_part"].only()["code"] == 400 and crawls["no_such_part"].code == 2


def test_a_session_that_is_not_prepared(crawls: dict[str, Crawl]) -> None:
    assert crawls["nav_challenged"].codes == [423] * 3 and crawls["nav_challenged"].code == 4
    assert len(crawls["nav_challenged"].asked(NAV)) == 1 and crawls["nav_challenged"].asked(LIST) == []
    assert crawls["keys_lost"].codes == [422] * 3 and crawls["keys_lost"].code == 6
    assert "data.wbi_img" in crawls["keys_lost"].failures[0]["error"]["message"]


@pytest.mark.parametrize("name", MENDED)
def test_a_session_is_prepared_again(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert done.code == 0
    assert len({record["video_id"] for record in done.records}) == len(done.records) == 3 * 95


def test_without_a_device_id_a_video_is_still_served(crawls: dict[str, Crawl]) -> None:
    assert crawls["no_device"].only()["code"] == 200
    assert len(crawls["no_device"].asked(SPI)) == 3
    assert crawls["evil_device"].only()["code"] == 200
    assert not any(
        "x-evil" in request.headers or "SESSDATA" in request.cookies for request in crawls["evil_device"].requests
    )


def test_streams_that_do_not_come_cost_only_themselves(crawls: dict[str, Crawl]) -> None:
    record = crawls["streams"].only()["data"]
    assert record["meta"]["missing"] == ["video_data.streams"]
    assert record["video_data"]["nwm_video_url"]
    assert len([request for request in crawls["streams"].asked(PLAYURL) if request.query["fnval"] == "4048"]) == 2
    assert crawls["streams"].code == 0


def test_streams_that_are_refused_each_time_are_not_asked_for_any_more(crawls: dict[str, Crawl]) -> None:
    done = crawls["refused"]
    assert done.codes == [200] * 60 and done.code == 0
    assert all(record["meta"]["missing"] == ["video_data"] and record["video_data"] is None for record in done.records)
    asked = [request.query["cid"] for request in done.asked(PLAYURL)]
    assert len(set(asked)) < 60
