"""The user's configuration: what comes before what, and what is said where it is wrong."""

import json
import logging
import os
import shutil
from pathlib import Path

import pytest

from scraper.identities.service_config import ConfigFile
from scraper.identities.session_file import SessionFile
from scraper.responses.exceptions import ArgumentError
from spiders.bilibili.spider import BILIBILI
from tests.cases import PLATFORMS

SERVICE = BILIBILI.service
NETSCAPE = (
    "# Netscape HTTP Cookie File\n"
    "#HttpOnly_.bilibili.com\tTRUE\t/\tTRUE\t1893456000\tSESSDATA\tfrom%2Cfile\n"
    ".bilibili.com\tTRUE\t/\tFALSE\t0\tbuvid3\tdevice\n"
    ".elsewhere.test\tTRUE\t/\tFALSE\t0\tother\tx\n"
)
EXPORT = [
    {"domain": ".bilibili.com", "name": "SESSDATA", "value": "from%2Cfile", "httpOnly": True},
    {"domain": "www.bilibili.com", "name": "buvid3", "value": "device"},
    {"domain": "evilbilibili.com", "name": "other", "value": "x"},
]


class Folder:
    """A CONFIG_DIR of one test."""

    def __init__(self, path: Path):
        self.path, self._ticks = path, 0

    def write(self, text: str, name: str = "config.yaml") -> None:
        """Write a file so that its time differs from that of any before."""
        self._ticks += 1
        path = self.path / SERVICE.name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        os.utime(path, (1_700_000_000 + self._ticks, 1_700_000_000 + self._ticks))

    def load(self, **environ: str) -> ConfigFile:
        return ConfigFile(SERVICE, self.path, environ)

    def refused(self) -> str:
        with pytest.raises(ArgumentError) as error:
            self.load()
        return str(error.value)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def cookies(config: ConfigFile) -> list[dict[str, str]]:
    return [credential.cookies for credential in config.loaded.credentials]


def test_a_platform_ships_an_example_that_loads(platform, tmp_path: Path) -> None:
    config = ConfigFile(platform.service, tmp_path, {})
    (session,) = config.loaded.credentials
    assert "Mozilla" in session.user_agent and session.cookies == {} and session.proxy is None
    assert config.loaded.pace.delay_s > 0 and config.loaded.headers["Referer"].startswith("https://")
    assert list(tmp_path.iterdir()) == [], "reading writes nothing"


def test_services_have_names_of_their_own() -> None:
    for names in ([p.service.name for p in PLATFORMS], [p.service.cookie_variable for p in PLATFORMS]):
        assert len(set(names)) == len(names)


def test_what_the_file_does_not_say_comes_from_the_example(folder: Folder) -> None:
    plain = folder.load().loaded
    folder.write("cookie: SESSDATA=a%2Cb\npace: {concurrency: 2}\nheaders: {X-Own: '1'}\nproxy: null\n")
    own = folder.load().loaded
    assert own.credentials[0].cookies == {"SESSDATA": "a%2Cb"}
    assert (own.pace.delay_s, own.pace.concurrency) == (plain.pace.delay_s, 2)
    assert own.headers == {**plain.headers, "X-Own": "1"}
    assert own.credentials[0].user_agent == plain.credentials[0].user_agent


def test_an_hourly_limit_and_quiet_hours_are_read(folder: Folder) -> None:
    assert folder.load().loaded.pace.per_hour is None
    folder.write("pace: {per_hour: 60, quiet_hours: '23:00-07:00'}\n")
    assert folder.load().loaded.pace.per_hour == 60 and folder.load().loaded.pace.delay_s > 0
    folder.write("pace: {quiet_hours: [23:00-07:00]}\n")  # no number of base 60
    assert folder.load().loaded.pace.quiet_hours == ["23:00-07:00"]
    folder.write("pace: {quiet_hours: ['23:00-07:00', 12:00-13:00 Asia/Shanghai]}\n")
    noon = 1_767_240_000.0  # 2026-01-01 12:00 in Shanghai
    assert folder.load().loaded.quiet_hours.next_allowed(noon) >= noon + 3600


@pytest.mark.parametrize(
    "pace, says",
    [("{per_hour: 0}", "a per_hour of 1 to 100000, or null"), ("{per_hour: 100001}", "a per_hour of 1 to 100000"),
     ("{per_hour: many}", "per_hour"), ("{per_hour: 1.5}", "per_hour"), ("{quiet_hours: 23}", "quiet_hours"),
     ("{quiet_hours: 23-07}", "must have the form"), ("{quiet_hours: ['23:00-07:00', '7:00-8:00']}", "'7:00-8:00'"),
     ("{quiet_hours: 23:00-07:00 Mars/Base}", "unknown time zone"), ("{quiet: []}", "quiet"),
     ("{quiet_hours: ['00:00-12:00', '12:00-00:00']}", "no time of the day")],
)  # fmt: skip
def test_a_wrong_pace_is_refused_with_the_file_and_the_name(folder: Folder, pace: str, says: str) -> None:
    folder.write(f"pace: {pace}\n")
    message = folder.refused()
    assert says in message and str(folder.path) in message and "config.yaml" in message


