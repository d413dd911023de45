"""Check the user's settings before a crawl starts."""

import json
from pathlib import Path

from scrapy.settings import BaseSettings

from scraper.network.browser.launch_options import configured_options
from scraper.output.database_url import sqlite_path
from scraper.output.feed_storage import try_folder
from scraper.output.observations import names
from scraper.output.sinks import explained
from scraper.responses.exceptions import ArgumentError

_NUMBERS: dict[str, tuple[type[int | float], int]] = {  # each with its least value
    "RETRY_TIMES": (int, 0),
    "RATE_LIMIT_WAIT": (float, 0),
    "ROUTE_REST": (float, 0),
    "PLAYWRIGHT_MAX_CONTEXTS": (int, 1),
    "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": (int, 1),
    "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": (float, 1),
}
_HANDLER = "scraper.network.download_handler.DownloadHandler"
_QUEUES = "requests.queue/active.json"  # Scrapy's, in JOBDIR
_SUMMARY = ("auto", "on", "off")
_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


def check(settings: BaseSettings) -> None:
    """Check the project's own settings.

    :raises ArgumentError: names the setting and shows the right form
    """
    for name, (kind, least) in _NUMBERS.items():
        try:
            sound = kind(settings[name]) >= least
        except (TypeError, ValueError):
            sound = False
        if not sound:
            raise ArgumentError(f"{name}={settings[name]}: must be a number from {least}, such as {name}={least + 3}")
    configured_options(settings)
    if settings["SUMMARY"] not in _SUMMARY:
        raise ArgumentError(f"SUMMARY={settings['SUMMARY']}: must be one of {', '.join(_SUMMARY)}")
    if settings.getbool("TWISTED_REACTOR_ENABLED") and settings["TWISTED_REACTOR"] != _REACTOR:
        raise ArgumentError(f"TWISTED_REACTOR={settings['TWISTED_REACTOR']}: leave it at {_REACTOR}")
    if settings.getdict("DOWNLOAD_HANDLERS").get("https") != _HANDLER:
        raise ArgumentError(f'DOWNLOAD_HANDLERS: keep "https": "{_HANDLER}", which requests of platforms are sent by')
    names(settings["OBSERVE"])
    if settings["DATABASE_URL"]:
        sqlite_path(settings["DATABASE_URL"])
    if settings["JOBDIR"]:
        _try_job_folder(Path(settings["JOBDIR"]))


def _try_job_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try_folder(folder)
        for state in folder.glob(_QUEUES):
            json.loads(state.read_bytes())
    except OSError as error:
        raise ArgumentError(
            f"JOBDIR={folder}: {explained(error, str(folder))}; name a folder that can be written"
        ) from error
    except ValueError as error:
        raise ArgumentError(
            f"JOBDIR={folder}: the state of the paused crawl is damaged; name another folder"
        ) from error
