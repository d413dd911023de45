"""Who a crawl is: where its cookies go, where they never show, and what happens where TLS or the proxy fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.crawling import LIST, VIDEO, Crawl, Running, crawl, together, write_config
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=60)
SLOW = World(seed=1, creators=1, videos=600, page_latency=(0.06, 0.0))
ONE, OTHER = WORLD.video(0, 0).bvid, WORLD.video(0, 1).bvid
USER = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
VIEW, NAV, POSTS = "/x/web-interface/view", "/x/web-interface/nav", "/x/space/wbi/arc/search"
COOKIE = WORLD.login_cookie
LOGIN = f'cookie: "{COOKIE}"\n'
SECRETS = [pair.partition("=")[2] for pair in COOKIE.split("; ") if pair.startswith(("SESSDATA", "bili_jct", "sid"))]
NETSCAPE = f"# Netscape HTTP Cookie File\n#HttpOnly_.bilibili.com\tTRUE\t/\tTRUE\t0\tSESSDATA\t{WORLD.sessdata}\n"
EXPORT = json.dumps(
    [
        {"name": "SESSDATA", "value": WORLD.sessdata, "domain": ".bilibili.com", "httpOnly": True},
        {"name": "other", "value": "x", "domain": ".example.com"},
    ]
)
ONE_BY_ONE = {"delay_s": 0, "concurrency": 1}
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/151.0.0.0 Safari/537.36"


def log_in(running: Running) -> None:
    """Give a running crawl a cookie, and remember how much was asked for by then."""
    running.until(lambda: len(running.sim.requests) >= 6)
    write_config(running.folder, LOGIN, ONE_BY_ONE)
    (running.folder / "asked").write_text(str(len(running.sim.requests)))
    running.until(lambda: len(running.sim.requests) >= 14)
    (running.folder / "config" / "bilibili_web" / "config.yaml").write_text("cookie: [unfinished")


def be_another(running: Running) -> None:
    """Give a running crawl another user agent, again and again: its keys belong to a session that was prepared."""
    for number in range(6):
        running.until(lambda least=4 + 3 * number: len(running.sim.requests) >= least)
        write_config(running.folder, f"user_agent: '{AGENT.replace('151', str(150 + number))}'\n", ONE_BY_ONE)


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Crawl]:
    folder = Path(tmp_path_factory.mktemp("cookies"))
    (folder / "cookies.txt").write_text(NETSCAPE)
    (folder / "cookies.json").write_text(EXPORT)
    b23 = f"https://b23.tv/{WORLD.special['b23_video']}"
    profile = [f"uid={WORLD.creator(0).mid}", "router=fetch_user_profile"]
    two = f"identities:\n- {{name: first, cookie: '{COOKIE}'}}\n- {{name: second, user_agent: '{AGENT}'}}\n"
    sets = {"Set-Cookie": "sid_test=kept1; Domain=.bilibili.com; Path=/; Secure"}
    foreign = {"Set-Cookie": "stray=1; Domain=.b23.tv; Path=/"}
    faults = [
        Fault(path=VIEW, nth=1, do="status", headers=sets),
        Fault(path=VIEW, nth=2, do="status", headers=foreign),
    ]
    return together(
        login=lambda: crawl(
            f"url={b23} https://www.bilibili.com/video/{OTHER} {USER}",
            "with=comments",
            "--loglevel=DEBUG",
            world=WORLD,
            config=LOGIN,
            settings={"DATABASE_URL": f"sqlite:///{folder}/login/crawl.db"},
            faults=[Fault(every=9, do="status")],
            folder=folder / "login",
        ),
        environment=lambda: crawl(
            *profile, world=WORLD, config="cookie: 'SESSDATA=x'", env={"BILIBILI_COOKIE": COOKIE}
        ),
        netscape=lambda: crawl(*profile, world=WORLD, config=f"cookie_file: {folder}/cookies.txt"),
        export=lambda: crawl(*profile, world=WORLD, config=f"cookie_file: {folder}/cookies.json"),
        agent=lambda: crawl(f"url={ONE}", world=WORLD, config=f"user_agent: '{AGENT}'\nheaders: {{X-Mine: 'yes'}}"),
        reload=lambda: crawl(f"uid={SLOW.creator(0).mid}", world=SLOW, pace=ONE_BY_ONE, meanwhile=log_in),
        another=lambda: crawl(f"uid={SLOW.creator(0).mid}", world=SLOW, pace=ONE_BY_ONE, meanwhile=be_another),
        set_cookie=lambda: crawl(f"url=https://b23.tv/{WORLD.special['b23_part']}", world=WORLD, faults=faults),
        two=lambda: crawl(f"url={ONE} {OTHER}", world=WORLD, config=two, faults=[Fault(path=VIEW, nth=1, do="risk")]),
        no_ca=lambda: crawl(f"url={ONE} {OTHER}", world=WORLD, config=LOGIN, env={"SSL_CERT_FILE": None}),
        no_proxy=lambda: crawl(
            f"url={ONE}",
            world=WORLD,
            config="proxy: 'http://me:hunter2@127.0.0.1:1'",
            settings={"RETRY_TIMES": 1, "LOG_LEVEL": "DEBUG"},
        ),
        environment_proxy=lambda: crawl(f"url={ONE}", env={"https_proxy": "http://127.0.0.1:1"}),
        **{
            name: lambda config=config: crawl(f"url={ONE}", world=WORLD, config=config)
            for name, config in WRONG.items()
        },
    )


WRONG = {
    "unknown name": "cookies: 'SESSDATA=x'\n",
    "no cookie": "cookie: 'just text'\n",
    "no file": "cookie_file: nowhere.txt\n",
    "no proxy": "proxy: '127.0.0.1:8080'\n",
    "not yaml": "headers: {a: [}\n",
}
SAYS = {
    "unknown name": "cookies",
    "no cookie": "name=value",
    "no file": "nowhere.txt",
    "no proxy": "http://user:pass@host:port",
    "not yaml": "line",
}


def test_the_cookie_goes_to_the_platform_only(crawls: dict[str, Crawl]) -> None:
    done = crawls["login"]
    assert {request.host for request in done.requests} == {"api.bilibili.com", "b23.tv"}
    for request in done.requests:
        if request.host == "api.bilibili.com":
            assert request.cookies["SESSDATA"] == WORLD.sessdata and request.secure
        else:
            assert "cookie" not in request.headers
    assert {record["meta"]["logged_in"] for record in done.of(LIST)} == {True}


def test_the_cookie_shows_nowhere(crawls: dict[str, Crawl]) -> None:
    done = crawls["login"]
    assert len(done.envelopes) > 60 and "DEBUG" in done.err
    shown = [done.out.encode(), done.err.encode()]
    shown += [body for name, body in done.files.items() if not name.startswith("config/")]
    shown += [name.encode() for name in done.files]
    for secret in SECRETS:
        assert len(secret) >= 8
        assert not any(secret.encode() in text for text in shown)


@pytest.mark.parametrize("name", ["environment", "netscape", "export"])
def test_where_a_cookie_may_come_from(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert done.only()["data"]["meta"]["logged_in"] is True
    assert {request.cookies["SESSDATA"] for request in done.requests} == {WORLD.sessdata}
    assert not any("other" in request.cookies for request in done.requests)


def test_the_browser_that_the_cookie_came_from(crawls: dict[str, Crawl]) -> None:
    done = crawls["agent"]
    assert {request.headers["user-agent"] for request in done.requests} == {AGENT}
    assert {request.headers["x-mine"] for request in done.requests} == {"yes"}
    assert {request.headers["accept-language"] for request in done.requests} == {"zh-CN,zh;q=0.9"}, "from the example"
    assert done.only()["data"]["video_data"]["headers"]["User-Agent"] == AGENT


def test_a_running_crawl_takes_a_new_cookie_up(crawls: dict[str, Crawl]) -> None:
    done = crawls["reload"]
    before = int(done.files["asked"])
    assert not any("SESSDATA" in request.cookies for request in done.requests[:before])
    after = [request.cookies.get("SESSDATA") for request in done.requests[before:]]
    assert after[0] in (None, WORLD.sessdata) and set(after[1:]) == {WORLD.sessdata}
    assert [record["video_id"] for record in done.records] == list(SLOW.bvids(0)) and done.code == 0
    logged_in = [record["meta"]["logged_in"] for record in done.records]
    assert logged_in == sorted(logged_in) and {*logged_in} == {False, True}
    assert len({record["meta"]["identity"] for record in done.records}) == 2
    assert "stays in use" in done.err, "a file that cannot be read changes nothing"


def test_cookies_that_answers_set_are_kept(crawls: dict[str, Crawl]) -> None:
    done = crawls["set_cookie"]
    first, *others = done.asked(VIEW)
    assert "sid_test" not in first.cookies and {request.cookies["sid_test"] for request in others} == {"kept1"}
    assert not any("stray" in request.cookies for request in done.requests)
    assert all("buvid3" in request.cookies for request in done.asked(VIEW))
    assert done.code == 0


def test_another_identity_goes_on(crawls: dict[str, Crawl]) -> None:
    done = crawls["two"]
    assert done.code == 0 and {record["video_id"] for record in done.of(VIDEO)} == {ONE, OTHER}
    challenged, *others = done.asked(VIEW)
    assert len({record["meta"]["identity"] for record in done.records}) == 1
    assert all(request.headers["user-agent"] != challenged.headers["user-agent"] for request in others[1:])


def test_a_certificate_that_is_not_known_ends_it_before_anything_is_sent(crawls: dict[str, Crawl]) -> None:
    done = crawls["no_ca"]
    assert done.requests == [] and done.codes == [502, 502] and done.code == 3
    for failure in done.failures:
        assert failure["error"]["name"] == "UPSTREAM" and "SSL_CERT_FILE" in failure["error"]["message"]


@pytest.mark.parametrize("name", ["no_proxy", "environment_proxy"])
def test_a_proxy_that_is_down(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    envelope = done.only()
    assert (envelope["code"], envelope["data"]["error"]["name"], done.code) == (503, "PROXY", 3)
    assert "proxy" in envelope["data"]["error"]["remedy"] and done.requests == []
    assert "hunter2" not in done.err + json.dumps(envelope)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_configuration_is_wrong_usage(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert (done.code, done.requests) == (2, [])
    assert SAYS[name] in done.err.partition("error:")[2]


def test_a_new_user_agent_has_its_session_prepared(crawls: dict[str, Crawl]) -> None:
    done = crawls["another"]
    assert done.code == 0 and len(done.records) == 600
    assert all(request.query.get("w_rid") for request in done.asked(POSTS)) and {
        request.status for request in done.requests
    } == {200}
    assert len({request.headers["user-agent"] for request in done.requests}) > 4
    assert not any("-352" in line for line in done.err.splitlines())
