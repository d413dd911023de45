"""What a platform declares: services, endpoints, routes, parameters, pagination, link patterns, session hooks.

A platform is data in these types; how the data is used is in the rooms above. No module here makes a request.

Imports `records` and `responses`. Start reading at `platform`, then `endpoint` and `route`.
"""

from scraper.platform.context import Context
from scraper.platform.endpoint import Endpoint, Relation
from scraper.platform.extra_request import Extra
from scraper.platform.follow import REPLIES, Follow
from scraper.platform.pagination import (
    END,
    LISTED_TOTAL,
    SIZE_OF_PLATFORM,
    NewestFirst,
    NextPage,
    Page,
    Pagination,
    lacking,
    no_cursor,
    numbered,
    sent_as,
    single_page,
)
from scraper.platform.param import WORDS, Param, filter_param
from scraper.platform.raw_records import NOTHING, at, listed, reason
from scraper.platform.route import Route, if_missing
from scraper.platform.service import Probe
from scraper.platform.urls import with_query

__all__ = [
    "END",
    "LISTED_TOTAL",
    "NOTHING",
    "REPLIES",
    "SIZE_OF_PLATFORM",
    "WORDS",
    "Context",
    "Endpoint",
    "Extra",
    "Follow",
    "NewestFirst",
    "NextPage",
    "Page",
    "Pagination",
    "Param",
    "Probe",
    "Relation",
    "Route",
    "at",
    "filter_param",
    "if_missing",
    "lacking",
    "listed",
    "no_cursor",
    "numbered",
    "reason",
    "sent_as",
    "single_page",
    "with_query",
]
