"""The whole fleet: thousands of creators, while workers are killed and stopped, clocks are wrong, the database ends."""

from __future__ import annotations

import json
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import postgres
from tests.fleet.processes import Fleet, Worker, clock, fleet
from tests.postgres import Server
from tests.simulator import Seen, World
from tests.simulator.signing import OPEN

CREATORS, VIDEOS = 2_001, 32
IDENTITIES, PACE_S = 6, 0.25
EVERY_S, STOPPED_S, LEASE_S, LONGEST_S = 20.0, 120.0, 15.0, 1_500.0
SLACK_S = 3.0  # for which the simulator may have read nothing, on a machine with much to do
SERVICES = {"bilibili": "bilibili_web", "douyin": "douyin_web", "tiktok": "tiktok_web"}
LISTS = {
    "/x/space/wbi/arc/search": ("mid", "pn"),
    "/aweme/v1/web/aweme/post/": ("sec_user_id", "max_cursor"),
    "/api/post/item_list/": ("secUid", "cursor"),
}
NOTE = """CREATE TABLE held (
        number bigserial, service text, name text, holder text,
        time double precision DEFAULT extract(epoch FROM clock_timestamp()));
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO held (service, name, holder) VALUES (NEW.service, NEW.name, NEW.holder);
        RETURN NULL;
    END $$;
    CREATE TRIGGER noted AFTER UPDATE ON fleet_identity FOR EACH ROW
        WHEN (OLD.holder IS DISTINCT FROM NEW.holder) EXECUTE FUNCTION note()"""


class Target(NamedTuple):
    spider: str
    link: str


def targets(world: World) -> Iterator[Target]:
    for index in range(world.creators):
        yield Target("bilibili", f"https://space.bilibili.com/{world.creator(index).mid}")
        yield Target("douyin", f"https://www.douyin.com/user/{world.douyin.creator(index).sec_uid}")
        yield Target("tiktok", f"https://www.tiktok.com/@{world.tiktok.creator(index).handle}")


def works(world: World) -> set[tuple[str, str]]:
    """Return every work of a world, by platform and id."""
    all_of_it = set()
    for index in range(world.creators):
        for place in range(VIDEOS):
            all_of_it.add(("bilibili", world.video(index, place).bvid))
            all_of_it.add(("douyin", world.douyin.video(index, place).id))
            all_of_it.add(("tiktok", world.tiktok.video(index, place).id))
    return all_of_it


def add(made: Fleet, world: World) -> list[int]:
    """Add all creators to the watch list."""
    rows = [
        made.rows.target(number, spider=target.spider, link=target.link, arguments=json.dumps({"url": target.link}))
        for number, target in enumerate(targets(world))
    ]
    return rows


def pages_of(requests: Sequence[Seen]) -> dict[tuple[str, ...], int]:
    """Return how often each page of each list was requested."""
    asked: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for request in requests:
        if names := LISTS.get(request.path):
            asked[request.path, *(request.query.get(name, "") for name in names)] += 1
    return dict(asked)


def by_identity(requests: Sequence[Seen]) -> dict[tuple[str, str], list[Seen]]:
    """Return the requests of each identity of each service, in the order of their arrival."""
    sent: defaultdict[tuple[str, str], list[Seen]] = defaultdict(list)
    for request in requests:
        if marker := request.cookies.get("marker"):
            sent[request.host.split(".")[-2], marker].append(request)
    return {name: sorted(seen, key=lambda request: request.time) for name, seen in sent.items()}


def check_pace(times: Sequence[float]) -> None:
    """Check that requests came at the pace or more slowly, in the whole and in each part."""
    assert times[-1] - times[0] >= (len(times) - 1) * PACE_S - SLACK_S
    for first, last in zip(times, times[40:], strict=False):
        assert last - first >= 40 * PACE_S - SLACK_S, f"41 requests in {last - first:.2f} s"


class Turn(NamedTuple):
    """The time for which a worker held an identity, of the clock that the database and the simulator share.

    :ivar agent: of the worker
    """

    agent: str
    start: float
    end: float

    def allows(self, request: Seen) -> bool:
        """Return whether the worker may have sent a request."""
        is_then = self.start <= request.time <= self.end + SLACK_S
        return is_then and request.headers.get("user-agent") == self.agent


def note_holders(made: Fleet, server: Server) -> None:
    """Have the database note who takes an identity, or gives it back, and when."""
    with server.connect(made.rows.url.rpartition("/")[2]) as connection:
        connection.execute(NOTE)


