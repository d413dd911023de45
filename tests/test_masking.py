"""Secrets are masked in texts that leave the program, and nowhere else."""

from __future__ import annotations

import io
import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from scrapy.http import Request, Response

from scraper.identities import masking
from scraper.identities.cookie_jar import Jar
from scraper.identities.masked_log import MaskedRecords, protect_log
from scraper.identities.masking import SECRETS, keep_cookies, keep_named, keep_url, mask, secret_cookie

SESSION, ODD = "0123456789abcdef", "aB3/+x|z9=é~q.Zk7-w"
COOKIES = {
    "sessionid": SESSION, "sid_guard": f"{SESSION}%7C1790000000%7Cx", "short": "1", "theme": "darkmode",
    "uid": "12345678901234567890", "odd": quote(ODD, safe="+"), "login_odd": "pass|word",
}  # fmt: skip
KNOWN = ("sessionid", "sid_guard", "login_odd", "short", "uid")


@pytest.fixture(autouse=True)
def secrets() -> Iterator[None]:
    SECRETS.clear()
    keep_cookies(COOKIES, KNOWN)
    yield
    SECRETS.clear()


def test_the_value_is_masked_by_whatever_name_and_by_none() -> None:
    assert mask(f"x={SESSION}; bare {SESSION}.") == "x=…; bare …."
    left = mask("; ".join(f"{name}={value}" for name, value in COOKIES.items()))
    assert SESSION not in left and "aB3" not in left and "word" not in left
    assert "short=1; theme=darkmode; uid=12345678901234567890" in left, "what is short, or a number, is in many a text"


@pytest.mark.parametrize(
    "form",
    [
        str, quote, lambda value: quote(value, safe=""), lambda value: quote(quote(value, safe="")), json.dumps,
        lambda value: value.replace("/", "\\/"), lambda value: value.replace("/", "\\u002F").replace("+", "\\u002b"),
        lambda value: quote(value, safe="").replace("%2F", "%2f"), lambda value: repr(value.encode()),
        lambda value: value.replace("/", "&#x2F;").replace("|", "&#124;"),
    ],
)  # fmt: skip
def test_no_escape_hides_it(form) -> None:
    for secret in (ODD, "pass|word"):
        left = mask(f"before {form(secret)} after")
        assert left.replace('"', "").removeprefix("before b'").replace("'", "") in ("before … after", "… after"), left


def test_a_text_without_secrets_stays() -> None:
    text = f"a title with {SESSION[:-1]} and darkmode, at https://site.test/@someone/1?a=1"
    assert mask(text) == text


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("sessionid", "a1b2c3d4", True), ("csrf_token", "abcdefgh", True), ("sid_tt", "abcdefgh", True),
        ("sessionid", "a1b2c3", True), ("sessionid", "abcdefg", False), ("sessionid", "a1b2c", False),
        ("sessionid", "1" * 20, False), ("visitor", "1%7CAbCdEfGhIjKlMnOp", True),
        ("visitor", "verify_m1abcdef_XyZ", True), ("visitor", "canary7f3a9b2c4d5e", True), ("lang", "zh-Hans", False),
        ("from", "https://www.site.test/user/MS4wLjABAAAAxyz", False), ("last_user", "rainy.garden_2024", False),
        ("last_user", "the_rainy_garden_of_ada", False), ("clicks", "1", False), ("odd", "||||||||||||||||||", False),
    ],
)  # fmt: skip
def test_what_is_a_secret(name: str, value: str, is_secret: bool) -> None:
    assert bool(secret_cookie(name, value, ("sessionid",))) is is_secret


def test_a_value_that_the_platform_set_is_masked_from_then_on_and_after_it() -> None:
    jar = Jar(("site.test",), {}, (), lambda name, value: SECRETS.receive(secret_cookie(name, value, ())))
    request = Request("https://www.site.test/")
    for number in (1, 2):
        header = f"token=fedcba987654321{number}; Domain=.site.test; Secure; HttpOnly"
        jar.take(Response(request.url, headers={"Set-Cookie": header}), request)
    assert mask("fedcba9876543211 fedcba9876543212 fedcba9876543213") == "… … fedcba9876543213"


def test_the_secrets_of_a_platform_are_bounded_and_those_of_the_user_stay() -> None:
    for number in range(masking._MOST_RECEIVED + 1):
        SECRETS.receive(f"received{number:06}x")
    assert mask(f"received000000x received000001x {SESSION}") == "received000000x … …"


PROXY = "http://me:p@ss-w0rd%2F1@proxy.test:80"


