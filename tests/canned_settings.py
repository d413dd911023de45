"""The project's settings, with answers from a file on every way out."""

from scraper.settings import *  # noqa: F403

TRANSPORTS = dict.fromkeys(("direct", "browser"), "tests.canned.Canned")
