"""Cookies of any form that a browser gives, and a jar that keeps to its platform."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Request, Response

from scraper.identities.cookie_formats import parse
from scraper.identities.cookie_jar import Jar

DOMAINS = ("site.test",)


def sent(jar: Jar, url: str) -> dict[str, str]:
    request = Request(url)
    host, _, path = url.partition("://")[2].partition("/")
    header = jar.header(request, host, f"/{path}") or b""
    return dict(part.split("=", 1) for part in header.decode().split("; ") if part)


@given(st.text(max_size=120))
def test_any_text_holds_cookies_or_is_refused(text: str) -> None:
    try:
        cookies = parse(text, DOMAINS)
    except ValueError as error:
        assert len(str(error)) < 200
        return
    for name, value in cookies.items():
        assert name and not set(name) & set("\r\n;= \t") and value.isprintable()


@pytest.mark.parametrize("text", ["[", "{", "[1, 2]", "[]]", '{"a": {}}', "nothing", "a\tb\tc", "[{}]", "a b c"])
def test_what_holds_no_cookie_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError) as error:
        parse(text, DOMAINS)
    assert text not in str(error.value) or len(text) < 3


def test_no_cookie_at_all() -> None:
    assert parse("", DOMAINS) == parse("  \n", DOMAINS) == {}


def test_a_value_keeps_its_percent_signs_and_equals_signs() -> None:
    assert parse("a=x%2Cy%2A==; b=; c", DOMAINS) == {"a": "x%2Cy%2A==", "b": ""}


@pytest.mark.parametrize("domain", ["evil.test", "evilsite.test", "site.test.evil", ".evil.test"])
def test_cookies_of_other_domains_are_left_out(domain: str) -> None:
    export = (
        f'[{{"name": "a", "value": "1", "domain": "{domain}"}}, {{"name": "b", "value": "2", "domain": "x.site.test"}}]'
    )
    assert parse(export, DOMAINS) == {"b": "2"}
    assert parse(f"{domain}\tTRUE\t/\tTRUE\t0\ta\t1\n.site.test\tTRUE\t/\tTRUE\t0\tb\t2", DOMAINS) == {"b": "2"}


def test_a_jar_sends_to_its_platform_over_tls_only() -> None:
    jar = Jar(DOMAINS, {"a": "1", "b": "x%2C"})
    assert sent(jar, "https://api.site.test/x") == sent(jar, "https://site.test/") == {"a": "1", "b": "x%2C"}
    for url in ("https://evil.test/", "https://evilsite.test/", "https://site.test.evil/", "http://api.site.test/x"):
        assert sent(Jar(DOMAINS, {"a": "1"}), url) == {}


def test_a_jar_keeps_what_an_answer_sets() -> None:
    jar, request = Jar(DOMAINS, {"a": "1"}), Request("https://api.site.test/x")
    headers = {"Set-Cookie": ["a=2; Domain=.site.test; Path=/; Secure", "b=3; Domain=site.test; Path=/"]}
    assert sent(jar, "https://api.site.test/x") == {"a": "1"}
    jar.take(Response("https://api.site.test/x", headers=headers), request)
    assert sent(jar, "https://api.site.test/x") == {"a": "2", "b": "3"}
    assert jar.names() == {"a", "b"}


@pytest.mark.parametrize(("age", "is_kept"), [("9" * 400, True), ("9" * 5000, True), ("-" + "9" * 400, False)])
def test_an_implausible_age_costs_no_other_cookie(age: str, is_kept: bool) -> None:
    jar = Jar(DOMAINS, {})
    headers = {"Set-Cookie": [f"a=1; Max-Age={age}; Path=/", "b=2; Path=/"]}
    jar.take(Response("https://www.site.test/", headers=headers), Request("https://www.site.test/"))
    assert sent(jar, "https://www.site.test/x") == ({"a": "1"} if is_kept else {}) | {"b": "2"}


def test_a_jar_takes_nothing_for_another_domain() -> None:
    jar, request = Jar(DOMAINS, {}), Request("https://api.site.test/x")
    for cookie in ("a=1; Domain=evil.test", "a=1; Domain=.test", "a=1; Domain=other.test; Path=/"):
        jar.take(Response("https://api.site.test/x", headers={"Set-Cookie": [cookie]}), request)
    assert jar.names() == set() and sent(jar, "https://api.site.test/x") == {}


def test_a_cookie_that_is_put_is_sent_everywhere() -> None:
    jar = Jar(("site.test", "short.test"), {})
    jar.put("device", "d")
    assert sent(jar, "https://www.site.test/") == sent(jar, "https://short.test/a") == {"device": "d"}


def test_what_a_browser_gives_comes_back_as_it_was() -> None:
    jar = Jar(DOMAINS, {})
    own = {"value": "1", "path": "/", "secure": True, "httpOnly": True, "expires": -1}
    held = [
        {**own, "name": "host", "domain": "www.site.test", "expires": 4_000_000_000},
        {**own, "name": "all", "domain": ".site.test", "httpOnly": False},
    ]
    jar.absorb(
        [*held, {**own, "name": "other", "domain": ".evil.test"}, {**own, "name": "x", "domain": "evilsite.test"}]
    )
    assert sorted(jar.all(), key=lambda cookie: cookie["name"], reverse=True) == held
    assert sent(jar, "https://www.site.test/") == {"host": "1", "all": "1"}
    assert sent(jar, "https://api.site.test/") == {"all": "1"}
    changes = jar.changes
    jar.absorb(held)
    assert jar.changes == changes


def test_a_browser_is_given_no_cookie_that_ended_and_none_that_it_cannot_take() -> None:
    jar, request = Jar(DOMAINS, {}), Request("https://www.site.test/")
    own = {"value": "1", "path": "/", "domain": ".site.test"}
    jar.absorb([{**own, "name": "old", "expires": 1_000_000_000}])
    headers = {"Set-Cookie": ["far=1; Max-Age=999999999999; HttpOnly", "now=1"]}
    jar.take(Response("https://www.site.test/", headers=headers), request)
    cookies = {cookie["name"]: (cookie["expires"], cookie["domain"], cookie["httpOnly"]) for cookie in jar.all()}
    assert cookies == {"far": (253_402_300_799, "www.site.test", True), "now": (-1, "www.site.test", False)}


WHOLE = {"SESSDATA": "s3%2C1893456000%2Cx", "bili_jct": "c"}
BASH = (
    "curl 'https://site.test/x?a=1' \\\n  -H 'accept: */*' \\\n"
    "  -H 'cookie: SESSDATA=s3%2C1893456000%2Cx; bili_jct=c' \\\n"
    "  -H 'user-agent: Mozilla/5.0 (X11; Linux)' \\\n  --data-raw 'msToken=no' --compressed"
)
TABLE = (
    "Name\tValue\tDomain\tPath\tExpires / Max-Age\tSize\tHttpOnly\n"
    "SESSDATA\ts3%2C1893456000%2Cx\t.site.test\t/\t2030-01-01T00:00:00.000Z\t30\t✓\n"
    "bili_jct\tc\tsite.test\t/\tSession\t9\t\n_ga\t1\t.evil.test\t/\tSession\t3\t"
)


@pytest.mark.parametrize(
    "text",
    [
        "SESSDATA=s3%2C1893456000%2Cx；bili_jct=c",
        "Cookie：SESSDATA=s3%2C1893456000%2Cx； bili_jct=c；",
        "SESSDATA=s3%2C1893456000%2Cx\nbili_jct=c",
        TABLE,
        BASH,
        BASH.replace("-H 'cookie: ", "-b '"),
        BASH.replace("-H 'cookie: ", "--header 'Cookie: "),
        BASH.replace("'cookie: SESSDATA=s3%2C", "$'cookie: SESSDATA=s3\\u00252C"),
        'curl "https://site.test/" ^\n  -H "accept: */*" ^\n  -b "SESSDATA=s3^%^2C1893456000^%^2Cx; bili_jct=c"',
        "-H 'cookie: SESSDATA=s3%2C1893456000%2Cx; bili_jct=c'",
        "GET /x HTTP/1.1\nHost: site.test\nCookie: SESSDATA=s3%2C1893456000%2Cx; bili_jct=c\nX-Token: a=b",
        '"SESSDATA=s3%2C1893456000%2Cx; bili_jct=c"',
        ":authority\nsite.test\ncookie\nSESSDATA=s3%2C1893456000%2Cx; bili_jct=c\nreferer\nhttps://x.test/?a=b",
    ],
)  # fmt: skip
def test_what_people_copy_is_read_whole(text: str) -> None:
    assert parse(text, DOMAINS) == WHOLE


def test_a_value_may_be_json() -> None:
    given = 'g_state={"i_l":0,"i_b":"x"}; a=1'
    assert parse(given, DOMAINS) == {"g_state": '{"i_l":0,"i_b":"x"}', "a": "1"}


@pytest.mark.parametrize(
    "text, words",
    [
        ("a=1; SESSDATA=aaaaaaaa%2C1893456000%2Cbb…XZZ; b=2", "the value of SESSDATA is shortened"),
        ("SESSDATA=aaaa%2C1893456000...; b=2", "the value of SESSDATA is shortened"),
        ("SESSDATA=aaaa%2C1893456000%2Cbb...XZZ; b=2", "the value of SESSDATA is shortened"),
        ('fetch("https://site.test/", {"headers": {"cookie": "sessionid=a; msToken=b"}})', "around the cookie"),
        ("sessionid=a; msToken=b' -H 'accept: */*' --compressed", "around the cookie"),
        ('$session.Cookies.Add((New-Object System.Net.Cookie("sessionid", "a=b")))', "around the cookie"),
        ("\"sessionid=a; msToken=b", "around the cookie"),
        ("sessionid=aaaa%2", "the value of sessionid is shortened"),
        ('{"sessionid": "abc[truncated]"}', "the value of sessionid is shortened"),
        ("sessionid=ab***yz", "the value of sessionid is masked"),
        ("sessionid=••••••••", "the value of sessionid is masked"),
        ("sessionid=ab\ufffdyz", "the value of sessionid is masked"),
        (TABLE.replace("s3%2C", "s3…"), "the value of SESSDATA is shortened"),
        (BASH.replace("s3%2C", "s3…"), "the value of SESSDATA is shortened"),
        ("SESSDATA=aaaa%2C18934560\n00%2Cbbbb; b=2", "the value of SESSDATA contains a line break"),
        ("Set-Cookie: SESSDATA=s3; Path=/; Domain=.site.test", "is a Set-Cookie header of an answer"),
        ("curl 'https://site.test/' -H 'accept: */*'", "has no cookie"),
        ("curl 'https://site.test/' -H 'cookie: a=1", "is truncated"),
    ],
)  # fmt: skip
def test_what_is_visibly_damaged_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        parse(text, DOMAINS)
    assert "aaaa" not in str(error.value) and "s3" not in str(error.value)
