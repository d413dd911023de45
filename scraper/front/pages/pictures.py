"""Pictures on the pages: fetched from the platform's CDN by this server, so that the browser contacts no other host.

Only pictures that a page showed can be fetched: their addresses are never part of a call.
"""

from collections import OrderedDict
from hashlib import sha256
from secrets import token_bytes
from typing import NamedTuple, Self

from fastapi import APIRouter
from starlette.responses import Response

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.front.front import FrontOf
from scraper.identities.service_pools import pools_of
from scraper.media.access import access_of
from scraper.media.content import HEAD_SIZE, content_of
from scraper.media.download import CONNECTION_ERRORS, MediaSession, opened
from scraper.media.plan import MediaError, Plan, Post, Source
from scraper.records import Meta, Record, Video

router = APIRouter(include_in_schema=False)
_MOST_KEPT = 2_000  # addresses
_LARGEST = 8 * 1024 * 1024  # bytes
_CONNECTIONS = 16
_BLOCK = 1 << 16  # bytes
