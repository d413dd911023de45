"""Check the user's settings before a crawl starts."""

from scrapy.settings import BaseSettings

from scraper.inputs.arguments import Arguments
from scraper.inputs.with_argument import implied
from scraper.ledger.database_url import parsed_url
from scraper.network.browser.launch_options import configured_options
from scraper.output.dialect import dialect_of
from scraper.output.observations import names
from scraper.output.record_changes import changes_of
from scraper.output.webhook import check_webhook
from scraper.platform.atlas import Atlas
from scraper.responses.exceptions import ArgumentError

_NUMBERS: dict[str, tuple[type[int | float], int]] = {  # each with its least value
    "RETRY_TIMES": (int, 0),
    "RATE_LIMIT_WAIT": (float, 0),
    "ROUTE_REST": (float, 0),
    "CHALLENGE_STOP": (int, 0),
    "KEEP_RUNS": (int, 0),
    "SERVE_JOBS": (int, 1),
    "WORKER_LEASE": (float, 2),
    "DRIFT_RECORDS": (int, 1),
    "DRIFT_FALL": (float, 0),
    "DRIFT_EXIT": (float, 0),
    "PLAYWRIGHT_MAX_CONTEXTS": (int, 1),
    "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": (int, 1),
    "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": (float, 1),
    "SERVE_MAX_CALLS": (int, 1),
    "SERVE_MAX_CALLS_EACH": (int, 1),
    "SERVE_CALLS_PER_MINUTE": (int, 0),
}
_HANDLER = "scraper.network.download_handler.DownloadHandler"
_QUEUES = "requests.queue/active.json"  # Scrapy's, in JOBDIR
_SWITCH = ("0", "1", "True", "False")
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
    if settings["MEDIA"]:
        from scraper.media.options import media_options  # its libraries are loaded only if files are wanted

        media_options(settings)
    if str(settings["RAW_CAPTURE"]) not in _SWITCH:
        raise ArgumentError(f"RAW_CAPTURE={settings['RAW_CAPTURE']}: must be 1 or 0")
    changes_of(settings)
    if settings["PRIVACY_KEY"]:
        raise ArgumentError("PRIVACY_KEY: set it in the environment, since other programs see the command line")
    dialect_of(settings)
    check_webhook(settings["RUN_WEBHOOK"])
    if settings["DATABASE_URL"]:
        parsed_url(settings["DATABASE_URL"])
    if settings["JOBDIR"]:
        raise ArgumentError("JOBDIR: leave it out; the ledger keeps what is left of each run, for scrapy resume")


def followed_for_media(atlas: Atlas, settings: BaseSettings) -> frozenset[str]:
    """Return what is followed from each record since MEDIA names files that are made of it: subtitles and danmaku.

    :raises ArgumentError: if no platform of the spider has them
    """
    return implied([name.strip() for name in (settings["MEDIA"] or "").split(",")], atlas)


def check_due(arguments: Arguments, settings: BaseSettings) -> None:
    """Check that a crawl with `due=1` has a ledger, unless it is a dry run.

    :raises ArgumentError: if it has none
    """
    if arguments.due and not arguments.dry_run and not settings.getbool("LEDGER_ENABLED"):
        raise ArgumentError("due=1: only the ledger knows when a target was last crawled; leave out LEDGER_ENABLED")
