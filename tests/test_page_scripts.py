"""What a page is asked, and what its answer becomes. Pure; the page itself is in test_crawl_browser.py."""

import base64
from typing import Any

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Request

from scraper.network.browser import page_scripts
from scraper.responses.exceptions import CertificateError, ProxyError, TooLargeError

URL = "https://www.site.test/api?a=1&b=%20"
REQUEST = Request(
    URL, headers={"Accept": "*/*", "Referer": "https://www.site.test/x", "Cookie": "a=1", "User-Agent": "x"}
)


def answer(body: bytes = b"{}", **more: Any) -> dict[str, Any]:
    fields = {"status": 200, "url": URL, "redirected": False, "headers": [["Content-Type", "application/json"]]}
    return {**fields, "body": "data:application/json;base64," + base64.b64encode(body).decode(), **more}


def test_a_page_is_asked_the_unsigned_url_and_no_header_that_is_the_browsers() -> None:
    asked = page_scripts.fetch_argument(REQUEST, 7.5, 1000)
    assert asked["url"] == URL
    assert asked["headers"] == {"Accept": "*/*"}
    assert asked["referrer"] == "https://www.site.test/x"
    assert (asked["limit"], asked["largest"], asked["body"]) == (7500, 1000, None)


def test_a_form_goes_as_it_is() -> None:
    form = Request(
        URL, method="POST", body=b"a=%E4%BD%A0", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    asked = page_scripts.fetch_argument(form, 1, 1)
    assert (asked["method"], asked["body"], asked["headers"]) == (
        "POST",
        "a=%E4%BD%A0",
        {"Content-Type": form.headers["Content-Type"].decode()},
    )
    assert asked["referrer"] == "about:client"


@pytest.mark.parametrize("body", [b"", b'{"a": "\xe4\xbd\xa0"}', bytes(range(256))])
def test_the_bytes_come_back_as_they_were(body: bytes) -> None:
    response = page_scripts.to_response(REQUEST, answer(body), 1, "")
    assert (response.status, response.body, response.url) == (200, body, URL)


def test_headers_of_what_the_browser_unpacked_are_left_out() -> None:
    headers = [["content-encoding", "gzip"], ["Content-Length", "9"], ["tt_orcas_res", "1"]]
    response = page_scripts.to_response(REQUEST, answer(headers=headers), 1, "")
    assert response.headers.to_unicode_dict() == {"Tt_Orcas_Res": "1"}


def test_an_answer_from_elsewhere_is_the_redirect_that_led_there() -> None:
    moved = answer(url="https://www.site.test/login", redirected=True)
    response = page_scripts.to_response(REQUEST, moved, 1, "")
    assert (response.status, response.headers["Location"]) == (302, b"https://www.site.test/login")


@pytest.mark.parametrize(
    ("fields", "failure", "error"),
    [
        ({"error": "size"}, "", TooLargeError),
        ({"error": "time"}, "", DownloadTimeoutError),
        ({"error": "network"}, "", DownloadFailedError),
        ({"error": "network"}, "net::ERR_CONNECTION_RESET", DownloadFailedError),
        ({"error": "network"}, "net::ERR_CONNECTION_REFUSED", DownloadConnectionRefusedError),
        ({"error": "network"}, "net::ERR_NAME_NOT_RESOLVED", CannotResolveHostError),
        ({"error": "network"}, "net::ERR_PROXY_CONNECTION_FAILED", ProxyError),
        ({"error": "network"}, "net::ERR_TUNNEL_CONNECTION_FAILED", ProxyError),
        ({"error": "network"}, "net::ERR_CERT_AUTHORITY_INVALID", CertificateError),
        ({"error": "network"}, "net::ERR_CONTENT_LENGTH_MISMATCH", ResponseDataLossError),
        (answer() | {"body": "data:;base64,***"}, "", ResponseDataLossError),
    ],
)
def test_what_went_wrong_is_told_apart(fields: dict[str, Any], failure: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        page_scripts.to_response(REQUEST, fields, 1, failure)
    assert type(raised.value) is error


def test_no_word_of_the_browser_is_kept() -> None:
    text = "net::ERR_PROXY_CONNECTION_FAILED at https://www.site.test/?msToken=secret"
    assert "secret" not in str(page_scripts.to_exception(text))
