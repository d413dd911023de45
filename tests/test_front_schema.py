"""The HTTP front and its OpenAPI description: no call of any form is answered by a fault of the program."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.platform import Endpoint
from tests.cases import PLATFORMS, example_context
from tests.front_support import served
from tests.long_lived import Live
from tests.parts import IS_NIGHTLY

OTHERS = {"/healthz", "/readyz", "/metrics"}
ROWS = [endpoint for platform in PLATFORMS for endpoint in platform.endpoints]
DAILY = {
    "/api/hybrid/video_data", "/api/hybrid/update_cookie", "/api/bilibili/web/fetch_user_post_videos",
    "/api/douyin/web/get_all_aweme_id",
}  # fmt: skip
STARTING = {"/api/jobs"}  # each call starts a crawl: see test_jobs
SESSION = requests.Session()
SESSION.trust_env = False


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a front in another thread, which schemathesis calls from this one."""
    started: Future[str] = Future()
    stopping = threading.Event()

    async def run() -> None:
        with pytest.MonkeyPatch.context() as monkeypatch:
            live = Live(tmp_path_factory.mktemp("front"), monkeypatch)
            async with served(live, SERVE_CALLS_PER_MINUTE=0, RETRY_TIMES=0) as (_, client, _):
                started.set_result(str(client.base_url))
                await asyncio.to_thread(stopping.wait)

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    try:
        yield started.result(60)
    finally:
        stopping.set()
        thread.join(60)


@pytest.fixture(scope="module")
def described(url: str) -> dict[str, Any]:
    got: dict[str, Any] = httpx.get(f"{url}/openapi.json", trust_env=False).json()
    return got


def test_every_endpoint_is_described_with_its_parameters(described: dict[str, Any]) -> None:
    for endpoint in ROWS:
        methods = described["paths"][endpoint.router]
        if "post" in methods:
            assert endpoint.name.startswith("get_all_")
            continue
        parameters = {parameter["name"]: parameter for parameter in methods["get"]["parameters"]}
        known = [name for param in endpoint.params for name in (param.name, *param.aliases)]
        assert set(known) <= parameters.keys(), endpoint.router
        assert all("example" in parameters[name] for name in known)
        assert ("count" in parameters) >= (endpoint.pagination is not None)
    posts = described["paths"]["/api/bilibili/web/fetch_user_post_videos"]["get"]["parameters"]
    assert next(known["schema"] for known in posts if known["name"] == "pn")["default"] == 1


def first_page(endpoint: Endpoint, count: int) -> tuple[str, str]:
    """Return the URL and the body of the request for a page with so many items, by the first route to the list."""
    context = example_context(endpoint, {"count": count})
    route = next(place for place, route in enumerate(endpoint.routes) if not (route.lookup or route.explains_empty))
    return endpoint.url_for(context, "", route), endpoint.body_for(context, "", route)


def test_count_is_described_as_what_it_does(described: dict[str, Any]) -> None:
    without = set()
    for endpoint in (endpoint for endpoint in ROWS if endpoint.pagination):
        parameters = described["paths"][endpoint.router]["get"]["parameters"]
        (about,) = [parameter["description"] for parameter in parameters if parameter["name"] == "count"]
        has_effect = len({first_page(endpoint, count) for count in (1, 3, 19, 30)}) > 1
        assert has_effect == (not about.startswith("without effect")), endpoint.router
        without |= set() if has_effect else {endpoint.name}
    assert {"fetch_user_post", "fetch_video_comments", "fetch_search"} <= without and len(without) < len(ROWS) / 4
    posts = described["paths"]["/api/tiktok/web/fetch_user_post"]["get"]["parameters"]
    assert "15 posts a page" in next(known["description"] for known in posts if known["name"] == "count")


def test_calls_with_the_examples_are_answered_by_envelopes(url: str, described: dict[str, Any]) -> None:
    """The posts of the examples do not exist in this world. Each call still gets an answer that it documents."""
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        for path, methods in described["paths"].items():
            if path in OTHERS or "get" not in methods or "/bilibili/" not in path:
                continue
            named = {p["name"]: p["example"] for p in methods["get"]["parameters"] if "names the" in p["description"]}
            got = client.get(path, params={name: value for name, value in named.items() if name not in ("aid", "p")})
            body = got.json()
            assert body["router"] == path and body["code"] != 500, (path, got.text)
            assert got.status_code == (200 if body["code"] == 206 else body["code"])


def check_calls(url: str, operation: Any, number: int) -> None:
    """Send a number of calls that a description allows, and some that it does not."""

    @given(case=operation.as_strategy())
    @settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def check(case: Any) -> None:
        answer = case.call(base_url=url, session=SESSION, timeout=60)
        assert answer.status_code != 500, (case.path, answer.text)
        if answer.headers.get("content-type") == "application/json" and case.path not in OTHERS:
            assert set(answer.json()) == {"code", "router", "data"}, (case.path, answer.text)

    check()


def test_calls_of_every_form_are_answered_by_envelopes(url: str, described: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(described)
    for operation in (result.ok() for result in schema.get_all_operations()):
        if operation.path in DAILY or (IS_NIGHTLY and operation.path not in STARTING):
            check_calls(url, operation, 40 if IS_NIGHTLY else 8)


NAMES = ["url", "bv_id", "pn", "count", "cursor", "file", "with", "dialect", "minimal", "cookie", "sort", "max_pages"]
VALUES = st.text(max_size=60) | st.sampled_from(["0", "-1", "٣", "1e9", "\x00", "é", "{}", "true", "../..", "%00"])
TEXTS = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), VALUES, max_size=5)
PATHS = [endpoint.router for endpoint in ROWS if "/bilibili/" in endpoint.router]


@given(path=st.sampled_from([*PATHS, "/api/hybrid/video_data"]), params=TEXTS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_parameter_ends_in_a_fault_of_the_program(url: str, path: str, params: dict[str, str]) -> None:
    got = httpx.get(url + path, params=params, trust_env=False, timeout=60)
    body = got.json()
    assert body["code"] != 500 and body["router"] == path, (params, got.text)
    assert got.status_code == (200 if body["code"] == 206 else body["code"])
