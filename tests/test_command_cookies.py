"""`scrapy update_cookie` and `scrapy cookies`: what they take, what they say, and what they never show."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from scraper.commands import update_cookie
from scraper.identities.cookie_report import end_in, inspect
from scraper.identities.session_file import SessionFile
from scraper.platform.registry import service_named
from scraper.platform.service import Service
from spiders.bilibili.spider import BILIBILI
from tests.commands import Result, Shell

NAME, LABEL = BILIBILI.service.name, BILIBILI.service.label
LATER, PAST = 4_000_000_000, 1_600_000_000
SECRET = f"s3cr3t%2C{LATER}%2Cs3cr3t"
HEADER = f"SESSDATA={SECRET}; bili_jct=s3cr3tcsrf; DedeUserID=42"
NETSCAPE = f"#HttpOnly_.bilibili.com\tTRUE\t/\tTRUE\t{LATER}\tSESSDATA\ts3cr3t\n.x.test\tTRUE\t/\tTRUE\t1\ta\t1\n"
EXPORT = json.dumps([{"name": "SESSDATA", "value": "s3cr3t", "domain": ".bilibili.com", "expirationDate": LATER + 0.5}])


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def path(shell: Shell) -> Path:
    return shell.folder / NAME / "config.yaml"


def silent(done: Result) -> Result:
    assert "s3cr3t" not in done.out + done.err
    return done


def update(shell: Shell, cookie: str, *more: str) -> Result:
    return silent(shell("update_cookie", "--service", LABEL, "--cookie", cookie, *more))


@pytest.mark.parametrize("service", [LABEL, NAME, f" {LABEL.upper()}", LABEL + "_web"])
def test_a_cookie_is_written_and_told_of(shell: Shell, service: str) -> None:
    done = silent(shell("update_cookie", "--service", service, "--cookie", HEADER))
    assert done.code == 0 and "3 cookies, logged in, until 2096-10-02" in done.out and str(path(shell)) in done.out
    assert yaml.safe_load(path(shell).read_text("utf-8"))["cookie"] == HEADER
    assert path(shell).stat().st_mode & 0o777 == 0o600
    (row,) = json.loads(silent(shell("cookies", LABEL, "--json")).out)
    assert (row["logged_in"], row["expires"], row["missing"], row["problem"]) == (True, LATER, [], "")


@pytest.mark.parametrize("text", [NETSCAPE, EXPORT])
def test_a_file_tells_when_it_ends(shell: Shell, tmp_path: Path, text: str) -> None:
    (tmp_path / "given").write_text(text)
    done = silent(shell("update_cookie", "--service", LABEL, "--file", str(tmp_path / "given")))
    assert done.code == 0 and "1 cookie, logged in, until 2096-10-02" in done.out
    assert "missing: bili_jct, DedeUserID" in done.out
    assert yaml.safe_load(path(shell).read_text("utf-8"))["cookie"] == "SESSDATA=s3cr3t"


def test_a_cookie_file_tells_when_it_ends_later_as_well(shell: Shell) -> None:
    path(shell).parent.mkdir()
    (path(shell).parent / "c.txt").write_text(NETSCAPE)
    path(shell).write_text("cookie_file: c.txt\n")
    assert "until 2096-10-02" in silent(shell("cookies")).out


AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/151.0.0.0 Safari/537.36"
)
NAMED = [{"name": "user-agent", "value": AGENT}, {"name": "Cookie", "value": HEADER}]


def har(url: str, headers: list[dict[str, str]], cookies: object = None) -> str:
    entries = [{"request": {"url": url, "headers": headers, "cookies": cookies}}, {"request": None}, 1]
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


@pytest.mark.parametrize(
    "text",
    [
        f"curl 'https://www.bilibili.com/' -H 'user-agent: {AGENT}' -b '{HEADER}'",
        f"curl 'https://www.bilibili.com/' -A '{AGENT}' -H 'Cookie: {HEADER}'",
        f"GET / HTTP/1.1\r\nHost: www.bilibili.com\r\nUser-Agent: {AGENT}\r\nCookie: {HEADER}\r\n",
        f"user-agent\n{AGENT}\ncookie\n{HEADER}",
        har("https://api.bilibili.com/x", NAMED),
        har("https://www.bilibili.com/", NAMED[:1], [{"name": "SESSDATA", "value": SECRET}]),
    ],
)
def test_a_copied_request_gives_the_user_agent_too(shell: Shell, tmp_path: Path, text: str) -> None:
    (tmp_path / "given").write_text(text, "utf-8", newline="")
    done = silent(shell("update_cookie", "--service", LABEL, "--file", str(tmp_path / "given")))
    assert done.code == 0 and "user_agent: Chrome 151 on Windows" in done.out, done.err
    written = yaml.safe_load(path(shell).read_text("utf-8"))
    assert written["user_agent"] == AGENT and written["cookie"].startswith(f"SESSDATA={SECRET}")


@pytest.mark.parametrize("text", [har("https://x.test/", NAMED), har("https://www.bilibili.com/", NAMED[:1])])
def test_a_har_without_a_cookie_of_the_platform_changes_nothing(shell: Shell, text: str) -> None:
    done = update(shell, text)
    assert done.code == 2 and "the HAR has no cookie of bilibili.com" in done.err and not path(shell).exists()


def test_a_user_agent_by_itself(shell: Shell) -> None:
    refused = AGENT.replace("151", "145")
    done = silent(
        shell("update_cookie", "--service", "tiktok_web", "--cookie", "sessionid=s3cr3ts3", "--user-agent", refused)
    )
    assert done.code == 0 and "but TikTok refuses Chrome 140 to 149" in done.out
    assert yaml.safe_load((shell.folder / "tiktok_web/config.yaml").read_text())["user_agent"] == refused
    for wrong in ("curl/8.5.0", "Mozilla/5.0", f"{AGENT}\nX: y"):
        done = update(shell, HEADER, "--user-agent", wrong)
        assert done.code == 2 and "not a browser's user agent" in done.err and not path(shell).exists()


@pytest.mark.parametrize("file", ["/dev/zero", "a pipe"])
def test_a_file_without_an_end_is_refused_and_a_pipe_is_read(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.setattr(update_cookie, "_MOST_BYTES", 10_000)
    if file == "/dev/zero":
        done = shell("update_cookie", "--service", LABEL, "--file", file)
        assert done.code == 2 and "too large" in done.err and not path(shell).exists()
        return
    os.mkfifo(pipe := tmp_path / "pipe")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(pipe.write_text, HEADER)
        assert shell("update_cookie", "--service", LABEL, "--file", str(pipe)).code == 0


def test_standard_input(shell: Shell) -> None:
    given = f"\ufeffCookie: {HEADER}\r\n".encode()
    assert silent(shell("update_cookie", "--service", LABEL, "--cookie", "-", stdin=given)).code == 0
    assert yaml.safe_load(path(shell).read_text("utf-8"))["cookie"] == HEADER


@pytest.mark.parametrize(
    "cookie", ["", "  ", "s3cr3t", "[s3cr3t", '[{"name": "a", "domain": "x.y", "value": "s3cr3t"}]']
)
def test_what_holds_no_cookie_changes_nothing(shell: Shell, cookie: str) -> None:
    path(shell).parent.mkdir()
    path(shell).write_text("cookie: old=1 # mine\n")
    done = update(shell, cookie)
    assert done.code == 2 and "nothing was changed" in done.err and path(shell).read_text() == "cookie: old=1 # mine\n"


@pytest.mark.parametrize(
    "words",
    [["--service", "nowhere", "--cookie", "a=1"], ["--service", LABEL], ["--cookie", "a=1"],
     ["--service", LABEL, "--cookie", "a=1", "--file", "x"], ["--service", LABEL, "--file", "no-such-file"],
     ["--service", LABEL, "--cookie", "a=1;", "s3cr3t=2"]],
)  # fmt: skip
def test_wrong_usage(shell: Shell, words: list[str]) -> None:
    assert silent(shell("update_cookie", *words)).code == 2 and not path(shell).exists()


def test_a_session_without_a_login_or_past_its_end_is_written_and_said(shell: Shell) -> None:
    done = update(shell, "buvid3=x")
    assert done.code == 0 and "not logged in; missing: SESSDATA" in done.out and "log in with your browser" in done.out
    assert "login expired, until 2020-09-13" in update(shell, f"SESSDATA=a%2C{PAST}%2Cb").out


def test_one_of_several_identities(shell: Shell) -> None:
    path(shell).parent.mkdir()
    path(shell).write_text("identities:\n- {name: a, cookie: x=1} # A\n- {name: b}\n")
    assert "select one with --identity: a, b" in update(shell, HEADER).err
    assert update(shell, HEADER, "--identity", "b").code == 0
    assert "# A" in path(shell).read_text()
    rows = json.loads(silent(shell("cookies", "--json")).out)
    assert [(row["identity"], row["logged_in"]) for row in rows if row["service"] == LABEL] == [
        ("a", False),
        ("b", True),
    ]


def test_of_several_programs_at_once_none_loses_an_update(tmp_path: Path) -> None:
    names = [f"i{number}" for number in range(8)]
    (tmp_path / NAME).mkdir()
    rows = "".join(f"- {{name: {name}, cookie: old}}\n" for name in names)
    (tmp_path / NAME / "config.yaml").write_text(f"identities:\n{rows}")
    files = [SessionFile(BILIBILI.service, str(tmp_path), name) for name in names]
    with ThreadPoolExecutor(len(names)) as pool:
        codes = list(pool.map(lambda file: file.update({"cookie": f"SESSDATA={file.identity}"}), files))
    written = yaml.safe_load((tmp_path / NAME / "config.yaml").read_text())["identities"]
    assert {row["name"]: row["cookie"] for row in written} == {name: f"SESSDATA={name}" for name in names}
    assert codes == [0] * len(names)


def test_a_damaged_cookie_changes_nothing(shell: Shell) -> None:
    done = update(shell, "SESSDATA=s3cr3t%2C1893456000%2Cbb…XZZ; bili_jct=x")
    assert done.code == 2 and "the value of SESSDATA is shortened" in done.err and not path(shell).exists()
    assert update(shell, f"-H 'cookie: {HEADER}'").code == 0


def test_the_environment_that_wins_is_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BILIBILI.service.cookie_variable, "SESSDATA=s3cr3t")
    assert f"{BILIBILI.service.cookie_variable} is set in the environment" in update(shell, HEADER).out
    assert BILIBILI.service.cookie_variable in silent(shell("cookies", LABEL)).out


def test_a_file_that_others_may_read_and_one_that_cannot_be_read(shell: Shell) -> None:
    update(shell, HEADER)
    path(shell).chmod(0o644)
    done = shell("cookies")
    assert done.code == 0 and f"chmod 600 {path(shell)}" in done.out
    path(shell).write_text("cookie: [s3cr3t\n")
    done = silent(shell("cookies"))
    assert done.code == 1 and "is not valid YAML" in done.out


def test_no_cookie_at_all(shell: Shell) -> None:
    done = shell("cookies", LABEL)
    assert done.code == 0 and "no cookie; a login needs SESSDATA" in done.out


def service(**more: object) -> Service:
    return Service(
        name="app", label="app", surface="app", hosts=(), cookie_domains=("x.test",), cookie_variable="X",
        login_cookies=("sid", "sid_ss"), **more,
    )  # fmt: skip


def test_what_a_session_says_of_itself() -> None:
    whole = inspect(service(expiry_cookies=("guard",)), {"sid": "1", "guard": "h%7C1000000000%7C500%7CThu"}, {}, 0)
    assert whole.logged_in and whole.expires == 1_000_000_500 and whole.missing == []
    late = inspect(service(), {"sid_ss": "1"}, {"sid_ss": 100, "other": 1}, 101)
    assert late.expired and not late.logged_in and late.expires == 100
    assert inspect(service(), {"x": "1"}, {}, 0).missing == ["sid or sid_ss"]
    assert inspect(service(wanted_cookies=("sid", "device")), {"sid": "1"}, {}, 0).missing == ["device"]


@pytest.mark.parametrize("value", ["", "a", "1", "%", "%7C", "1|1700000000x|2", "170000000", "a%2C17000000001"])
def test_a_value_that_tells_no_end(value: str) -> None:
    assert end_in(value) is None


def test_a_service_by_any_of_its_names() -> None:
    known = [service(), BILIBILI.service]
    for word in (NAME, LABEL, "app", "app_web"):
        assert service_named(word, known).name in (NAME, "app")
    with pytest.raises(ValueError, match="did you mean bilibili"):
        service_named("bilibil", known)
