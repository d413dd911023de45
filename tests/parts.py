"""The parts of the suite that `make nightly` runs with more examples, larger worlds and rarer faults.

A test belongs to a part by its file; a property, which Hypothesis runs, belongs to `mutations`. `docs/testing.md` says
what each part is for.
"""

import os
from fnmatch import fnmatchcase
from functools import cache

IS_NIGHTLY = bool(os.environ.get("NIGHTLY"))
EXAMPLES = 200 if IS_NIGHTLY else 8
"""How many changed answers a property tries for each case of an endpoint."""
CREATORS = 1000 if IS_NIGHTLY else 60
"""How many creators the large world has, over all platforms."""

PARTS = {
    "faults": ("test_*faults*", "faults/*", "test_boundary", "test_crawl_politeness"),
    "kills": (
        "kills/*",
        "test_crawl_hybrid",
        "test_forget",
        "test_compressed_feeds",
        "test_postgres",
        "test_resume",
        "test_scheduling",
        "test_scrapyd",
    ),
    "media": ("media/*", "test_media_danmaku"),
    "front": ("test_front*", "test_command_serve", "test_job*", "test_downloads", "test_deployment"),
    "fleet": ("fleet/*",),
    "mutations": ("mutations/*", "test_robustness", "test_mutations", "test_shapes"),
    "worlds": (
        "worlds/*",
        "test_crawl_world",
        "test_renormalize",
        "test_incremental",
        "test_crawl_side_by_side",
        "test_long_lived",
        "test_mixed",
    ),
    "browser": (
        "browser/*",
        "test_crawl_browser*",
        "test_crawl_*_signed",
        "test_simulator_seal",
        "test_simulator_signing",
        "test_command_login",
        "test_launch_options",
        "test_page_*",
        "test_pages_browser",
        "test_downloads_browser",
        "test_transport_browser",
    ),
}

WAITING = (
    "test_crawl_side_by_side",
    "test_crawl_world",
    "test_histories",
    "test_incremental",
    "test_killed_feeds",
    "test_power_failure",
    "test_python_api",
    "test_readme_examples",
    "test_renormalize",
    "test_resume",
    "test_runs",
    "test_scheduling",
    "test_scrapy_tools",
    "test_scrapyd",
    "test_sinks",
    "test_worker",
)
"""Files whose tests take long though they need little CPU, or that start many processes."""


@cache
def parts_of(file: str, is_property: bool) -> frozenset[str]:
    """Return the parts that a test belongs to.

    :param file: the path of its file below `tests/`, without its suffix
    """
    parts = {part for part, patterns in PARTS.items() if any(fnmatchcase(file, pattern) for pattern in patterns)}
    return frozenset(parts | {"mutations"} if is_property else parts)
