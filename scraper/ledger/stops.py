"""Why a list, or a run, ended. The names are those of `list_run`, `run` and run.json."""

from enum import StrEnum

from sqlalchemy import Connection, select

from scraper.ledger.schema import FAILURE
from scraper.responses.outcomes import Outcome


class Stop(StrEnum):
    """
    :cvar END: the platform says that there is no more
    :cvar OVERLAP: it met what an earlier run has
    :cvar DATE_LIMIT: it passed the user's `since`
    :cvar ITEM_LIMIT: the user's `max_items` or `max_pages`; the first page of a dry run
    :cvar PLATFORM_CAP: the platform shows no more of a list, however long it is
    :cvar LOGIN_REQUIRED: only a logged-in session sees more
    :cvar PRIVATE: not visible to this session, or in this country
    :cvar TARGET_GONE: it does not exist (any more)
    :cvar CHALLENGE: a captcha, or a refused signature
    :cvar RATE_LIMITED: too many requests
    :cvar CURSOR_STALLED: it cannot be followed further: a cursor or a page repeats, pages stay empty, or it shrank
    :cvar UPSTREAM_CHANGED: an answer in an unknown format
    :cvar INTERRUPTED: the crawl was stopped, or a page could not be fetched
    :cvar BUDGET: the user's limit for the whole run: `max_requests`, or a CLOSESPIDER_ setting
    :cvar OUTPUT_FAILED: an output could not be written
    :cvar BUG: an error in this program or in a component of the user
    """

    END = "end"
    OVERLAP = "overlap"
    DATE_LIMIT = "date_limit"
    ITEM_LIMIT = "item_limit"
    PLATFORM_CAP = "platform_cap"
    LOGIN_REQUIRED = "login_required"
    PRIVATE = "private"
    TARGET_GONE = "target_gone"
    CHALLENGE = "challenge"
    RATE_LIMITED = "rate_limited"
    CURSOR_STALLED = "cursor_stalled"
    UPSTREAM_CHANGED = "upstream_changed"
    INTERRUPTED = "interrupted"
    BUDGET = "budget"
    OUTPUT_FAILED = "output_failed"
    BUG = "bug"

    @property
    def is_definite(self) -> bool:
        """Whether a list that stopped so would stop there again: it ended, is gone, or shows no more to anybody."""
        return self.is_wanted or self in (Stop.TARGET_GONE, Stop.PRIVATE, Stop.PLATFORM_CAP)

    @property
    def is_wanted(self) -> bool:
        """Whether a list that stopped so has everything that was asked for."""
        return self in (Stop.END, Stop.OVERLAP, Stop.DATE_LIMIT, Stop.ITEM_LIMIT)


_OF_OUTCOMES = {
    Outcome.INCOMPLETE: Stop.CURSOR_STALLED,
    Outcome.BAD_INPUT: Stop.TARGET_GONE,
    Outcome.LOGIN_REQUIRED: Stop.LOGIN_REQUIRED,
    Outcome.SIGNATURE_REJECTED: Stop.CHALLENGE,
    Outcome.NOT_FOUND: Stop.TARGET_GONE,
    Outcome.UPSTREAM_CHANGED: Stop.UPSTREAM_CHANGED,
    Outcome.CHALLENGE: Stop.CHALLENGE,
    Outcome.RATE_LIMITED: Stop.RATE_LIMITED,
    Outcome.COOKIE_EXPIRED: Stop.LOGIN_REQUIRED,
    Outcome.PRIVATE: Stop.PRIVATE,
    Outcome.GEO_BLOCKED: Stop.PRIVATE,
    Outcome.BUG: Stop.BUG,
}
_OF_RUNS = {
    "finished": Stop.END,
    "budget": Stop.BUDGET,
    "output_failed": Stop.OUTPUT_FAILED,
    "pipeline_failed": Stop.BUG,
}
_LIMIT = "closespider_"  # begins the close reasons of Scrapy's own limits


def stop_of(outcome: Outcome) -> Stop:
    """Return why a list stopped whose page failed.

    >>> str(stop_of(Outcome.COOKIE_EXPIRED)), str(stop_of(Outcome.UPSTREAM))
    ('login_required', 'interrupted')
    """
    return _OF_OUTCOMES.get(outcome, Stop.INTERRUPTED)


def stop_of_run(close_reason: str) -> Stop:
    """Return why a run ended, from the reason that Scrapy gives.

    >>> str(stop_of_run("closespider_timeout")), str(stop_of_run("shutdown"))
    ('budget', 'interrupted')
    """
    return Stop.BUDGET if close_reason.startswith(_LIMIT) else _OF_RUNS.get(close_reason, Stop.INTERRUPTED)


def stop_of_suspended(connection: Connection, run_id: str) -> Stop | None:
    """Return why a run stopped that has asked for everything, but gave up some requests for now. None if it did not."""
    query = select(FAILURE.c.code).where(FAILURE.c.run_id == run_id, FAILURE.c.number.is_not(None))
    code = connection.execute(query.order_by(FAILURE.c.id).limit(1)).scalar()
    return None if code is None else stop_of(Outcome(code))
