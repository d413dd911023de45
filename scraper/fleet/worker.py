"""A worker of the fleet: it crawls the targets that the engine gives it, some at a time, with one set of identities.

Each crawl is a run of the ledger in the fleet's database. A worker that ends, however it ends, loses nothing: its
targets are given to others, which resume their runs.
"""

import asyncio
import logging
from functools import partial

from scrapy.settings import Settings

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.crawling.shared_run import SharedRun
from scraper.fleet.database import FleetDatabase
from scraper.fleet.due import LeasedTarget, RunResult, give_back, lease, requeue_lost, settle, take_due
from scraper.fleet.engine import Engine
from scraper.fleet.held_identities import HeldIdentities
from scraper.fleet.membership import Membership
from scraper.fleet.schema import layout
from scraper.fleet.target_run import TargetLease, begin_run, outcome
from scraper.identities.masking import mask
from scraper.identities.service_pools import pools_of
from scraper.ledger.run import FINISHED, Run
from scraper.ledger.schema import layout as ledger_layout
from scraper.ledger.stops import Stop
from scraper.ledger.store import STORE_ERRORS, LeaseLostError, Store, first_line, reason_of
from scraper.output.exit_code import BUG
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)
_LOOK_S = 1.0  # between two looks for targets that are due
_OF_RUNS = {"KEEP_RUNS": 0, "STATS_DUMP": False, "LOGSTATS_INTERVAL": 0}


class Worker:
    """
    :param settings: those of a crawl; its DATABASE_URL is a PostgreSQL server
    :param concurrency: number of targets at a time
    """

    def __init__(self, settings: Settings, concurrency: int):
        self._settings, self._concurrency = settings.copy(), concurrency
        self._settings.setdict(_OF_RUNS, priority="cmdline")
        self._url = str(settings["DATABASE_URL"])
        self._database = FleetDatabase(self._url)
        self._membership = Membership(self._url, concurrency)
        self._membership.lost.append(self._stop_runs)
        self._engine = Engine(self._url, self._work)
        self._live = LongLivedCrawler(settings)
        self._under_way: dict[int, SharedRun] = {}
        self._is_stopping = False

    def stop(self) -> None:
        """Take no more targets, and stop those under way, which others continue."""
        self._is_stopping = True
        self._engine.stop()
