"""An internal API, described. Pure: it builds URLs and reads pages, and fetches nothing."""

from scraper.platform.context import Context
from scraper.platform.endpoint import Endpoint, Relation
from scraper.platform.extra_request import Extra
from scraper.platform.follow import REPLIES, Follow
from scraper.platform.pagination import END, Cursor, Page, Turn, lacking, numbered, sent_as
from scraper.platform.param import WORDS, Param
from scraper.platform.raw_records import NOTHING, UNREADABLE, at, listed, reason
from scraper.platform.route import Route
from scraper.platform.service import Probe
from scraper.platform.urls import with_query

__all__ = [
    "END",
    "NOTHING",
    "REPLIES",
    "UNREADABLE",
    "WORDS",
    "Context",
    "Cursor",
    "Endpoint",
    "Extra",
    "Follow",
    "Page",
    "Param",
    "Probe",
    "Relation",
    "Route",
    "Turn",
    "at",
    "lacking",
    "listed",
    "numbered",
    "reason",
    "sent_as",
    "with_query",
]
