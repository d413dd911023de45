"""The project's settings, measured."""

from scraper.settings import *  # noqa: F403

EXTENSIONS = {"tests.bench.meter.Meter": 1000}  # opened last, so that nothing of start-up is counted
