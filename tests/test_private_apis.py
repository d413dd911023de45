"""Each private part of another library that this project uses is still there, and still does what it is used for."""

import ast
import asyncio
import inspect
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.extensions.feedexport import FeedSlot
from scrapy.http import Request
from scrapy.pqueues import DownloaderInterface
from scrapy.squeues import FifoMemoryQueue
from scrapy.utils.test import get_crawler

from scraper.network import private_apis
from scraper.network.private_apis import OVERRIDDEN, PrivateApi
from scraper.network.scheduler_queue import FairPriorityQueue
from tests.cases import ROOT


def resolve(path: str) -> Any:
    module, _, names = path.partition(":")
    if not module.startswith("scrapy."):
        pytest.importorskip(module)
    member: Any = import_module(module)
    for name in names.split("."):
        member = getattr(member, name)
    return member


@pytest.mark.parametrize("api", OVERRIDDEN, ids=lambda api: api.path)
def test_what_is_overridden_is_there(api: PrivateApi) -> None:
    assert callable(resolve(api.path)) and api.why


@pytest.mark.parametrize("api", OVERRIDDEN, ids=lambda api: api.path)
def test_an_override_takes_what_it_is_given(api: PrivateApi) -> None:
    """An override has at least the parameters of what it replaces, in the same order."""
    cls = resolve(api.path.rpartition(".")[0])
    modules = ("autothrottle", "middlewares", "transports.impersonate", "transports.curl_session")
    ours = [
        vars(member)[api.path.rpartition(".")[2]]
        for module in modules
        for member in vars(import_module(f"scraper.network.{module}")).values()
        if isinstance(member, type) and issubclass(member, cls) and member is not cls
        if api.path.rpartition(".")[2] in vars(member)
    ]
    for override in ours:
        function = getattr(override, "__func__", override)
        theirs = list(inspect.signature(resolve(api.path)).parameters.values())
        kinds = {parameter.kind for parameter in inspect.signature(function).parameters.values()}
        if inspect.Parameter.VAR_POSITIONAL in kinds:
            continue
        named = [name for name in inspect.signature(function).parameters if name != "self"]
        assert named == [parameter.name for parameter in theirs if parameter.name != "self"]


def test_a_crawl_that_is_being_stopped_is_known() -> None:
    crawler: Any = SimpleNamespace(engine=SimpleNamespace(running=True, _slot=SimpleNamespace(closing=None)))
    assert not private_apis.is_closing(crawler)
    crawler.engine.running = False
    assert private_apis.is_closing(crawler)
    from scrapy.core.engine import ExecutionEngine, _Slot

    assert "_slot" in inspect.getsource(ExecutionEngine.__init__) and "closing" in inspect.getsource(_Slot.__init__)


def test_of_aiohttp() -> None:
    async def check() -> None:
        async with aiohttp.ClientSession() as session:
            assert session._retry_connection is True
            private_apis.disable_resend(session)
            assert session._retry_connection is False

    asyncio.run(check())


def test_the_scheduler_queue_asks_the_object_that_it_is_given() -> None:
    class Nothing(DownloaderInterface):
        def __init__(self) -> None:
            self.asked = 0

        def get_slot_key(self, request: Request) -> str:
            return "slot"

        def stats(self, possible_slots: Any) -> list[tuple[int, str]]:
            self.asked += 1
            return []

    crawler = get_crawler()
    crawler.engine = SimpleNamespace(downloader=SimpleNamespace())  # type: ignore[assignment]
    queue = FairPriorityQueue(crawler, FifoMemoryQueue, "")
    nothing = Nothing()
    private_apis.replace_downloader_interface(queue, nothing)
    queue.push(Request("https://site.test/"))
    assert queue.pop() is None and nothing.asked == 1 and len(queue) == 1


def test_of_scrapy_playwright() -> None:
    handler = pytest.importorskip("scrapy_playwright.handler")
    cls = handler.ScrapyPlaywrightDownloadHandler
    assert issubclass(cls, BaseDownloadHandler)
    assert inspect.iscoroutinefunction(cls._launch) and inspect.iscoroutinefunction(cls._maybe_launch_browser)
    fields = handler.Config.__dataclass_fields__
    assert {"launch_options", "cdp_url", "connect_url", "max_pages_per_context"} <= fields.keys()
    assert "context" in handler.BrowserContextWrapper.__dataclass_fields__
    assert "context_wrappers" in inspect.getsource(cls.__init__)


def test_of_curl_cffi() -> None:
    curl_cffi = pytest.importorskip("curl_cffi")
    ffi, curl = private_apis.curl_ffi(), curl_cffi.Curl()
    callback = ffi.callback("int(void *, char *, char *, int, int)", lambda *_: 0)
    private_apis.set_curl_pointer(curl, curl_cffi.CurlOpt.PREREQFUNCTION, callback)
    curl.close()


def test_of_the_feed_exporter() -> None:
    parameters = inspect.signature(FeedSlot._get_exporter).parameters
    assert list(parameters)[:3] == ["self", "file", "format_"] and "kwargs" in parameters


def test_of_urllib() -> None:
    assert private_apis.is_proxy_bypassed("api.site.test", {"no": "site.test"})
    assert not private_apis.is_proxy_bypassed("api.site.test", {"no": "other.test"})


def private_accesses(source: str) -> list[str]:
    """Return the attributes with a leading underscore that are read or set on anything but `self` and `cls`."""
    accesses = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Attribute) or not node.attr.startswith("_") or node.attr.endswith("__"):
            continue
        if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
            accesses.append(ast.unparse(node))
    return accesses


def test_no_other_module_reaches_into_another_object() -> None:
    allowed = {"namedtuple": ("._replace", "._asdict", "._fields"), "super": ("super().",)}
    for path in sorted((ROOT / "scraper").rglob("*.py")):
        if path.name == "private_apis.py":
            continue
        accesses = [access for access in private_accesses(path.read_text("utf-8")) if not access.startswith("super().")]
        odd = [access for access in accesses if not access.endswith(allowed["namedtuple"])]
        assert odd == [], f"{path.relative_to(ROOT)} reaches into {odd}: move it to private_apis"