def holders(made: Fleet) -> dict[tuple[str, str], list[Turn]]:
    """Return who held each identity of each service."""
    processes = {worker.process.pid: worker.agent for worker in made.workers}
    agents = {row[0]: processes[row[1]] for row in made.sql("SELECT worker, process FROM fleet_worker")}
    turns: defaultdict[tuple[str, str], list[Turn]] = defaultdict(list)
    query = """SELECT service, name, holder, time,
            lead(time, 1, 'infinity') OVER (PARTITION BY service, name ORDER BY number) AS until
        FROM held ORDER BY number"""
    for row in made.sql(query):
        if row.holder is not None:
            turns[row.service, row.name].append(Turn(agents[row.holder], row.time, row.until))
    return turns


class Trouble:
    """What happens to a fleet while it works."""

    def __init__(self, made: Fleet, server: Server):
        self._made, self._server = made, server
        self._stopped: list[tuple[float, Worker]] = []
        self.kills = self.stops = self.restarts = self.cuts = 0

    def _running(self) -> list[Worker]:
        stopped = [worker for _, worker in self._stopped]
        alive = [worker for worker in self._made.workers if worker.process.poll() is None]
        return [worker for worker in alive if worker not in stopped]

    def kill(self) -> None:
        self._running()[0].send(signal.SIGKILL)
        self.kills += 1
        shift = (0, 7_200, -3_600)[self.kills % 3]
        self._made.start("--concurrency", "4", env=clock(shift))

    def stop(self) -> None:
        worker = self._running()[-1]
        worker.send(signal.SIGSTOP)
        self._stopped.append((time.monotonic() + STOPPED_S, worker))
        self.stops += 1

    def wake(self) -> None:
        """Let the workers run again whose time is over."""
        for end, worker in [*self._stopped]:
            if time.monotonic() > end:
                worker.send(signal.SIGCONT)
                self._stopped.remove((end, worker))

    def is_over(self) -> bool:
        """Return whether all workers run that were stopped."""
        self.wake()
        return not self._stopped

    def restart(self) -> None:
        self._server.stop("immediate")
        time.sleep(2)
        self._server.start()
        self.restarts += 1

    def cut(self) -> None:
        self._server.cut(self._made.rows.url.rpartition("/")[2])
        self.cuts += 1


@pytest.mark.nightly
def test_three_workers_crawl_a_world_whatever_happens_to_them(tmp_path: Path) -> None:
    world = World(seed=9, creators=CREATORS // 3, videos=VIDEOS, signing=OPEN)
    with (
        postgres.running() as server,
        fleet(tmp_path, world, identities=IDENTITIES, pace_s=PACE_S, lease_s=LEASE_S, server=server) as made,
    ):
        note_holders(made, server)
        ids = add(made, world)
        trouble = Trouble(made, server)
        for shift in (0, 0, 7_200):
            made.start("--concurrency", "4", env=clock(shift))
        todo = cycle([trouble.kill, trouble.cut, trouble.stop, trouble.restart])
        next_time = time.monotonic() + EVERY_S

        def is_over() -> bool:
            nonlocal next_time
            trouble.wake()
            if time.monotonic() > next_time:
                next(todo)()
                next_time = time.monotonic() + EVERY_S
            return made.done(ids)

        began = time.monotonic()
        made.until(is_over, LONGEST_S)
        print(
            f"{len(ids)} targets in {time.monotonic() - began:.0f} s; {trouble.kills} kills, {trouble.stops} stops, "
            f"{trouble.restarts} restarts, {trouble.cuts} cuts"
        )
        made.until(trouble.is_over)
        time.sleep(LEASE_S)  # what woke last may still send what it should not
        check(made, world, trouble)


def check(made: Fleet, world: World, trouble: Trouble) -> None:
    """Check that the end equals the world, and how it was reached."""
    assert min(trouble.kills, trouble.stops, trouble.restarts, trouble.cuts) > 0
    assert "The clock of this machine is 7200 s ahead" in made.workers[2].log.read_text("utf-8")
    rows = made.sql("SELECT meta_platform, video_id, count(*) FROM video GROUP BY 1, 2")
    assert {(row[0], row[1]) for row in rows} == works(world)
    assert {row[2] for row in rows} == {1}
    requests = made.sim.requests
    pages = pages_of(requests)
    assert max(pages.values()) <= 2, [page for page, number in pages.items() if number > 2]
    again = sum(pages.values()) - len(pages)
    print(f"{len(pages)} pages, {again} asked again; {len(requests)} requests")
    assert again <= 4 * (trouble.kills + trouble.stops + trouble.restarts + trouble.cuts)
    turns = holders(made)
    for (site, marker), sent in by_identity(requests).items():
        check_pace([request.time for request in sent])
        own = turns[SERVICES.get(site, "tiktok_app"), f"i{marker.rpartition('-')[2]}"]
        wrong = [request for request in sent if not any(turn.allows(request) for turn in own)]
        assert not wrong, f"{site} {marker} was not held by those who sent as it"
