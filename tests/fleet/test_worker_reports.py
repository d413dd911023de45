"""What a worker process reports of itself: counts for the page of the fleet, and alarms for a webhook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scraper.fleet.overview import overview
from tests.fleet.processes import fleet
from tests.fleet.rows import Rows
from tests.simulator import World
from tests.test_runs import hook

WORLD = World(seed=5, creators=2, videos=40)
PAGES = 2  # 30 videos a page
LIST = "/api/bilibili/web/fetch_user_post_videos"


def configure(folder: Path, webhook: int) -> None:
    path = folder / "machine1" / "config" / "monitors" / "config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(f"webhook: http://127.0.0.1:{webhook}/\nfreshness: {{late: 1m}}\n", "utf-8")


def add_late_target(rows: Rows) -> None:
    rows.target(99, due_s=3600, expected_time=rows.now - 7200)


@pytest.mark.nightly
def test_a_worker_counts_what_it_does_and_tells_a_webhook(tmp_path: Path) -> None:
    with hook(200) as server, fleet(tmp_path, WORLD) as made:
        configure(tmp_path, server.server_port)
        add_late_target(made.rows)
        ids = made.add(range(2))
        worker = made.start(env={"no_proxy": "127.0.0.1"})
        made.until(lambda: made.done(ids) and bool(server.calls))
        assert worker.end() == 0, made.logs()
        [(_, _, body)] = server.calls
        [alarm] = json.loads(body)["alarms"]
        assert (alarm["monitor"], alarm["state"]) == ("freshness", "on") and "toy99" in alarm["message"]
        view = made.rows.run(overview)
    videos = sum(len([*WORLD.bvids(creator)]) for creator in range(2))
    assert {(row.router, row.outcome): row.number for row in view.outcomes} == {(LIST, "OK"): videos}
    answers = {row.answer: row.number for row in view.answers if row.service == "bilibili_web"}
    assert answers == {"sent": len(made.sim.requests), "ok": 2 * PAGES}
    assert view.workers[0].requests == len(made.sim.requests)
    assert view.workers[0].state == "stopped" and view.workers[0].finished == 2 and view.evaluated_time is not None
    assert view.day.requests > 0
