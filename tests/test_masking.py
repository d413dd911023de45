"""What an answer repeats of an identity's cookies is not there any more when it is read."""

import json
from urllib.parse import quote

import pytest

from scraper.identities.cookie_jar import Jar
from scraper.identities.masking import Mask

SESSION, ODD = "0123456789abcdef", "aB3/+x|z9=é~q.Zk7-w"
COOKIES = {
    "sessionid": SESSION, "sid_guard": f"{SESSION}%7C1790000000%7Cx", "short": "1", "theme": "darkmode",
    "uid": "12345678901234567890", "odd": quote(ODD, safe="+"), "login_odd": "pass|word",
}  # fmt: skip
KNOWN = ("sessionid", "sid_guard", "login_odd", "short", "uid")


@pytest.fixture
def jar() -> Jar:
    return Jar(("site.test",), COOKIES)


def blank(jar: Jar, text: str) -> str:
    return Mask(jar, KNOWN).blank(text.encode()).decode()


def test_the_value_is_blanked_by_whatever_name_and_by_none(jar: Jar) -> None:
    assert blank(jar, f"sid_tt={SESSION}; bare {SESSION}.") == f"sid_tt={'*' * 16}; bare {'*' * 16}."
    header = "; ".join(f"{name}={value}" for name, value in COOKIES.items())
    left = blank(jar, header)
    assert SESSION not in left and "aB3" not in left and "word" not in left and len(left) == len(header)
    assert "short=1; theme=darkmode; uid=12345678901234567890" in left, "what is short, or a number, is in many a text"


@pytest.mark.parametrize(
    "form",
    [
        str, quote, lambda value: quote(value, safe=""), lambda value: quote(quote(value, safe="")), json.dumps,
        lambda value: value.replace("/", "\\/"), lambda value: value.replace("/", "\\u002F").replace("+", "\\u002b"),
        lambda value: quote(value, safe="").replace("%2F", "%2f"),
    ],
)  # fmt: skip
def test_no_escape_hides_it(jar: Jar, form) -> None:
    for secret in (ODD, "pass|word"):
        left = blank(jar, f"before {form(secret)} after")
        assert left.replace('"', "").replace("*", "") == "before  after", left


def test_what_holds_none_is_the_very_same(jar: Jar) -> None:
    mask, body = Mask(jar, KNOWN), f"a title with {SESSION[:-1]} and darkmode".encode()
    assert mask.blank(body) is body


def test_a_value_that_the_platform_set_counts_from_then_on(jar: Jar) -> None:
    mask, body = Mask(jar, KNOWN), b"now fedcba9876543210"
    assert mask.blank(body) is body
    jar.put("sessionid", "fedcba9876543210")
    assert mask.blank(body) == b"now " + b"*" * 16
