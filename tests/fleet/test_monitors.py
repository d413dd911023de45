"""The monitors of a fleet: what they find in a real database, and when their webhook is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from sqlalchemy import insert, select, text

from scraper.drift.field_counts import FieldCounts
from scraper.drift.report import DriftReport
from scraper.drift.storage import accept
from scraper.fleet import monitors as module
from scraper.fleet.alarms import Alarm, Monitoring, evaluate
from scraper.fleet.counts import ANSWER
from scraper.fleet.database import FleetDatabase
from scraper.fleet.monitor_config import Monitors, read_monitors
from scraper.fleet.schema import ALARM, MONITORING
from scraper.ledger.run import Run as LedgerRun
from scraper.ledger.run import add_run
from scraper.ledger.schema import DRIFT, DRIFT_REPORT
from scraper.responses.exceptions import ArgumentError
from tests.fleet.filled import Fleet, empty_fleet
from tests.postgres import Server
from tests.test_runs import Hooked, hook

EXAMPLE = Path(__file__).parents[2] / "config" / "monitors" / "config.example.yaml"
HOUR, DAY = 3600, 86_400


@pytest.fixture
def fleet(postgres: Server) -> Fleet:
    return empty_fleet()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Any]:
    """A function that writes a configuration, and returns what is read of it."""

    def write(**values: Any) -> Monitors | None:
        folder = tmp_path / "monitors"
        folder.mkdir(exist_ok=True)
        (folder / "config.yaml").write_text(yaml.safe_dump(values), "utf-8")
        return read_monitors(tmp_path)

    write.folder = tmp_path  # type: ignore[attr-defined]
    yield write


def on(fleet: Fleet, monitors: Monitors) -> dict[tuple[str, str], str]:
    """Evaluate, and return the messages of the alarms that are on."""
    alarms = asyncio.run(evaluate(fleet.database, monitors, now=True))
    assert alarms is not None
    return {(alarm.monitor, alarm.subject): alarm.message for alarm in alarms}


def target_id(fleet: Fleet, link: str) -> str:
    query = text("SELECT target_id FROM fleet_target WHERE link = :link")
    return str(fleet.database.do(lambda connection: connection.execute(query, {"link": link}).scalar_one()))


def change(fleet: Fleet, statement: str, **values: Any) -> None:
    fleet.database.do(lambda connection: connection.execute(text(statement), values))


def test_the_example_is_what_can_be_written(config: Any) -> None:
    monitors = config(**yaml.safe_load(EXAMPLE.read_text("utf-8")))
    names = [name for name in Monitors.__struct_fields__ if name not in ("webhook", "every")]
    assert {name: bool(getattr(monitors, name)) for name in names} == dict.fromkeys(names, True)
    assert sorted(names) == sorted(monitor.__name__ for monitor in module.MONITORS)
    assert monitors.freshness.late == 6 * HOUR and monitors.every == 60


@pytest.mark.parametrize(
    "values, words",
    [
        ({"freshnes": {}}, "unknown field `freshnes`"),
        ({"freshness": {"late": "soon"}}, "such as 30m, 6h or 1d - at `$.freshness.late`"),
        ({"freshness": {}}, "missing required field `late`"),
        ({"completeness": {"least": 90}}, "<= 1.0 - at `$.completeness.least`"),
        ({"block_rate": {"most": 0}}, "> 0.0"),
        ({"webhook": "ftp://h.test/T0SECRETPATH"}, "webhook: give an http:// or https:// URL"),
        ({"field_coverage": [{"records": "vidoe", "field": "x", "least": 1}]}, "did you mean video?"),
        (
            {"field_coverage": [{"records": "video", "field": "statistics.dig_count", "least": 1}]},
            "unknown field of video statistics.dig_count; did you mean statistics.digg_count?",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(config: Any, values: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        config(**values)
    assert words in str(caught.value) and "monitors/config.yaml: " in str(caught.value)
    assert "T0SECRETPATH" not in str(caught.value)


@pytest.mark.parametrize("field", ["title", "statistics", "hashtags[]", "hashtags[].name", "hashtags", "kind"])
def test_a_field_is_named_as_the_samples_name_it(config: Any, field: str) -> None:
    assert config(field_coverage=[{"records": "video", "field": field, "least": 1}])


def test_without_a_file_there_are_no_monitors(tmp_path: Path) -> None:
    assert read_monitors(tmp_path) is None


def test_freshness_finds_what_is_overdue(fleet: Fleet, config: Any) -> None:
    late = fleet.target(expected_time=-7 * HOUR, completed_time=-13 * HOUR)
    never = fleet.target(expected_time=-8 * HOUR, completed_time=None)
    fleet.target(expected_time=-5 * HOUR)
    fleet.target(expected_time=-9 * HOUR, paused_time=-1)
    monitors = config(freshness={"late": "6h"})
    assert on(fleet, monitors) == {
        ("freshness", target_id(fleet, late)): f"{late}: a complete run is overdue by 7 h; the last one was 13 h ago",
        ("freshness", target_id(fleet, never)): f"{never}: a complete run is overdue by 8 h; the last one was never",
    }
    change(fleet, "UPDATE fleet_target SET expected_time = :now WHERE link = :link", now=fleet.now, link=late)
    assert [*on(fleet, monitors)] == [("freshness", target_id(fleet, never))]


def test_of_many_targets_some_of_the_worst_keep_their_alarm_and_the_others_have_one(
    fleet: Fleet, config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_TARGETS", 3)
    links = [fleet.target(expected_time=-HOUR * number) for number in range(1, 6)]
    ids = [target_id(fleet, link) for link in links]
    monitors = config(freshness={"late": "30m"})
    first = on(fleet, monitors)
    assert {subject for _, subject in first} == {*ids[2:], "others"}
    assert first["freshness", "others"] == "2 further targets are overdue by more than 30 min"
    worse = target_id(fleet, fleet.target(expected_time=-99 * HOUR))
    assert {subject for _, subject in on(fleet, monitors)} == {*ids[2:], "others"}, "those known are not well yet"
    change(fleet, "DELETE FROM fleet_target WHERE target_id = :id", id=int(ids[4]))
    assert {subject for _, subject in on(fleet, monitors)} == {*ids[2:4], worse, "others"}


def test_completeness_finds_lists_that_lack_items(fleet: Fleet, config: Any) -> None:
    short = fleet.target(collected=1_500, declared=2_000)
    fleet.target(collected=1_900, declared=2_000)
    fleet.target(collected=5, declared=None)
    monitors = config(completeness={"least": 0.9})
    assert [*on(fleet, monitors).values()] == [f"{short}: 1,500 of 2,000 items were collected (75 %)"]


def test_block_rate_judges_the_answers_within_a_time(fleet: Fleet, config: Any) -> None:
    for worker in "ab":
        fleet.counted(ANSWER, "bilibili_web", 1500, worker, sent=200, ok=30, CHALLENGE=10, RATE_LIMITED=5, waits=90)
        fleet.counted(ANSWER, "douyin_web", 1500, worker, ok=90, CHALLENGE=10)
        fleet.counted(ANSWER, "tiktok_web", 1500, worker, CHALLENGE=20)
        fleet.counted(ANSWER, "tiktok_app", 3 * HOUR, worker, CHALLENGE=200)
    monitors = config(block_rate={"most": 0.2, "within": "1h", "answers": 50})
    assert on(fleet, monitors) == {
        ("block_rate", "bilibili_web"): "bilibili_web refused 33 % of 90 requests (CHALLENGE 20, RATE_LIMITED 10)"
    }


def test_cookie_expiry_judges_identities_in_use(fleet: Fleet, config: Any) -> None:
    fleet.identity("soon", cookie_expires_time=3 * DAY)
    fleet.identity("over", cookie_expires_time=-HOUR, next_time=-60)
    fleet.identity("later", cookie_expires_time=30 * DAY)
    fleet.identity("replaced", cookie_expires_time=-DAY, next_time=-2 * DAY)
    fleet.identity("unknown")
    monitors = config(cookie_expiry={"days": 7})
    assert [*on(fleet, monitors).values()] == [
        "bilibili_web, over: the cookie expired 60 min ago", "bilibili_web, soon: the cookie expires in 3 d",
    ]  # fmt: skip


def test_a_worker_is_gone_until_another_takes_its_place(fleet: Fleet, config: Any) -> None:
    fleet.worker("older", started_time=-9000)
    fleet.worker("gone-1", started_time=-9000, seen_time=-400, expires_time=-370, ended_time=-300)
    fleet.worker("gone-2", started_time=-9000, process=8, seen_time=-500, expires_time=-470)
    fleet.worker("elsewhere", host="host-2", started_time=-10)
    fleet.worker("stopped", started_time=-9000, seen_time=-400, expires_time=-370, ended_time=-390)
    fleet.worker("just-now", started_time=-9000, seen_time=-60, expires_time=-30)
    monitors = config(worker_gone={"after": "2m"})
    assert {subject for _, subject in on(fleet, monitors)} == {"gone-1", "gone-2"}
    fleet.worker("new", started_time=-200)
    assert [*on(fleet, monitors).values()] == ["the worker on host-1 (process 7) is gone: it was seen 6.7 min ago"]


def add_drift(fleet: Fleet, run_id: str, report: DriftReport, ago: int = 60, **counts: FieldCounts) -> None:
    """Add what the drift radar leaves of a run."""
    run = LedgerRun(run_id=run_id, spider="bilibili", arguments={}, ended_time=int(fleet.now) - ago)
    common = {"run_id": run_id, "router": "/api/x", "surface": "web", "logged_in": False}
    rows = [
        {**common, "records": name.replace("_", " "), "counts": msgspec.json.encode(counted).decode()}
        for name, counted in counts.items()
    ]

    def add(connection: Any) -> None:
        add_run(connection, run)
        text_of = msgspec.json.encode(report).decode()
        connection.execute(insert(DRIFT_REPORT).values(run_id=run_id, report=text_of, accepted=0))
        if rows:
            connection.execute(insert(DRIFT), rows)

    fleet.database.do(add)


def sample(number: int, known: int) -> FieldCounts:
    counts = {"statistics": number, "statistics.digg_count": known}
    return FieldCounts(records=number, objects={"": number, "statistics": number}, known=counts)


def test_field_coverage_sums_the_last_runs_and_the_kinds_of_records(fleet: Fleet, config: Any) -> None:
    kinds = FieldCounts(records=120, objects={"": 120}, known={"kind": 120})
    add_drift(fleet, "r1", DriftReport(), video_video=sample(50, 50), video_image=sample(10, 4), video=kinds)
    add_drift(fleet, "r2", DriftReport(), video_video=sample(60, 50), comment=sample(500, 0))
    wanted = {"records": "video", "field": "statistics.digg_count", "least": 0.9}
    assert on(fleet, config(field_coverage=[wanted])) == {
        ("field_coverage", "/api/x video statistics.digg_count"): (
            "/api/x: statistics.digg_count of video is known in 87 % of 120 records"
        )
    }
    for well in ({"least": 0.8}, {"sample": 121}, {"router": "/api/y"}, {"field": "kind"}):
        assert on(fleet, config(field_coverage=[{**wanted, **well}])) == {}, well


def fallen(path: str) -> DriftReport:
    entry = {"router": "/api/x", "surface": "web", "logged_in": False, "records": "video", "path": path}
    unsure = {"router": "/api/x", "path": "data.code", "value": 7, "sure": False, "understood": False}
    return DriftReport(fallen=[{**entry, "share": 0.1, "usual": 1, "number": 80}], values=[unsure])


def test_drift_is_on_until_it_is_accepted_or_old(fleet: Fleet, config: Any) -> None:
    add_drift(fleet, "r0", fallen("old"), ago=2 * DAY)
    add_drift(fleet, "r1", fallen("title"))
    add_drift(fleet, "r2", fallen("title"))
    monitors = config(drift=True)
    [(key, message)] = on(fleet, monitors).items()
    assert key == ("drift", "/api/x title") and message.endswith("usually in 100 %: scrapy drift r2")
    fleet.database.do(lambda connection: accept(connection, "r2"))
    assert on(fleet, monitors) == {}


def messages(server: Hooked) -> list[list[tuple[str, str]]]:
    """Return what the webhook got, a list for each call."""
    return [[(alarm["state"], alarm["subject"]) for alarm in json.loads(body)["alarms"]] for _, _, body in server.calls]


def with_webhook(config: Any, server: Hooked, **values: Any) -> Any:
    url = f"http://robot:hunter22secret@127.0.0.1:{server.server_port}/services/T0SECRETPATH"
    return config(webhook=url, **values)


def test_the_webhook_is_told_once_and_when_it_clears(
    fleet: Fleet, config: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.identity("soon", cookie_expires_time=DAY)
    with hook(200) as server:
        monitors = with_webhook(config, server, cookie_expiry={"days": 7})
        on(fleet, monitors)
        on(Fleet(fleet.url), monitors)  # after a restart
        fleet.identity("too", cookie_expires_time=2 * DAY)
        on(fleet, monitors)
        change(fleet, "UPDATE fleet_identity SET cookie_expires_time = NULL")
        on(fleet, monitors)
        on(fleet, monitors)
        assert messages(server) == [
            [("on", "hash-soon")], [("on", "hash-too")], [("cleared", "hash-soon"), ("cleared", "hash-too")],
        ]  # fmt: skip
        first, _, last = (json.loads(body) for _, _, body in server.calls)
    assert first["text"] == "Alarm: cookie_expiry: bilibili_web, soon: the cookie expires in 24 h"
    assert first["alarms"][0]["id"] == last["alarms"][0]["id"] and last["alarms"][0]["cleared_time"] > fleet.now - 1
    assert last["text"].splitlines()[0].startswith("Cleared: cookie_expiry")
    assert server.calls[0][1]["Authorization"].startswith("Basic ") and "T0SECRETPATH" not in caplog.text
    assert fleet.database.do(lambda connection: connection.execute(select(ALARM)).all()) == []


def test_what_a_webhook_that_is_down_missed_is_sent_later(fleet: Fleet, config: Any) -> None:
    fleet.identity("short-lived", cookie_expires_time=DAY)
    with hook(500, 404, 500, 200) as server:
        monitors = with_webhook(config, server, cookie_expiry={"days": 7})
        on(fleet, monitors)
        problem = fleet.database.do(lambda connection: connection.execute(select(MONITORING.c.problem)).scalar())
        assert problem == "the answer was 500"
        change(fleet, "DELETE FROM fleet_identity")
        fleet.identity("lasting", cookie_expires_time=DAY)
        on(fleet, monitors)
        on(fleet, monitors)
        on(fleet, monitors)
        on(fleet, monitors)
    late = [("cleared", "hash-short-lived"), ("on", "hash-lasting")]
    assert messages(server) == [[("on", "hash-short-lived")], late, late, late]
    for column, value in ((ALARM.c.subject, "hash-lasting"), (MONITORING.c.problem, None)):
        query = select(column)
        assert fleet.database.do(lambda connection, query=query: connection.execute(query).scalar_one()) == value


def test_an_alarm_that_comes_back_before_its_end_was_sent_is_not_sent_again(fleet: Fleet, config: Any) -> None:
    fleet.identity("soon", cookie_expires_time=DAY)
    with hook(200, 500, 200) as server:
        monitors = with_webhook(config, server, cookie_expiry={"days": 7})
        on(fleet, monitors)
        change(fleet, "UPDATE fleet_identity SET cookie_expires_time = NULL")
        on(fleet, monitors)
        change(fleet, "UPDATE fleet_identity SET cookie_expires_time = 1")
        assert [*on(fleet, monitors)] == [("cookie_expiry", "hash-soon")]
        assert messages(server) == [[("on", "hash-soon")], [("cleared", "hash-soon")]]


def test_workers_evaluate_once_in_an_interval(fleet: Fleet, config: Any) -> None:
    fleet.identity("soon", cookie_expires_time=DAY)
    with hook(200) as server, ThreadPoolExecutor(4) as threads:
        monitors = with_webhook(config, server, cookie_expiry={"days": 7}, every="1h")

        def work(_: int) -> list[Alarm] | None:
            return asyncio.run(evaluate(FleetDatabase(fleet.url), monitors))

        results = [*threads.map(work, range(8))]
        assert len([result for result in results if result is not None]) == 1
        assert messages(server) == [[("on", "hash-soon")]]


def test_a_monitor_that_fails_costs_only_itself(
    fleet: Fleet, config: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fleet.identity("soon", cookie_expires_time=DAY)
    late = fleet.target(expected_time=-DAY)
    monitors = config(cookie_expiry={"days": 7}, freshness={"late": "1h"})
    both = [*on(fleet, monitors)]
    assert {monitor for monitor, _ in both} == {"cookie_expiry", "freshness"}
    monkeypatch.setattr(module, "_EXPIRING", "SELECT nothing FROM nowhere")
    change(fleet, "DELETE FROM fleet_target WHERE link = :link", link=late)
    assert [*on(fleet, monitors)] == [("cookie_expiry", "hash-soon")], "it is neither cleared nor in the way"
    assert "The monitor cookie_expiry was not evaluated" in caplog.text


def test_a_worker_evaluates_again_and_again_whatever_fails(
    fleet: Fleet, config: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("scraper.fleet.alarms._LOOK_S", 0.01)
    fleet.identity("soon", cookie_expires_time=DAY)
    monitoring = Monitoring(fleet.url, config.folder)

    async def work() -> None:
        running = asyncio.create_task(monitoring.run())
        change(fleet, "ALTER TABLE fleet_monitoring RENAME TO away")
        await asyncio.sleep(0.05)
        with hook(200) as server:
            monitors = with_webhook(config, server, cookie_expiry={"days": 7})
            monkeypatch.setattr(type(monitors), "every", 0.02)
            while "The monitors were not evaluated" not in caplog.text:
                await asyncio.sleep(0.01)
            change(fleet, "ALTER TABLE away RENAME TO fleet_monitoring")
            while not server.calls:
                await asyncio.sleep(0.01)
            with pytest.raises(ArgumentError):
                config(cookies=1)
            while "The previous monitors stay in use" not in caplog.text:
                await asyncio.sleep(0.01)
            change(fleet, "DELETE FROM fleet_identity")
            while len(server.calls) < 2:
                await asyncio.sleep(0.01)
            assert messages(server) == [[("on", "hash-soon")], [("cleared", "hash-soon")]]
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(asyncio.wait_for(work(), 60))
