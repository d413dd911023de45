"""The end of a run: its report, what it leaves to `scrapy resume`, and which earlier runs it replaces."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from scrapy.crawler import Crawler
from sqlalchemy import Connection

from scraper.captures.pruning import remove_captures
from scraper.crawling.page_handler import PageHandler
from scraper.crawling.replaced_runs import finish_replaced
from scraper.inputs.command_line import written
from scraper.ledger.ledger import Ledger
from scraper.ledger.pruning import remove_old_runs
from scraper.ledger.run import RunEnd
from scraper.ledger.stops import Stop, stop_of_run, stop_of_suspended
from scraper.output.exit_code import BUG, of_run
from scraper.output.feeds import PageFeedExporter
from scraper.output.run_report import RunReport
from scraper.output.sinks import OUTPUT_FAILED, OUTPUT_FAILURES, OUTPUT_GONE, OutputError, note_failure
from scraper.output.statistics import DRIFTED, UNANSWERED
from scraper.responses.wording import counted, enumerated

logger = logging.getLogger(__name__)
FINISHED = "finished"  # Scrapy's close reason if a crawl completed
EXITED = "sys_exit"  # ours, after a component ended the program
_NO_OUTPUT = "Correct what failed, or name other outputs with -O, -o, DATABASE_URL or STATE_DIR. "


class EndingSpider(Protocol):
    """The parts of a spider that the end of its run needs."""

    crawler: Crawler
    name: str
    given: dict[str, str]
    asked: int
    page_handler: PageHandler
    report: RunReport | None


class RunEnding:
    """Notes how a run ended, and how to resume it.

    :param reason: Scrapy's close reason
    :param is_read: whether all inputs were read
    :param lists: the results of the lists that have not ended
    """

    def __init__(
        self,
        spider: EndingSpider,
        ledger: Ledger,
        reason: str,
        *,
        is_read: bool,
        lists: Sequence[Mapping[str, Any]],
    ):
        self._spider, self._ledger, self._reason, self._is_read = spider, ledger, reason, is_read
        self._conclude = partial(_conclude, spider=spider, ledger=ledger, reason=reason, lists=lists)
        self._has_begun = ledger.is_open

    def block(self) -> None:
        """Do all of it, and block meanwhile, since the event loop may have ended."""
        self._note(self._write())
        self._clean()
        self._log()

    async def wait(self) -> None:
        """Do the same next to other crawls: the database may be theirs first."""
        self._note(await asyncio.to_thread(self._write))
        await asyncio.to_thread(self._clean)
        self._log()

    def _write(self) -> Exception | None:
        """Write the end to the ledger, and return why that failed."""
        if self._reason == FINISHED and self._ledger.lost:
            self._spider.crawler.stats.set_value(UNANSWERED, self._ledger.lost)
        return self._ledger.end(self._reason == FINISHED and self._is_read, self._conclude)

    def _note(self, error: Exception | None) -> None:
        if error is not None:
            self._ledger.failed(error)
        if drift := self._spider.page_handler.drift:
            drift.log()

    def _clean(self) -> None:
        """Remove what the run replaces."""
        settings, ledger, handler = self._spider.crawler.settings, self._ledger, self._spider.page_handler
        if ledger.is_ended:
            finish_replaced(settings["STATE_DIR"], ledger.store.url, ledger.run, handler.watches.identity)
            remove_captures(remove_old_runs(ledger.store.url, settings.getint("KEEP_RUNS")))

    def _log(self) -> None:
        if self._ledger.store.lease is None:  # else another process may continue it
            _log_end(self._spider, self._ledger, self._reason, has_begun=self._has_begun)


def _log_end(spider: EndingSpider, ledger: Ledger, reason: str, *, has_begun: bool) -> None:
    """Log the command that continues a run that is not complete."""
    command = written(spider.name, spider.given)
    if not has_begun:
        first = _NO_OUTPUT if reason == OUTPUT_FAILED else ""
        logger.warning("The crawl did not begin (%s). %sTo crawl: %s", reason, first, command)
    elif spider.crawler.stats.get_value(OUTPUT_GONE):
        logger.warning("An output is gone, so the run cannot be resumed. To crawl it again: %s", command)
    elif not ledger.is_ended:
        first = "Correct what failed. " if reason == OUTPUT_FAILED else ""
        things = {"request": ledger.left_open, "file": ledger.owed_files}
        numbers = [counted(number, name) for name, number in things.items() if number]
        left = f": {enumerated(numbers)} left" if numbers else ""
        if reason == Stop.BUDGET.value and not ledger.answered:
            most = int(spider.given["max_requests"])
            larger = written(spider.name, {**spider.given, "max_requests": str(most * 10)})
            logger.warning(
                "The crawl is incomplete (%s%s). Its session needed all of max_requests=%d, so that no page was"
                " requested: `scrapy resume` would not get further. Crawl with more: %s",
                reason,
                left,
                most,
                larger,
            )
            return
        resume = f"scrapy resume {ledger.run.run_id}"
        logger.warning("The crawl is incomplete (%s%s). %sTo continue: %s", reason, left, first, resume)


def _conclude(
    connection: Connection,
    is_ended: bool,
    *,
    spider: EndingSpider,
    ledger: Ledger,
    reason: str,
    lists: Sequence[Mapping[str, Any]],
) -> RunEnd:
    """Write run.json, and return how the run ended."""
    assert spider.report
    stats, drift = spider.crawler.stats, spider.page_handler.drift
    stopped = stop_of_run(reason)
    if stopped is Stop.END and not is_ended:
        stopped = stop_of_suspended(connection, ledger.run.run_id) or (
            Stop.BUG if stats.get_value(UNANSWERED) else Stop.OUTPUT_FAILED
        )
    if drift:
        stats.set_value(DRIFTED, drift.report.beyond_threshold)
    feeds = spider.crawler.get_extension(PageFeedExporter)
    seen = {**stats.get_stats(), "finish_reason": reason}
    head = spider.report.head(
        stopped=stopped,
        close_reason=reason,
        exit_code=BUG if reason == EXITED else of_run(seen, spider.asked),
        is_ended=is_ended,
        stats=seen,
        feeds=feeds.all_results() if feeds else [],
        sent=ledger.sent(),
        left_open=ledger.left_open,
        files_left=ledger.owed_files,
        drift=drift.report if drift else None,
    )
    try:
        spider.report.write(connection, head, lists)
    except OutputError as error:
        note_failure(stats, error)
        code = of_run({**seen, OUTPUT_FAILURES: [str(error)]}, spider.asked)
        return RunEnd(Stop.OUTPUT_FAILED, code, is_reported=False)
    return RunEnd(stopped, head["exit_code"], is_reported=True)
