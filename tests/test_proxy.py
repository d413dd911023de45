"""How a proxy is given: as every program takes it from the environment."""

import pytest
from scrapy.http import Request
from scrapy.utils.test import get_crawler

from scraper.network.middlewares import ProxyMiddleware


@pytest.mark.parametrize(
    "given, proxy, credentials",
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", None),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", None),
        ("//localhost:8080", "http://localhost:8080", None),
        ("me:pass@127.0.0.1:8080", "http://127.0.0.1:8080", b"Basic bWU6cGFzcw=="),
        ("http://me:päss@127.0.0.1:8080", "http://127.0.0.1:8080", b"Basic bWU6cMOkc3M="),
    ],
)
def test_a_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, given: str, proxy: str, credentials: bytes | None
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", given)
    middleware = ProxyMiddleware.from_crawler(get_crawler(settings_dict={"HTTPPROXY_AUTH_ENCODING": "utf-8"}))
    request = Request("https://api.site.test/")
    middleware.process_request(request)
    assert request.meta["proxy"] == proxy
    assert request.headers.get("Proxy-Authorization") == credentials