@pytest.mark.parametrize(
    "text",
    [
        f"no connection to {PROXY}", "rejected p@ss-w0rd/1", "rejected p%40ss-w0rd%2F1",
        f"Basic {b64encode(b'me:p@ss-w0rd/1').decode()}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("proxy", [PROXY, PROXY.removeprefix("http://")])
def test_the_password_of_a_proxy_is_masked(text: str, proxy: str) -> None:
    keep_url(proxy)
    left = mask(text)
    assert "w0rd" not in left and "cEBzcy" not in left and "bWU6" not in left and "…" in left


@pytest.mark.parametrize("password", ["1", "proxy", "h264", "secret", "1234567"])
def test_a_password_that_is_a_word_is_masked_in_urls_only(password: str) -> None:
    keep_url(f"http://me:{password}@proxy.test")
    text = f"the {password} does not work"
    assert mask(text) == text
    assert mask(f"http://me:{password}@proxy.test/x") == "http://…@proxy.test/x"
    assert mask(f"'Basic {b64encode(f'me:{password}'.encode()).decode()}'").rstrip("='").endswith("…")


def test_secrets_in_settings_and_headers() -> None:
    keep_named({
        "AWS_SECRET_ACCESS_KEY": "aws-key-of-mine", "FEEDS": {"ftp://me:of-a-feed@host/x": {}}, 
        "X-Csrf-Token": "abcdefgh",
        "DATABASE_URL": "postgresql://me:of-a-database@host/x", "LOG_LEVEL": "DEBUG", "CONCURRENT_REQUESTS": 32,
        "Authorization": "Bearer of-the-bearer", "PLAYWRIGHT_CDP_URL": "wss://key-of-a-user@host/x",
        "USER_AGENT": "mine (+https://of-mine.test/@me)", "HOME": "https://www.site.test:443/a/b/@me",
    })  # fmt: skip
    left = mask("aws-key-of-mine of-a-feed of-a-database abcdefgh of-the-bearer key-of-a-user DEBUG 32")
    assert left == "… … … … … … DEBUG 32"
    keep_url("https://www.site.test/@me")
    assert mask("www.site.test/a/b of-mine.test 443/a/b/") == "www.site.test/a/b of-mine.test 443/a/b/"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("msToken=abc&a=1; sessionid=def bili_jct=ghi", "msToken=…&a=1; sessionid=… bili_jct=…"),
        ("{'Cookie': 'a=b', b'X-Csrf-Token': [b'x'], 'a': 'b'}", "{'Cookie': '…', b'X-Csrf-Token': [b'…'], 'a': 'b'}"),
        ("-a url=https://site.test/?token=abc&a=b", "-a url=https://site.test/?token=…&a=b"),
        ("at='https://site.test/x?next=/y?token=abc'", "at='https://site.test/x?next=/y?token=…'"),
        ('{"url": "https://site.test/?csrf=abc"}', '{"url": "https://site.test/?csrf=…"}'),
        (r'"{\"token\":\"abc\",\"a\":\"b\"}"', r'"{\"token\":\"…\",\"a\":\"b\"}"'),
        ("token=token=abc x", "token=… x"),
        ('{"msToken":"abc","aweme_id":"7"}', '{"msToken":"…","aweme_id":"7"}'),
        ("proxy must have the form http://user:pass@host:port", "proxy must have the form http://user:pass@host:port"),
        ("the token: expired", "the token: expired"), ("session_probe=1", "session_probe=…"),
    ],
)  # fmt: skip
def test_values_are_masked_by_their_names(text: str, left: str) -> None:
    assert mask(text) == left


@pytest.fixture
def shown() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger with a handler of somebody else's, made before the log was protected."""
    logger, stream, make = logging.Logger("theirs"), io.StringIO(), logging.getLogRecordFactory()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.addHandler(handler)
    logging.setLogRecordFactory(logging.LogRecord)
    protect_log()
    yield logger, stream
    logging.setLogRecordFactory(make)


def test_log_records_of_any_logger_are_masked(shown: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = shown
    logger.warning("sent %s to %s", {"Cookie": SESSION}, f"https://site.test/?x={SESSION}")
    logger.info("nothing in %(it)s", {"it": "it"})
    assert stream.getvalue() == "WARNING sent {'Cookie': '…'} to https://site.test/?x=…\nINFO nothing in it\n"


def test_tracebacks_are_masked(shown: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = shown
    try:
        try:
            raise KeyError(SESSION)
        except KeyError as error:
            raise ValueError(f"of {quote(ODD)}") from error
    except ValueError:
        logger.exception("it failed", stack_info=True)
    text = stream.getvalue()
    assert SESSION not in text and "aB3" not in text
    assert text.startswith("ERROR it failed\nTraceback") and "KeyError: '…'" in text and "ValueError: of …" in text


def test_a_record_that_cannot_be_formatted_does_not_print_its_arguments(
    shown: tuple[logging.Logger, io.StringIO], capsys: pytest.CaptureFixture[str]
) -> None:
    logger, stream = shown
    logger.error("%d of them", SESSION)
    assert stream.getvalue().startswith("ERROR '%d of them' cannot be filled") and SESSION not in stream.getvalue()
    assert capsys.readouterr().err == ""


def test_a_record_without_a_secret_is_as_it_was(shown: tuple[logging.Logger, io.StringIO]) -> None:
    error = ValueError("plain")
    record = shown[0].makeRecord("x", logging.INFO, "f", 1, "%s and %s", (1, 2), (ValueError, error, None))
    assert (record.msg, record.args, record.exc_info) == ("%s and %s", (1, 2), (ValueError, error, None))


def test_the_log_is_protected_once_whatever_factory_it_has(shown: tuple[logging.Logger, io.StringIO]) -> None:
    first = logging.getLogRecordFactory()
    protect_log()
    assert logging.getLogRecordFactory() is first and isinstance(first, MaskedRecords)
