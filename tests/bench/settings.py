"""The project's settings, measured."""

from scraper.settings import *  # noqa: F403
from scraper.settings import EXTENSIONS as _EXTENSIONS

EXTENSIONS = {**_EXTENSIONS, "tests.bench.meter.Meter": 1000}  # opened last, so that nothing of start-up is counted
