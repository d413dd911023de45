"""Find an earlier run, and restore its settings, for the commands that continue it or repeat what failed."""

import os

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from scraper.ledger.database_url import shown_url
from scraper.ledger.earlier_runs import earlier_runs
from scraper.ledger.run import Run, read_run
from scraper.ledger.run_lock import unfinished_runs
from scraper.ledger.store import default_url
from scraper.responses.exceptions import ArgumentError

_COMMAND_LINE = SETTINGS_PRIORITIES["cmdline"]


def database(settings: BaseSettings) -> str:
    """Return the URL of the database that holds the ledger."""
    return str(settings["DATABASE_URL"] or default_url(settings["STATE_DIR"]))


def place(settings: BaseSettings) -> str:
    """Return where runs were looked for, as messages name it."""
    if settings["DATABASE_URL"]:
        return shown_url(database(settings))
    return f"{settings['STATE_DIR']} (if the run wrote to a database, give its DATABASE_URL)"


def find(settings: BaseSettings, run_id: str) -> Run:
    """Return a run, and set DATABASE_URL to the database that holds it.

    :param run_id: "" for the last unfinished run
    :raises ArgumentError: if there is none
    """
    folder, known = settings["STATE_DIR"], settings["DATABASE_URL"]
    run_id = run_id or next((run.run_id for run, _ in earlier_runs(folder, known)), "")
    if not run_id:
        raise ArgumentError(f"no run is unfinished in {place(settings)}")
    if url := known or dict(unfinished_runs(folder, known)).get(run_id) or "":
        settings.set("DATABASE_URL", None if url == default_url(folder) else url, priority="cmdline")
    run = read_run(database(settings), run_id)
    if run is None:
        raise ArgumentError(f"there is no run {run_id} in {place(settings)}; `scrapy runs` lists them")
    return run


def restore(settings: BaseSettings, run: Run) -> None:
    """Set the working directory and the settings of a run."""
    for name in ("CONFIG_DIR", "OUTPUT_DIR", "STATE_DIR"):
        settings.set(name, os.path.abspath(settings[name]), priority="cmdline")  # noqa: PTH100
    if os.path.isdir(run.folder):  # noqa: PTH112
        os.chdir(run.folder)
    for name, value in run.settings.items():
        if (settings.getpriority(name) or 0) < _COMMAND_LINE:
            settings.set(name, value, priority="cmdline")
