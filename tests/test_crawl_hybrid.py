"""One crawl over all platforms: each input gets its one envelope, each platform its own identity, pace and verdicts."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.crawling import Crawl, Running, by_target, crawl, together, write_config
from tests.mixed import LOGIN, Mixed, mixed, write
from tests.parts import IS_NIGHTLY
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=40)
SLOW = World(seed=2, creators=3, videos=40, page_latency=(0.03, 0.0))
INPUTS, OTHERS = mixed(WORLD, 300 if IS_NIGHTLY else 150), mixed(SLOW, 60)
ROUTER = "/api/hybrid/video_data"
HOSTS = {
    "bilibili": ("bilibili.com", "b23.tv"),
    "douyin": ("douyin.com", "iesdouyin.com"),
    "tiktok": ("tiktok.com", "tiktokv.com"),
}
SERVICES = {"bilibili": "bilibili_web", "douyin": "douyin_web", "tiktok": "tiktok_web"}
ONE_BY_ONE = {"delay_s": 0, "concurrency": 1}
RENEWED_AFTER = 30
NOBODYS = ("foreign host", "no link", "an id that two platforms have")
REFUSED = {
    "nothing in it": None,
    "https://youtu.be/abc": None,
    "7300000000000000002": None,
    "https://b23.tv/Ab": "bilibili",
    "https://v.douyin.com/": "douyin",
    "https://www.douyin.com/hashtag/猫": "douyin",
    "https://vm.tiktok.com/ZMat/": "tiktok",
    "https://www.tiktok.com/@josé": "tiktok",
    "www.bilibili.com/video/av1x": "bilibili",
}


def cookie(world: World, platform: str) -> str:
    return {
        "bilibili": world.login_cookie,
        "douyin": world.douyin.login_cookie,
        "tiktok": world.tiktok.login_cookie,
    }[platform]


def logins(world: World) -> dict[str, str]:
    return {service: f'cookie: "{cookie(world, platform)}"\n' for platform, service in SERVICES.items()}


def run(inputs: list[Mixed], folder: Path, *words: str, **more) -> Crawl:
    folder.mkdir()
    more.setdefault("configs", dict.fromkeys([*SERVICES.values(), "tiktok_app"], ""))
    file = write(inputs, folder / "inputs.txt")
    return crawl(f"file={file}", *words, command=("crawl", "hybrid"), folder=folder, **more)


def go_on(folder: Path, **more) -> Crawl:
    more.setdefault("configs", dict.fromkeys([*SERVICES.values(), "tiktok_app"], ""))
    return crawl(command=("resume",), folder=folder, **more)


def renew(running: Running) -> None:
    """Replace every cookie while the crawl runs, and remember how much was asked for by then."""
    running.until(lambda: len(running.sim.requests) >= RENEWED_AFTER)
    for service, lines in logins(SLOW).items():
        write_config(running.folder, lines, ONE_BY_ONE, service)
    (running.folder / "asked").write_text(str(len(running.sim.requests)))


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Crawl]:
    folder = Path(tmp_path_factory.mktemp("hybrid"))
    waf = [Fault(host="*.douyin.com", do="captcha"), Fault(host="*.iesdouyin.com", do="captcha")]
    return together(
        mixed=lambda: run(INPUTS, folder / "mixed", world=WORLD, configs=logins(WORLD), process=True),
        anonymous=lambda: run(OTHERS, folder / "anonymous", world=SLOW, configs=dict.fromkeys(SERVICES.values(), "")),
        challenged=lambda: run(OTHERS, folder / "challenged", world=SLOW, configs=logins(SLOW), faults=waf),
        limited=lambda: crawl(
            f"url={' '.join(WORLD.douyin.video(0, place).id for place in range(8))}",
            world=WORLD,
            command=("crawl", "douyin"),
            configs={"douyin_web": ""},
            pace=ONE_BY_ONE,
            settings={"PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 1500},
            env={"RATE_LIMIT_WAIT": "0.01"},  # it doubles with each
            faults=[Fault(do="rate_limit", retry_after=0)],
            process=True,  # its last route is a browser's
        ),
        refused=lambda: crawl(
            "url=" + "\n".join(REFUSED),
            world=WORLD,
            command=("crawl", "hybrid"),
            configs=dict.fromkeys(SERVICES.values(), ""),
        ),
        renewed=lambda: run(OTHERS, folder / "renewed", world=SLOW, pace=ONE_BY_ONE, meanwhile=renew),
    )


def service_of(host: str) -> str:
    return next(
        name for name, hosts in HOSTS.items() if any(host == domain or host.endswith(f".{domain}") for domain in hosts)
    )


@pytest.mark.parametrize(
    "name, inputs", [("mixed", INPUTS), ("anonymous", OTHERS), ("challenged", OTHERS), ("renewed", OTHERS)]
)
def test_each_input_gets_one_envelope(crawls: dict[str, Crawl], name: str, inputs: list[Mixed]) -> None:
    done = crawls[name]
    assert len(done.envelopes) == len(inputs)
    assert Counter(envelope["data"]["meta"]["target"] for envelope in done.envelopes) == Counter(
        entry.given for entry in inputs
    )
    assert {envelope["router"] for envelope in done.envelopes} == {ROUTER}
    for meta in (record["meta"] for record in done.records):
        assert meta["router"].startswith(f"/api/{meta['platform']}/"), "it names the endpoint that gave the record"


@pytest.mark.parametrize("name, inputs", [("mixed", INPUTS), ("anonymous", OTHERS), ("renewed", OTHERS)])
def test_each_envelope_is_the_expected_one(crawls: dict[str, Crawl], name: str, inputs: list[Mixed]) -> None:
    came = by_target(crawls[name])
    odd = []
    for entry in inputs:
        [envelope] = came[entry.given]
        result = envelope["code"], envelope["data"].get("video_id") or ""
        code = 200 if entry.code == LOGIN and name == "mixed" else entry.code  # there, each session is logged in
        if result != (code, entry.id if code == 200 else ""):
            odd.append((entry, result, envelope["data"].get("error")))
    assert not odd
    assert crawls[name].code == 3, "some inputs were bad"


def test_a_record_says_whose_it_is(crawls: dict[str, Crawl]) -> None:
    came = by_target(crawls["mixed"])
    for entry in INPUTS:
        meta = came[entry.given][0]["data"]["meta"]
        assert meta["platform"] == (None if entry.what in NOBODYS else entry.platform)
        assert (meta["surface"] is None) == (entry.what in NOBODYS)


def test_what_is_refused_says_whose_it_is_as_far_as_it_tells(crawls: dict[str, Crawl]) -> None:
    done = crawls["refused"]
    assert done.codes == [400] * len(REFUSED) and done.requests == [] and done.code == 2
    platforms = {target: envelopes[0]["data"]["meta"]["platform"] for target, envelopes in by_target(done).items()}
    assert platforms == REFUSED
    assert {envelope["data"]["meta"]["surface"] for envelope in done.envelopes} == {None}
    message = by_target(done)["nothing in it"][0]["data"]["error"]["message"]
    assert message.startswith("no link or id found. Example: https://www.")


def test_each_platform_sees_its_own_cookie_only(crawls: dict[str, Crawl]) -> None:
    # where a cookie may go is watched by the simulator: every crawl fails whose cookie is seen elsewhere
    names = {"bilibili": "SESSDATA", "douyin": "sessionid", "tiktok": "sessionid"}
    sent = {platform: set() for platform in HOSTS}
    for request in crawls["mixed"].requests:
        platform = service_of(request.host)
        if value := request.cookies.get(names[platform]):
            sent[platform].add(value)
    for platform, values in sent.items():
        assert len(values) == 1 and values.pop() in cookie(WORLD, platform)


def test_a_challenge_on_one_platform_stops_no_other(crawls: dict[str, Crawl]) -> None:
    done = crawls["challenged"]
    came = by_target(done)
    for entry in OTHERS:
        [envelope] = came[entry.given]
        if entry.platform != "douyin":
            assert envelope["code"] == entry.code, envelope
        elif entry.code == 200:
            assert (envelope["code"], envelope["data"]["error"]["name"]) == (423, "CHALLENGE")
    asked = Counter(service_of(request.host) for request in done.requests)
    assert asked["douyin"] < len(OTHERS) / 3 < asked["tiktok"], "it is left alone then"


def test_a_new_cookie_is_taken_up_by_the_next_request(crawls: dict[str, Crawl]) -> None:
    done = crawls["renewed"]
    asked = int(done.files["asked"])
    names = {"bilibili": "SESSDATA", "douyin": "sessionid", "tiktok": "sessionid"}
    before, after = done.requests[:RENEWED_AFTER], done.requests[asked + len(SERVICES) :]
    assert not any(request.cookies.get(names[service_of(request.host)]) for request in before)
    asked_for = {"bilibili": ("api.bilibili.com",), "douyin": ("www.iesdouyin.com",), "tiktok": ("www.tiktok.com",)}
    for platform, hosts in asked_for.items():
        later = [
            request for request in after if request.host in hosts and "/t/" not in request.path
        ]  # a short link gets none
        assert later and all(request.cookies.get(names[platform]) for request in later)


def interrupt_at_once(running: Running) -> None:
    """Stop a crawl once it has asked for something, if it does."""
    end = time.monotonic() + 20
    while not running.sim.requests and not running.has_ended() and time.monotonic() < end:
        time.sleep(0.01)
    running.interrupt()


def plain(entry: Mixed) -> str:
    """Return a link to the work that a short link stands for, "" where it is none."""
    pages = {"douyin": "https://www.douyin.com/video/", "tiktok": "https://www.tiktok.com/@_/video/"}
    return (
        f"{pages[entry.platform]}{entry.id}" if entry.platform in pages and "short" in entry.what and entry.id else ""
    )


def interrupt(running: Running) -> None:
    running.until(lambda: len(running.sim.requests) >= 20)
    running.interrupt()


def test_a_crawl_with_short_links_is_paused_and_resumed(tmp_path: Path) -> None:
    direct = [entry._replace(line=link, given=link) for entry in OTHERS if (link := plain(entry))]
    inputs = [*OTHERS, *direct, *OTHERS]
    assert len(direct) > 5
    slowly = {"world": SLOW, "pace": ONE_BY_ONE, "meanwhile": interrupt}
    paused = run(inputs, tmp_path / "run", **slowly)
    again = go_on(tmp_path / "run", **slowly)
    whole = go_on(tmp_path / "run", world=SLOW)
    given = Counter(entry.given for entry in inputs)
    assert paused.code == again.code == 3 and len(paused.records) < len(again.records) < len(whole.records)
    assert Counter(envelope["data"]["meta"]["target"] for envelope in whole.envelopes) == given


@pytest.mark.parametrize(
    "lines", [["short", "work"], ["short", "short"], ["work", "short"], ["short", "other", "work"]]
)
def test_a_stop_between_a_short_link_and_its_work_loses_no_line(tmp_path: Path, lines: list[str]) -> None:
    world = World(seed=3, creators=1, videos=3, page_latency=(0.3, 0.0))
    work, links = world.tiktok.video(0, 0), world.tiktok.short_links
    links |= {"ZMSample1": world.tiktok.url(work), "ZMSample2": world.tiktok.url(work)}
    given = {
        "short": "https://vm.tiktok.com/ZMSample1/",
        "other": "https://vm.tiktok.com/ZMSample2/",
        "work": world.tiktok.url(work),
    }
    (tmp_path / "inputs.txt").write_text("".join(f"{given[line]}\n" for line in lines))
    more = {"world": world, "configs": {"tiktok_web": "", "tiktok_app": ""}, "pace": ONE_BY_ONE}
    done = crawl(
        f"file={tmp_path}/inputs.txt",
        **more,
        command=("crawl", "tiktok"),
        meanwhile=interrupt_at_once,
        folder=tmp_path,
    )
    for _ in range(3):
        done = go_on(tmp_path, **more, meanwhile=interrupt_at_once) if done.code else done
    done = go_on(tmp_path, **more) if done.code else done
    assert set(done.codes) == {200}
    answered = Counter(envelope["data"]["meta"]["target"] for envelope in done.envelopes)
    assert answered == Counter(given[line] for line in lines)


def test_a_rate_limit_on_every_route_ends(crawls: dict[str, Crawl]) -> None:
    done = crawls["limited"]
    assert done.codes == [429] * 8 and done.code == 4
    assert len(done.requests) <= 4 * 4 + 1, "1 + RETRY_TIMES a route, and the page that a browser asks in"
