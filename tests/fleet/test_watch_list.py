"""What is watched, and when it is due after each change of the list, in a real PostgreSQL."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scraper.fleet import watch_list
from scraper.fleet.due import RunResult, lease, settle, take_due
from scraper.fleet.watch_list import AT_ONCE, Added, Selected, targets_of
from scraper.fleet.watch_rows import Refused, WatchReader, WatchTarget
from scraper.inputs.target_rows import TargetRow
from scraper.python_api.prepared import prepare
from scraper.responses.exceptions import ArgumentError
from tests.fleet.rows import Rows

USER = "https://space.bilibili.com/100200300"
VIDEO = "https://www.bilibili.com/video/BV1L9Uoa9EUx"
HOUR = 3_600


SETTINGS = prepare("hybrid", {"url": VIDEO}).settings


def read(text: str, policy: dict[str, str] | None = None, **arguments: str) -> list[WatchTarget | Refused]:
    return [*WatchReader(SETTINGS, arguments).targets(TargetRow(text, policy or {}))]


def target(text: str = USER, **policy: str) -> WatchTarget:
    (made,) = read(text, policy)
    assert isinstance(made, WatchTarget), made
    return made


def add(rows: Rows, *targets: WatchTarget) -> Added:
    added = rows.run(watch_list.add, targets)
    assert isinstance(added, Added)
    return added


def only(rows: Rows) -> Any:
    (row,) = rows.sql("SELECT * FROM fleet_target")
    return row


@pytest.mark.parametrize(
    ("link", "owner"),
    [
        (USER, "bilibili"),
        ("https://www.tiktok.com/@user", "tiktok"),
        ("https://www.douyin.com/video/7412345678900000000", "douyin"),
        ("BV1L9Uoa9EUx", "bilibili"),
        ("https://b23.tv/AbCd123", "hybrid"),
    ],
)
def test_the_spider_is_the_platform_s_own(link: str, owner: str) -> None:
    assert (target(link).spider, target(link).link) == (owner, link)


def test_a_text_with_several_links_is_several_targets() -> None:
    made = read(f"看 {USER}，{VIDEO} 和 https://www.youtube.com/watch?v=1")
    assert [item.link if isinstance(item, WatchTarget) else item.text for item in made][:2] == [USER, VIDEO]


def test_a_row_replaces_the_arguments_of_all() -> None:
    base = {"with": "comments", "max_items": "9", "every": "1d", "priority": "3", "tags": "team=red;kind=a"}
    (plain,) = read(USER, **base)
    assert isinstance(plain, WatchTarget)
    assert json.loads(plain.arguments) == {
        "with": "comments", "max_items": "9", "since": "last", "tags": "team=red;kind=a",
    }  # fmt: skip
    assert (plain.priority, plain.every, plain.cron) == (3, 24 * HOUR, None)
    own = {"max_items": "2", "cron": "0 6 * * * Asia/Tokyo", "priority": "-4", "since": "7d", "tags.team": "blue"}
    (row,) = read(USER, own, **base)
    assert isinstance(row, WatchTarget)
    assert json.loads(row.arguments) == {
        "with": "comments", "max_items": "2", "since": "7d", "tags": "team=blue;kind=a",
    }  # fmt: skip
    assert (row.priority, row.every, row.cron, row.key) == (-4, None, "0 6 * * * Asia/Tokyo", plain.key)


def test_a_router_replaces_the_page_that_a_link_shows() -> None:
    dynamics = f"{USER}/dynamic"
    assert target(dynamics).key != target(USER).key
    assert target(dynamics, router="fetch_user_profile").key == target(USER, router="fetch_user_profile").key


def test_what_is_crawled_once_gives_everything() -> None:
    assert target().arguments == "{}"
    assert target(every="6h").arguments == '{"since":"last"}'


def test_the_same_target_in_another_form_is_the_same_row() -> None:
    assert target(f"{VIDEO}/?spm_id_from=333.1").key == target("BV1L9Uoa9EUx").key == target(VIDEO).key
    router = "fetch_user_post_videos"
    assert target(router=router).key == target(USER).key  # the default of its link
    assert target(router="fetch_user_profile").key != target(USER).key
    assert target(router=f"{router},fetch_user_profile").key == target(router=f"fetch_user_profile,{router}").key


@pytest.mark.parametrize(
    ("text", "policy", "problem"),
    [
        ("https://www.youtube.com/watch?v=1", {}, "www.youtube.com is not supported"),
        ("nothing", {}, "no link or id found"),
        ("7300000000000000002", {}, "this id may belong to Douyin or TikTok"),
        (USER, {"max_items": "many"}, "max_items=many: must be a whole number"),
        (USER, {"router": "fetch_one_video"}, "fetch_one_video takes a video"),
        (USER, {"router": "fetch_user_profil"}, "did you mean fetch_user_profile"),
        (USER, {"with": "coments"}, "coments"),
        (USER, {"every": "often"}, "every=often: must be a number"),
        (USER, {"cron": "daily"}, "cron=daily: give minute, hour"),
        (USER, {"every": "6h", "cron": "0 6 * * * UTC"}, "give every or cron, not both"),
        (USER, {"priority": "1001"}, "from -1000 to 1000"),
        (USER, {"priority": "high"}, "from -1000 to 1000"),
        (USER, {"tags": "red"}, "tags=red: must be name=value"),
        (USER, {"tags.team": "a;b"}, "and a value no ;"),
    ],
)
def test_a_wrong_row_is_refused_with_the_reason(text: str, policy: dict[str, str], problem: str) -> None:
    (refused,) = read(text, policy)
    assert isinstance(refused, Refused)
    assert problem in refused.problem and refused.text == text


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"url": USER}, "url is for crawls"),
        ({"due": "1"}, "due is for crawls"),
        ({"max_itms": "1"}, "did you mean max_items"),
        ({"every": "6"}, "every=6"),
        ({"cron": "x"}, "cron=x"),
        ({"uid": "1"}, "url and uid cannot be combined"),
    ],
)
def test_a_wrong_argument_is_refused_before_any_row(arguments: dict[str, str], problem: str) -> None:
    with pytest.raises(ArgumentError, match=problem):
        WatchReader(SETTINGS, arguments)


def test_a_row_that_cannot_be_read_is_refused() -> None:
    (refused,) = WatchReader(SETTINGS, {}).targets(TargetRow("- [", {}, "this row is not YAML"))
    assert refused == Refused("- [", "this row is not YAML")


def test_equal_rows_change_nothing(rows: Rows) -> None:
    recurring, once = target(every="6h", priority="5"), target(VIDEO)
    assert add(rows, recurring, once, recurring) == Added(new=2, same=1)
    rows.worker()
    leased = rows.run(lease, rows.run(take_due)[0].target_id, "one")
    rows.run(settle, leased.target_id, leased.lease, RunResult(exit_code=0))
    before = rows.sql("SELECT * FROM fleet_target ORDER BY target_id")
    assert add(rows, recurring, once) == Added(same=2)
    assert rows.sql("SELECT * FROM fleet_target ORDER BY target_id") == before


def test_a_new_target_is_due_now_or_at_its_time(rows: Rows) -> None:
    add(rows, target(every="6h"), target(VIDEO, cron="0 6 * * * Asia/Tokyo"))
    now = rows.now
    first, second = rows.sql("SELECT * FROM fleet_target ORDER BY target_id")
    assert now - 60 < first.due_time <= now and first.expected_time == first.due_time
    assert now < second.due_time <= now + 24 * HOUR and second.due_time % (24 * HOUR) == 21 * HOUR


def crawled(rows: Rows, made: WatchTarget, ago_s: float = 0.0) -> Any:
    """Add a target, crawl it, and return its row."""
    rows.worker()
    add(rows, made)
    leased = rows.run(lease, rows.run(take_due)[0].target_id, "one")
    rows.sql("UPDATE fleet_target SET last_started_time = last_started_time - :ago", ago=ago_s)
    assert rows.run(settle, leased.target_id, leased.lease, RunResult(exit_code=0))
    return only(rows)


def test_other_arguments_do_not_change_when_it_is_due(rows: Rows) -> None:
    before = crawled(rows, target(every="6h"))
    assert add(rows, target(every="6h", max_items="7", priority="2")) == Added(changed=1)
    row = only(rows)
    assert (row.due_time, row.expected_time, row.priority) == (before.due_time, before.expected_time, 2)
    assert json.loads(row.arguments) == {"max_items": "7", "since": "last"}
    assert (row.target_id, row.added_time, row.link) == (before.target_id, before.added_time, before.link)


def test_another_interval_counts_from_the_last_start(rows: Rows) -> None:
    before = crawled(rows, target(every="6h"), ago_s=2 * HOUR)
    add(rows, target(every="3h"))
    assert only(rows).due_time == before.last_started_time + 3 * HOUR == only(rows).expected_time
    add(rows, target(every="1h"))  # it would have been an hour ago: now, once
    assert rows.now - 60 < only(rows).due_time <= rows.now


def test_a_cron_expression_replaces_an_interval(rows: Rows) -> None:
    crawled(rows, target(every="6h"))
    add(rows, target(cron="30 * * * * UTC"))
    row = only(rows)
    assert row.every is None and row.due_time % HOUR == HOUR / 2 and row.due_time > rows.now


def test_a_target_once_is_crawled_again_if_more_is_asked_of_it(rows: Rows) -> None:
    assert crawled(rows, target()).due_time is None
    add(rows, target(priority="9"))
    assert only(rows).due_time is None
    add(rows, target(priority="9", max_items="50"))
    assert [due.target_id for due in rows.run(take_due)] == [only(rows).target_id]


def test_a_changed_target_stays_with_its_worker(rows: Rows) -> None:
    rows.worker()
    add(rows, target(every="6h"))
    leased = rows.run(lease, rows.run(take_due)[0].target_id, "one")
    add(rows, target(every="6h", max_items="2"))
    assert rows.run(take_due) == []
    add(rows, target(every="1h"))
    assert rows.run(take_due) == []
    assert rows.run(settle, leased.target_id, leased.lease, RunResult(exit_code=0))
    assert only(rows).due_time == only(rows).last_started_time + HOUR


def test_a_removed_target_is_lost_to_its_worker(rows: Rows) -> None:
    rows.worker()
    kept, removed = target(), target(VIDEO)
    add(rows, kept, removed)
    for due in rows.run(take_due):
        leased = rows.run(lease, due.target_id, "one")
    done = rows.run(watch_list.remove, Selected([removed.key], [kept.key, 99]))
    assert (done.keys, len(done.ids)) == ([removed.key], 1)
    assert not rows.run(settle, leased.target_id, leased.lease, RunResult(exit_code=0))
    assert only(rows).key == kept.key


def test_a_paused_target_waits_until_it_is_resumed(rows: Rows) -> None:
    rows.worker()
    add(rows, target(every="6h"))
    (due,) = rows.run(take_due)
    chosen = Selected([], [due.target_id])
    assert rows.run(watch_list.pause, chosen).ids == [due.target_id]
    since = only(rows).paused_time
    rows.run(watch_list.pause, chosen)
    assert only(rows).paused_time == since
    assert rows.run(lease, due.target_id, "one") is None  # its job may still be in the engine
    assert rows.run(take_due) == []
    rows.run(watch_list.resume, chosen)
    assert [again.target_id for again in rows.run(take_due)] == [due.target_id]


def test_a_run_under_way_is_not_stopped_by_a_pause(rows: Rows) -> None:
    rows.worker()
    add(rows, target(every="6h"))
    leased = rows.run(lease, rows.run(take_due)[0].target_id, "one")
    rows.run(watch_list.pause, Selected([], [leased.target_id]))
    assert rows.run(settle, leased.target_id, leased.lease, RunResult(exit_code=0))
    assert only(rows).due_time > rows.now


def listed(rows: Rows, *values: Any) -> list[tuple[str, str]]:
    return rows.run(lambda connection: [(row.link, row.state) for row in targets_of(connection, *values)])


def test_the_list_shows_states_and_chooses(rows: Rows) -> None:
    rows.worker("one"), rows.worker("two")
    now, held = rows.now, {"holder": "one", "queued_time": 1.0}
    rows.target(1, -5, link="due", arguments='{"tags":"team=red;area=a"}')
    rows.target(2, 60, link="waiting", attempts=2)
    rows.target(3, -5, link="queued", queued_time=now, arguments='{"tags":"area=a;team=red"}')
    rows.target(4, -5, link="running", **held)
    rows.target(5, -5, link="paused", paused_time=1.0, arguments='{"tags":"team=reddish"}')
    rows.target(6, None, link="done")
    rows.target(7, -5, link="running", paused_time=1.0, **held)
    rows.target(8, -5, link="queued", holder="two", queued_time=now)
    rows.bury("two")
    assert [state for _, state in listed(rows)] == [link for link, _ in listed(rows)]
    assert listed(rows, "due") == [("due", "due")]
    assert listed(rows, "failed") == [("waiting", "waiting")]
    assert [link for link, _ in listed(rows, "paused")] == ["paused", "running"]
    assert [link for link, _ in listed(rows, None, ["team=red"])] == ["due", "queued"]
    assert [link for link, _ in listed(rows, "due", ["area=a", "team=red"])] == ["due"]
    assert listed(rows, None, ["team=blue"]) == []


def test_secrets_in_links_and_errors_are_not_shown(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_list, "mask", lambda text: text.replace("s3cret", "***"))
    rows.target(link="https://a.test/?k=s3cret", error="s3cret", arguments='{"x":"s3cret"}')
    (shown,) = rows.run(lambda connection: [*targets_of(connection)])
    assert "s3cret" not in str(shown) and str(shown).count("***") == 3


def test_many_are_added_in_one_statement(rows: Rows) -> None:
    one = target()
    made = [one._replace(key=number, link=f"a{number}") for number in range(AT_ONCE)]
    assert add(rows, *made) == Added(new=AT_ONCE)
    assert len(listed(rows)) == AT_ONCE
    assert add(rows, *(item._replace(priority=1) for item in made[:10]), *made[10:]) == Added(0, 10, AT_ONCE - 10)
