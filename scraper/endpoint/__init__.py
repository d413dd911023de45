"""An internal API, described. Pure: it builds URLs and reads pages, and fetches nothing."""

from scraper.endpoint.beside import REPLIES, Extra, Follow, Probe
from scraper.endpoint.context import Context
from scraper.endpoint.paging import END, Cursor, Page, Turn, lacking, numbered, sent_as
from scraper.endpoint.params import WORDS, Param
from scraper.endpoint.reading import NOTHING, UNREADABLE, at, listed, reason
from scraper.endpoint.route import Route
from scraper.endpoint.row import Endpoint, Relation
from scraper.endpoint.urls import with_query

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
