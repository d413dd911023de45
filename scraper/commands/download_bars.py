"""Progress bars of `scrapy download`: one for each file that is being downloaded, and one for all of them."""

import logging
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, Task, TaskID, TextColumn, TransferSpeedColumn
from rich.text import Text
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call

from scraper.media.transfers import Transfer, transfers_of
from scraper.output.progress import held_text
from scraper.output.visible_text import visible

_REDRAWN_S = 0.2


class Bars:
    """Draws the bars on standard error while a crawl runs, below its log. They are erased at its end."""

    def __init__(self, crawler: Crawler):
        self._crawler, self._transfers = crawler, transfers_of(crawler)
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            _Amount(),
            _Speed(),
            console=self._console,
            auto_refresh=False,  # no thread: the crawl's loop draws
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._all = self._progress.add_task("all files", total=None, numbers="0/?", state="")
        self._files: dict[str, TaskID] = {}
        self._handlers: list[tuple[logging.StreamHandler[Any], Any]] = []
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    def write(self, text: str) -> None:
        """Print lines above the bars."""
        self._console.print(Text(text.rstrip("\n")), soft_wrap=True)

    def flush(self) -> None:
        """Do nothing: `write` does it. A log handler calls this."""

    def _opened(self) -> None:
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._console.file:
                self._handlers.append((handler, handler.setStream(self)))
        self._progress.start()
        self._loop = create_looping_call(self._draw)
        self._loop.start(_REDRAWN_S, now=True)

    def _closed(self) -> None:
        self._loop.stop()
        self._progress.stop()
        for handler, stream in self._handlers:
            handler.setStream(stream)

    def _draw(self) -> None:
        transfers = self._transfers
        for key in self._files.keys() - transfers.active.keys():
            self._progress.remove_task(self._files.pop(key))
        for key, transfer in transfers.active.items():
            if key not in self._files:
                self._files[key] = self._progress.add_task(_name(transfer), total=None)
            self._progress.update(self._files[key], completed=transfer.size, total=transfer.total)
        self._progress.update(
            self._all,
            completed=transfers.finished,
            total=transfers.expected or None,
            refresh=True,
            numbers=f"{transfers.finished}/{transfers.expected or '?'}",
            state=held_text(self._crawler),
        )


class _Amount(DownloadColumn):
    """Bytes of a file, and the number of files for the bar of all."""

    def render(self, task: Task) -> Text:
        return Text(task.fields["numbers"]) if task.fields else super().render(task)


class _Speed(TransferSpeedColumn):
    """Bytes a second, and why nothing is requested for the bar of all files."""

    def render(self, task: Task) -> Text:
        return Text(task.fields["state"]) if task.fields else super().render(task)


def _name(transfer: Transfer) -> str:
    plan = transfer.plan
    rank = "" if plan.is_only else f" {plan.rank}"
    return visible(f"{plan.post.id} {plan.role}{rank}")