def test_a_handshake_is_wanted_only_where_the_file_says_so(folder: Folder) -> None:
    assert folder.load().loaded.impersonate is False
    folder.write("impersonate: true\n")
    assert folder.load().loaded.impersonate is True
    folder.write("impersonate: false\n", "config.yaml")
    assert folder.load().loaded.impersonate is False


def test_the_user_s_own_example_counts_before_the_shipped_one(folder: Folder) -> None:
    folder.write("pace: {delay_s: 9, concurrency: 1}\nuser_agent: Own/1\n", "config.example.yaml")
    assert folder.load().loaded.pace.delay_s == 9
    folder.write("user_agent: Mine/2\n")
    assert folder.load().loaded.credentials[0].user_agent == "Mine/2"


def test_the_environment_counts_before_the_file(folder: Folder) -> None:
    folder.write("cookie: SESSDATA=file\nidentities: [{name: a, cookie: SESSDATA=a}, {name: b, cookie: SESSDATA=b}]\n")
    assert cookies(folder.load()) == [{"SESSDATA": "a"}, {"SESSDATA": "b"}]
    assert cookies(folder.load(**{SERVICE.cookie_variable: "SESSDATA=environ"})) == [{"SESSDATA": "environ"}]
    assert cookies(folder.load(**{SERVICE.cookie_variable: ""})) == [{"SESSDATA": "a"}, {"SESSDATA": "b"}]


@pytest.mark.parametrize(
    "text", [NETSCAPE, NETSCAPE.replace("\n", "\r\n"), json.dumps(EXPORT), json.dumps({"cookies": EXPORT}),
             "SESSDATA=from%2Cfile; buvid3=device", "Cookie: SESSDATA=from%2Cfile;buvid3=device\n",
             "SESSDATA=from%2Cfile\nbuvid3=device\n", json.dumps({"SESSDATA": "from%2Cfile", "buvid3": "device"}),
             "\ufeff" + NETSCAPE],
)  # fmt: skip
def test_a_cookie_file_of_any_form(folder: Folder, text: str) -> None:
    folder.write(text, "cookies.txt")
    folder.write("cookie_file: cookies.txt\n")
    assert cookies(folder.load()) == [{"SESSDATA": "from%2Cfile", "buvid3": "device"}]


def test_a_cookie_counts_before_a_cookie_file(folder: Folder) -> None:
    folder.write("cookie: a=1\ncookie_file: not-there.txt\n")
    assert cookies(folder.load()) == [{"a": "1"}]


def test_several_identities(folder: Folder) -> None:
    folder.write(
        "user_agent: Shared/1\nproxy: http://shared.test:1\n"
        "identities:\n  - {name: a, cookie: SESSDATA=a}\n  - {name: b, user_agent: Own/2, proxy: 'http://own.test:2'}\n"
    )
    first, second = folder.load().loaded.credentials
    assert (first.name, first.user_agent, first.proxy) == ("a", "Shared/1", "http://shared.test:1")
    assert (second.name, second.user_agent, second.proxy, second.cookies) == ("b", "Own/2", "http://own.test:2", {})


@pytest.mark.parametrize(
    "text, words",
    [
        ("coookie: a=1\n", ["coookie", "config.example.yaml"]),
        ("pace: {delay: 3}\n", ["delay"]),
        ("pace: {delay_s: -1}\n", ["delay_s of 0 to 3600"]),
        ("pace: {concurrency: 0}\n", ["concurrency of 1 to 64"]),
        ("pace: {delay_s: soon}\n", ["pace"]),
        ("impersonate: chrome\n", ["impersonate", "bool"]),
        ("identities: [{nam: a}]\n", ["nam"]),
        ("identities: [{name: a}, {name: a}]\n", ["different names"]),
        ("identities: [{cookie: a=1}, {cookie: a=2}]\n", ["different names"]),
        ("cookie: a=1\n  b: 2\n", ["is not valid YAML at line", "config.example.yaml"]),
        ("- a\n- b\n", ["has no `name: value` lines"]),
        ("just a text\n", ["has no `name: value` lines"]),
        ("cookie: no pairs here\n", ["the cookie of bilibili", "no cookie found"]),
        ("cookie_file: not-there.txt\n", ["cookie_file", "not-there.txt", "does not exist"]),
        ("cookie: 2020-13-45\n", ["the cookie of bilibili", "no cookie found"]),
        ("name: !!timestamp x\n", ["is not valid YAML at line 1"]),
        ("pace: {delay_s: 2020-01-01}\n", ["config.yaml", "pace.delay_s"]),
        (f"pace: {{concurrency: {10**30}}}\n", ["config.yaml", "pace.concurrency"]),
        (f"pace: {{delay_s: {'9' * 5000}}}\n", ["config.yaml", "pace.delay_s"]),
        ("impersonate: !!bool maybe\n", ["config.yaml", "impersonate"]),
        ("pace: {delay_s: !!float x}\n", ["config.yaml", "pace.delay_s"]),
        (f"cookie: {'[' * 3000}{']' * 3000}\n", ["config.yaml", "nested too deeply"]),
        ('cookie_file: "a\\0b"\n', ["config.yaml", "cookie_file", "control character"]),
        ("cookie_file: ~nosuchuser/c.txt\n", ["config.yaml", "cookie_file", "~nosuchuser", "no such user"]),
        ("cookie_file: /dev/zero\n", ["cookie_file", "/dev/zero", "not a regular file"]),
        ("cookie_file: .\n", ["cookie_file", "not a regular file"]),
        ('user_agent: "Agent\\r\\nX-Injected: 1"\n', ["user_agent"]),
        ('headers: {X-Own: "1\\r\\nX-Injected: 1"}\n', ["X-Own"]),
        ('headers: {"X-Own: 1\\r\\nX": "1"}\n', ["X-Own"]),
        ('proxy: "http://proxy.test:1\\r\\nX: 1"\n', ["proxy"]),
    ],
)
def test_a_wrong_file_says_what_is_wrong(folder: Folder, text: str, words: list[str]) -> None:
    folder.write(text)
    message = folder.refused()
    assert [word for word in words if word not in message] == []
    assert "\r" not in message and "\n" not in message and "9999" not in message


