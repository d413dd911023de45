"""Answers that the platforms really gave. They are kept beside the repository, and not in it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from scraper.platform import Context, Endpoint, Page
from scraper.platform.targets import Target
from scraper.records import Record
from scraper.responses.outcomes import Outcome
from tests.cases import PLATFORMS, classify

_BESIDE = Path(__file__).parents[2] / "shared" / "recordings"
BILIBILI = next(platform for platform in PLATFORMS if platform.name == "bilibili")
RECORDINGS = Path(os.environ.get("RECORDINGS_DIR") or _BESIDE)


def there_are_recordings() -> None:
    """Skip the test where there are none: they are no part of the repository, since they are of real people."""
    if not RECORDINGS.is_dir():
        pytest.skip(f"no recorded answers: they are looked for in {RECORDINGS}")


def recorded(name: str) -> bytes:
    """Return a recorded answer, or skip the test where there are none."""
    there_are_recordings()
    return (RECORDINGS / name).read_bytes()


def decoded(name: str) -> Any:
    return json.loads(recorded(name))


def endpoint_of(router: str) -> Endpoint:
    return next(endpoint for platform in PLATFORMS for endpoint in platform.endpoints if endpoint.router == router)


def read(router: str, body: bytes | Any, ident: str = "", cursor: str = "", **extra: str) -> Page:
    """Read an answer as one of an endpoint's, after its verdict."""
    endpoint = endpoint_of(router)
    platform = next(platform for platform in PLATFORMS if endpoint in platform.endpoints)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    route = endpoint.routes[0]
    verdict = classify(platform, raw, route.signed, None, route.decode, route.shape)
    assert verdict.outcome is Outcome.OK, verdict.message
    return endpoint.read(verdict.data, context(endpoint.kind, ident, **extra), cursor)


def context(kind: str, ident: str = "", **extra: str) -> Context:
    return Context(Target(kind, ident, ident, tuple(sorted(extra.items()))), user_agent="Agent/1.0")


def only(page: Page) -> Record:
    """Return the one record of a page."""
    assert page.faults == [] and len(page.records) == 1
    return page.records[0]
