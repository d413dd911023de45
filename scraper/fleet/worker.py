"""A worker of the fleet: it crawls the targets that the engine gives it, some at a time, with one set of identities.

Each crawl is a run of the ledger in the fleet's database. A worker that ends, however it ends, loses nothing: its
targets are given to others, which resume their runs.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import TypeVar

from scrapy.settings import Settings
from sqlalchemy import Connection

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.crawling.shared_run import SharedRun, spider_named
from scraper.fleet.alarms import Monitoring
from scraper.fleet.counts import Tally
from scraper.fleet.database import FleetDatabase
from scraper.fleet.due import AT_ONCE, LeasedTarget, give_back, lease, number_queued, requeue_lost, take_due
from scraper.fleet.engine import Engine
from scraper.fleet.held_identities import HeldIdentities
from scraper.fleet.membership import Membership, end_expired
from scraper.fleet.run_reports import RunReports
from scraper.fleet.target_run import Settled, TargetLease, begin_run, settle_failure, settle_run
from scraper.identities.masking import mask
from scraper.identities.service_pools import pools_of
from scraper.ledger.run import FINISHED, Run
from scraper.ledger.store import STORE_ERRORS, LeaseLostError, first_line, reason_of
from scraper.platform.registry import declared_platforms, services_of
from scraper.responses.catch_all import attempt_async
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)
_LOOK_S = 1.0  # between two looks for targets that are due
_AGAIN_S = 5.0
_WITHOUT_S = 45.0  # for which a target waits for an identity
_SWEEP_S = 10.0  # between two looks for those of dead workers
_COUNT_S = 5.0  # between two times that counts are written
_OF_RUNS = {"FEEDS": {}, "KEEP_RUNS": 0, "STATS_DUMP": False, "LOGSTATS_INTERVAL": 0}
T = TypeVar("T")


class Worker:
    """
    :param settings: those of a crawl; its DATABASE_URL is a PostgreSQL server that has the fleet's tables
    :param concurrency: number of targets at a time
    """

    def __init__(self, settings: Settings, concurrency: int):
        self._settings, self._concurrency = settings.copy(), concurrency
        self._settings.setdict(_OF_RUNS, priority="cmdline")
        self._url = str(settings["DATABASE_URL"])
        self._database = FleetDatabase(self._url)
        self._membership = Membership(self._url, concurrency, settings.getfloat("WORKER_LEASE"))
        self._membership.lost.append(self._stop_runs)
        self._engine = Engine(self._url, self._work)
        self._monitoring, self._tally = Monitoring(self._url, settings["CONFIG_DIR"]), Tally()
        self._reports = RunReports(settings["RUN_WEBHOOK"])
        self._live = LongLivedCrawler(self._settings)
        self._under_way: dict[int, SharedRun] = {}
        self._held: set[int] = set()
        self._quiet: set[int] = set()  # targets that wait for the end of quiet hours
        self._services: dict[str, list[str]] = {}  # by spider
        self._is_stopping = False

    def stop(self) -> None:
        """Take no more targets, and stop those under way, which other workers continue."""
        self._is_stopping = True
        self._engine.stop()

    async def run(self) -> None:
        """Work until `stop` is called.

        :raises ArgumentError: if a setting or a configuration file is wrong
        :raises SQLAlchemyError: if the database stays away at the start
        """
        await self._engine.open()
        await self._membership.join()
        further = [asyncio.create_task(self._look()), asyncio.create_task(self._monitoring.run())]
        try:
            async with self._live, self._identities_of(self._live) as self._identities:
                logger.info("Worker %s takes up to %d targets at a time", self._membership.worker, self._concurrency)
                await self._engine.run(self._concurrency)
                await self._write_tally()
        finally:
            for task in further:
                task.cancel()
            await asyncio.wait(further)
            await self._membership.leave()
            await self._reports.close()
            await self._engine.close()
            await self._database.close()

    def _identities_of(self, live: LongLivedCrawler) -> HeldIdentities:
        """Return what decides which identities of a crawler this worker uses."""
        pools = pools_of(live.crawler)
        made = HeldIdentities(self._url, self._membership, pools.pools)
        pools.hold_by(made)
        return made

    async def _look(self) -> None:
        """Give the engine the targets that are due."""
        for number in count():
            if isinstance(failed := await attempt_async(self._queue(number)), Exception):
                self._report(failed, "Targets that are due were not queued: %s")
            await asyncio.sleep(_LOOK_S)

    async def _queue(self, number: int) -> None:
        if number % round(_COUNT_S / _LOOK_S) == 0:
            await self._write_tally()
        if number % round(_SWEEP_S / _LOOK_S) == 0:
            await self._database.run(_sweep)
        self._stop_quiet_runs()
        queued = await self._database.run(partial(number_queued, most=AT_ONCE))
        if queued < AT_ONCE:
            due = await self._database.run(partial(take_due, most=AT_ONCE - queued))
            await self._engine.defer(due)

    async def _write_tally(self) -> None:
        """Write what this worker counted, for those who look at the fleet."""
        if self._live.is_running:
            self._tally.see_answers(self._live.crawler.stats.get_stats())
            self._membership.requests = self._tally.sent
        self._tally.see_runs()
        failed = await attempt_async(self._tally.write(self._database, self._membership.worker))
        if isinstance(failed, Exception):
            self._report(failed, "Its counts are written later: %s")

    async def _work(self, target_id: int) -> None:
        """Crawl a target. If this worker stops meanwhile, another one continues it."""
        crawling = asyncio.create_task(self._crawl(target_id))
        try:
            await asyncio.shield(crawling)
        except asyncio.CancelledError:
            if run := self._under_way.get(target_id):
                run.stop()
            await asyncio.wait([crawling])
            raise

    async def _crawl(self, target_id: int) -> None:
        """Crawl a target, if this worker gets its lease; else there is nothing to do."""
        worker = self._membership.worker
        if not worker or target_id in self._held:
            return
        self._held.add(target_id)
        self._membership.running = len(self._held)
        try:
            target = await self._database.run(partial(lease, target_id=target_id, worker=worker))
            if target is not None:
                await self._crawl_leased(target, worker)
        finally:
            self._held.discard(target_id)
            self._quiet.discard(target_id)
            self._membership.running = len(self._held)

    def _services_of(self, spider: str) -> list[str]:
        """
        :raises ArgumentError: if this worker has no such spider
        """
        if (services := self._services.get(spider)) is None:
            platforms = declared_platforms(spider_named(self._settings, spider))
            services = self._services[spider] = [service.name for service in services_of(platforms)]
        return services

    def _quiet_s(self, spider: str) -> float:
        """Return for how many seconds no service of a spider sends anything, since it has quiet hours."""
        known, now = pools_of(self._live.crawler).pools, time.time()
        pools = [known[service] for service in self._services_of(spider)]
        for pool in pools:
            pool.refresh()
        return min((pool.quiet_hours.next_allowed(now) for pool in pools), default=now) - now

    def _stop_quiet_runs(self) -> None:
        """Stop the runs that would wait for the end of quiet hours: other targets can be crawled meanwhile."""
        for target_id, run in self._under_way.items():
            if target_id not in self._quiet and self._quiet_s(run.spider) > 0:
                self._quiet.add(target_id)
                run.stop()

    async def _has_identity(self, spider: str) -> bool:
        """Wait until an identity for a spider is held, but not for long: another worker may have one.

        If all are stopped in the fleet, the target is crawled as well: its run says why nothing is requested.

        :raises ArgumentError: if this worker has no such spider
        """
        services = self._services_of(spider)
        for _ in range(round(_WITHOUT_S / _LOOK_S)):
            if self._is_stopping:
                return False
            reasons = [await self._identities.seek(service) for service in services]
            if None in reasons or all(reason.final for reason in reasons if reason):
                return True
            await asyncio.sleep(_LOOK_S)
        return False

    async def _crawl_leased(self, target: LeasedTarget, worker: str) -> None:
        ended = await attempt_async(self._run(target))
        if isinstance(ended, LeaseLostError):
            logger.warning("%s: %s", mask(target.link), ended)
        elif isinstance(ended, Exception):
            reason = self._report(ended, f"{mask(target.link)} could not be crawled: %s")
            await self._persist(partial(settle_failure, target=target, error=reason), worker)
        elif ended is None or target.target_id in self._quiet:
            leave = partial(give_back, after_s=self._quiet_s(target.spider))
            await self._persist(partial(leave, target_id=target.target_id, lease=target.lease), worker)
        elif self._is_stopping or self._membership.worker != worker:
            await self._persist(partial(give_back, target_id=target.target_id, lease=target.lease), worker)
        else:
            run, error = ended
            settled = partial(settle_run, target=target, run_id=run.run_id, error=error, sent_before=run.progress.sent)
            end = await self._persist(settled, worker)
            self._note(target, run, end)

    async def _run(self, target: LeasedTarget) -> tuple[Run, str | None] | None:
        """Crawl a target, and return its run, and what failed in it besides inputs; None if others have to crawl it."""
        if self._quiet_s(target.spider) > 0 or not await self._has_identity(target.spider):
            return None
        run = await self._database.run(partial(begin_run, target=target))
        if run.state == FINISHED:  # its worker ended just after it
            return run, None
        return run, await self._finish(target, run)

    def _note(self, target: LeasedTarget, run: Run, end: Settled | None) -> None:
        if end is None or not end.is_noted:
            logger.warning("%s: another worker has taken it over, or it was removed", mask(target.link))
            return
        if end.result.is_final:
            self._tally.add_complete(run.spider)
        self._membership.finished += 1
        logger.info("%s: %s", mask(target.link), end.shown)

    async def _persist(self, work: Callable[[Connection], T], worker: str) -> T | None:
        """Do some work that must be done for as long as this worker has its leases: nobody else would do it."""
        while self._membership.worker == worker:
            done = await attempt_async(self._database.run(work))
            if not isinstance(done, Exception):
                return done
            if not isinstance(done, STORE_ERRORS):
                raise done
            self._report(done, "How a target ended was not noted yet: %s")
            await asyncio.sleep(_AGAIN_S)
        return None

    async def _finish(self, target: LeasedTarget, run: Run) -> str | None:
        """Run a run to its end, and return what failed in it, None if nothing did."""
        check = TargetLease(target.target_id, target.lease).check
        shared = SharedRun(run, self._settings, self._live.crawler, self._url, check)
        self._under_way[target.target_id] = shared
        if self._is_stopping:
            shared.stop()
        try:
            with self._tally.counting(run.spider, run.progress, lambda: shared.committed):
                error = await shared.finish()
            self._reports.add(shared.report)
            return error
        finally:
            del self._under_way[target.target_id]

    def _stop_runs(self) -> None:
        """Stop all runs: this worker has lost their leases, and others continue them."""
        for run in self._under_way.values():
            run.stop()

    @staticmethod
    def _report(error: Exception, sentence: str) -> str:
        """Log an error, and return it in some words."""
        if isinstance(error, (ArgumentError, *STORE_ERRORS)):
            reason = mask(first_line(reason_of(error)))
            logger.error(sentence, reason)
            return reason
        logger.error(f"BUG: {sentence}", type(error).__name__, exc_info=error)
        return f"an error in this program: {type(error).__name__}; the log of its worker has the traceback"


def _sweep(connection: Connection) -> None:
    end_expired(connection)
    requeue_lost(connection)
