"""The database of the fleet, as its commands open it."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeVar

from scrapy.exceptions import UsageError
from scrapy.settings import Settings
from sqlalchemy import Connection

from scraper.commands.project_command import wrong_usage
from scraper.fleet.schema import layout
from scraper.ledger.backends import backend_of
from scraper.ledger.database_url import POSTGRESQL, parsed_url, shown_url
from scraper.ledger.schema import layout as ledger_layout
from scraper.ledger.store import STORE_ERRORS, Store, first_line, reason_of
from scraper.responses.exceptions import ArgumentError

T = TypeVar("T")


def fleet_url(settings: Settings) -> str:
    """Return the URL of the fleet's database.

    :raises UsageError: if DATABASE_URL is no PostgreSQL server, or the extra packages are missing
    """
    url = str(settings["DATABASE_URL"] or "")
    if not url:
        raise UsageError(
            "the fleet needs a PostgreSQL server: set DATABASE_URL=postgresql://user:password@host/database"
        )
    try:
        if parsed_url(url).get_backend_name() != POSTGRESQL:
            raise ArgumentError(f"the fleet needs a PostgreSQL server, and DATABASE_URL is {shown_url(url)}")
    except ArgumentError as error:
        raise wrong_usage(error) from None
    if find_spec("procrastinate") is None:
        raise UsageError('more packages are needed: in the project\'s folder, `pip install -e ".[fleet]"`')
    return url


async def prepare_tables(url: str) -> None:
    """Make the tables of the ledger and of the fleet, or bring them up to date.

    :raises SQLAlchemyError: if the database cannot be written
    :raises OSError: the same
    """

    def prepare(connection: Connection) -> None:
        for tables in (ledger_layout, layout):
            tables(connection.dialect.name).prepare(connection)

    store = Store(url)
    await store.open([prepare])
    store.close()


def in_fleet(settings: Settings, work: Callable[[Connection], T]) -> T | None:
    """Return the result of some work in the fleet's database, in one transaction; None if it has no watch list yet.

    :raises UsageError: if there is no such database, or it refuses the work
    """
    url = fleet_url(settings)
    try:
        connection = backend_of(url).connect(writes=False)
        try:
            with connection.begin():
                return work(connection) if layout(connection.dialect.name).check(connection) else None
        finally:
            connection.close()
    except BrokenPipeError:  # the reader of what the work printed left, such as `head`
        raise
    except STORE_ERRORS as error:
        raise wrong_usage(f"{shown_url(url)}: {first_line(reason_of(error))}") from None