def test_a_message_never_shows_a_cookie(folder: Folder) -> None:
    for text in ("cookie: [SECRET]\n", "cookie: SECRET\n", "cookie: SECRET\n  SECRET: SECRET\n"):
        folder.write(text)
        assert "SECRET" not in folder.refused()


def test_what_would_inject_a_header_is_no_cookie(folder: Folder) -> None:
    folder.write('cookie: "a=1; b=2\\r\\nX-Injected: 1; c=3"\n')
    assert "line break" in folder.refused()


def test_a_change_is_taken_up(folder: Folder) -> None:
    folder.write("cookie: SESSDATA=one\n")
    config = folder.load()
    assert config.reload() is False
    folder.write("cookie: SESSDATA=two\n")
    assert config.reload() is True and cookies(config) == [{"SESSDATA": "two"}]
    assert config.reload() is False


def test_a_changed_cookie_file_is_taken_up(folder: Folder) -> None:
    folder.write("SESSDATA=one", "c.txt")
    folder.write("cookie_file: c.txt\n")
    config = folder.load()
    folder.write("SESSDATA=two", "c.txt")
    assert config.reload() is True and cookies(config) == [{"SESSDATA": "two"}]


def test_a_file_that_appears_later_is_taken_up(folder: Folder) -> None:
    config = folder.load()
    folder.write("cookie: SESSDATA=new\n")
    assert config.reload() is True and cookies(config) == [{"SESSDATA": "new"}]


@pytest.mark.parametrize(
    "broken",
    [
        "cookie: [",
        "coookie: x\n",
        "cookie: none\n",
        "cookie_file: gone.txt\n",
        "cookie: 2020-13-45\n",
        "cookie: " + "[" * 3000,
        'cookie_file: "a\\0b"\n',
        "cookie_file: ~nosuchuser/c\n",
    ],
)
def test_a_broken_file_in_mid_crawl_keeps_the_one_before(
    folder: Folder, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write("cookie: SESSDATA=one\n")
    config = folder.load()
    folder.write(broken)
    with caplog.at_level(logging.WARNING):
        assert config.reload() is False and cookies(config) == [{"SESSDATA": "one"}]
        assert config.reload() is False
    assert len(caplog.records) == 1, "one word for each change is enough"
    folder.write("cookie: SESSDATA=two\n")
    assert config.reload() is True and cookies(config) == [{"SESSDATA": "two"}]


@pytest.mark.parametrize("text", ["", "\ufeff\n \n", "# Netscape HTTP Cookie File\n"])
def test_a_cookie_file_without_cookies_is_refused(folder: Folder, text: str) -> None:
    """Otherwise the crawl would go without the login that the user named."""
    folder.write(text, "cookies.txt")
    folder.write("cookie_file: cookies.txt\n")
    assert "cookies.txt" in (words := folder.refused()) and ("is empty" in words or "no cookie found" in words)


def test_a_file_that_is_too_large_is_not_read(folder: Folder) -> None:
    folder.write("cookie_file: large.txt\n")
    with (folder.path / SERVICE.name / "large.txt").open("wb") as file:
        file.truncate(2**30)
    assert "too large" in folder.refused()


def test_a_folder_that_was_named_must_be_there(tmp_path: Path) -> None:
    missing = tmp_path / "confg"
    for read in (lambda: ConfigFile(SERVICE, missing), lambda: SessionFile(SERVICE, str(missing), "")):
        with pytest.raises(ArgumentError, match=r"CONFIG_DIR=.*confg does not exist"):
            read()
    assert not missing.exists()
    missing.write_text("")
    with pytest.raises(ArgumentError, match="is not a folder"):
        ConfigFile(SERVICE, missing)


def test_a_folder_that_goes_in_mid_crawl_keeps_what_was_read(folder: Folder) -> None:
    folder.write("cookie: SESSDATA=one\n")
    config = folder.load()
    shutil.rmtree(folder.path)
    assert config.reload() is False and cookies(config) == [{"SESSDATA": "one"}]
    assert not folder.path.exists()
