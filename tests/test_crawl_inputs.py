"""What a user may give: links, share texts, ids, files, parameters; and what is wrong with what he gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawling import COMMENTS, LIST, ROUTER, VIDEO, Crawl, Envelope, by_target, crawl, together
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=20)
ONE, OTHER, THIRD = WORLD.video(0, 0), WORLD.video(0, 1), WORLD.video(1, 0)
VIEW = "/x/web-interface/view"
USER = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
FORMS = [
    f"https://www.bilibili.com/video/{ONE.bvid}",
    f"http://www.bilibili.com/video/{ONE.bvid}/?p=1&share_source=copy_web&vd_source=0123",
    f"https://www.bilibili.com/video/av{ONE.aid}/",
    f"https://m.bilibili.com/video/{ONE.bvid}?t=30",
    f"https://bilibili.com/{ONE.bvid}",
    f"www.bilibili.com/video/{ONE.bvid}",
    f"https://www.bilibili.com/s/video/{ONE.bvid}",
    f"https://www.bilibili.com/festival/spring?bvid={ONE.bvid}",
    f"https://www.bilibili.com/list/ml1001?oid={ONE.aid}&bvid={ONE.bvid}",
    f"https://player.bilibili.com/player.html?isOutside=true&aid={ONE.aid}&cid={ONE.cid}&page=1",
    f"https://b23.tv/{ONE.bvid}",
    f"https://b23.tv/av{ONE.aid}",
    f"bv{ONE.bvid[2:]}",
    f"AV{ONE.aid}",
]
SHORT = ("video", "part", "space", "foreign", "home", "loop", "chain", "dead")
WRONG = {
    "nothing": ([], "url"),
    "unknown name": (["urls=x"], "did you mean url"),
    "both": (["url=x", "file=y"], "url and file"),
    "no file": (["file=/nowhere/targets.txt"], "file=/nowhere/targets.txt"),
    "router": ([f"url={ONE.bvid}", "router=fetch_one_vide"], "did you mean fetch_one_video"),
    "ill-formed": (["bv_id=BV1", "router=fetch_one_video"], "bv_id=BV1"),
    "cursor": ([f"uid={WORLD.creator(0).mid}", "pn=0"], "pn=0"),
    "tuning": (["router=fetch_one_video", f"bv_id={ONE.bvid}", "pn=2"], "takes no pn"),
    "max_items": ([f"url={USER}", "max_items=-1"], "max_items=-1"),
    "sort": ([f"url={ONE.bvid}", "sort=new"], "hot, time"),
    "with": ([f"url={ONE.bvid}", "with=coments"], "comments, replies"),
    "date": ([f"url={USER}", "since=yesterday"], "since"),
    "no pair": (["url"], "NAME=VALUE"),
}


def link(bvid: object) -> str:
    return f"https://www.bilibili.com/video/{bvid}"


def b23(name: str) -> str:
    return f"https://b23.tv/{WORLD.special[f'b23_{name}']}"


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Crawl]:
    file = Path(tmp_path_factory.mktemp("targets")) / "targets.txt"
    lines = [
        "# what to crawl",
        "",
        f"  {link(ONE.bvid)}  ",
        f"#{link(OTHER.bvid)}",
        f"【{THIRD.title}-哔哩哔哩】 {b23('video')}，快来看！",
        "no link in this one",
        f"{OTHER.bvid}, av{THIRD.aid}",
        "https://v.douyin.com/iRNBho6u/",
    ]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    texts = [
        f"0.53 02/26 看【{ONE.title}】{link(ONE.bvid)}复制此链接",
        f"两个：{link(OTHER.bvid)}。（{USER}?from=search）",
        "a text with BV1 and v1.2 of readme.md",
    ]
    bad = [
        "https://example.com/video/BV1L9Uoa9EUx?u=www.bilibili.com",
        "https://www.bilibili.com/cheese/play/ss1001",
        "https://www.bilibili.com/",
        "https://www.bilibili.com/audio/au1001",
        f"https://www.bilibili.com@example.com/video/{ONE.bvid}",
    ]
    return together(
        forms=lambda: crawl("url=" + "\n".join(FORMS), world=WORLD),
        short=lambda: crawl(f"url={' '.join(b23(name) for name in SHORT)}", "max_items=3", world=WORLD),
        file=lambda: crawl(f"file={file}", world=WORLD),
        stdin=lambda: crawl("file=-", world=WORLD, stdin=f"# one\n{ONE.bvid}\n"),
        texts=lambda: crawl("url=" + "\n".join(texts), "max_items=2", world=WORLD),
        mixed=lambda: crawl(f"url={' '.join([*bad[:2], link(ONE.bvid), *bad[2:]])}", world=WORLD),
        ids=lambda: crawl(f"url={ONE.bvid} av{OTHER.aid},{THIRD.bvid}", world=WORLD),
        bad=lambda: crawl("url=hello world", world=WORLD),
        nothing=lambda: crawl("file=-", world=WORLD, stdin="# only this\n\n"),
        params=lambda: crawl(f"bv_id={ONE.bvid}", world=WORLD),
        part=lambda: crawl("router=fetch_one_video", f"bv_id={WORLD.special['multipart']}", "p=2", world=WORLD),
        routers=lambda: crawl(f"url={link(ONE.bvid)}", f"router={VIDEO},fetch_video_parts,bv_to_aid", world=WORLD),
        unfit=lambda: crawl(f"url={USER}\n{ONE.bvid}", "router=fetch_video_comments", "max_pages=1", world=WORLD),
        lists=lambda: crawl(f"url={USER} {USER}/video", world=WORLD),
        vanish=lambda: crawl(
            f"url={ONE.bvid}\n{b23('video')}", world=WORLD, faults=[Fault(host="b23.tv", first=1, do="status")]
        ),
    )


def failure(answers: dict[str, list[Envelope]], target: str) -> tuple[int, str]:
    [envelope] = answers[target]
    assert envelope["data"]["error"]["input"] == target
    return envelope["code"], envelope["data"]["error"]["message"]


def test_every_form_of_a_video_is_the_same_one_and_is_fetched_once(crawls: dict[str, Crawl]) -> None:
    done = crawls["forms"]
    answers = by_target(done)
    assert list(answers) == FORMS
    assert all(len(envelopes) == 1 and envelopes[0]["data"]["video_id"] == ONE.bvid for envelopes in answers.values())
    assert len(done.asked(VIEW)) == 1 and len(done.asked("/x/player/wbi/playurl")) == 2
    assert done.code == 0


def test_short_links(crawls: dict[str, Crawl]) -> None:
    done = crawls["short"]
    answers = by_target(done)
    assert set(answers) == {b23(name) for name in SHORT}
    assert [envelope["data"]["video_id"] for envelope in answers[b23("video")]] == [ONE.bvid]
    [part] = answers[b23("part")]
    assert part["data"]["video_data"]["cid"] == part["data"]["parts"][1]["cid"]
    assert [envelope["router"] for envelope in answers[b23("space")]] == [LIST] * 3
    code, message = failure(answers, b23("foreign"))
    assert (code, "ads.example.com" in message) == (400, True)
    code, message = failure(answers, b23("home"))
    assert (code, "home page" in message) == (400, True)
    for name in ("loop", "chain"):
        code, message = failure(answers, b23(name))
        assert (code, "after 5 redirects" in message) == (400, True)
    assert failure(answers, b23("dead"))[0] == 404
    assert done.refused == [] and done.code == 3
    asked = [request for request in done.requests if request.host == "b23.tv"]
    assert len(asked) == 6 + 5 + 5
    assert all(request.query == {} for request in asked)


def test_a_short_link_is_asked_for_again(crawls: dict[str, Crawl]) -> None:
    done = crawls["vanish"]
    assert done.code == 0 and set(by_target(done)) == {ONE.bvid, b23("video")}
    assert [request.status for request in done.requests if request.host == "b23.tv"] == [503, 302]


def test_a_file_of_targets(crawls: dict[str, Crawl]) -> None:
    answers = by_target(crawls["file"])
    video = {target: envelopes[0]["data"].get("video_id") for target, envelopes in answers.items()}
    assert video == {
        link(ONE.bvid): ONE.bvid,
        b23("video"): ONE.bvid,
        "no link in this one": None,
        OTHER.bvid: OTHER.bvid,
        f"av{THIRD.aid}": THIRD.bvid,
        "https://v.douyin.com/iRNBho6u/": None,
    }
    assert failure(answers, "no link in this one")[0] == 400
    assert failure(answers, "https://v.douyin.com/iRNBho6u/")[0] == 400
    assert crawls["file"].code == 3
    assert crawls["stdin"].only()["data"]["video_id"] == ONE.bvid


def test_share_texts(crawls: dict[str, Crawl]) -> None:
    answers = by_target(crawls["texts"])
    assert list(answers[link(ONE.bvid)][0]["data"]["parts"][0]) and len(answers[link(OTHER.bvid)]) == 1
    assert [envelope["router"] for envelope in answers[f"{USER}?from=search"]] == [LIST] * 2
    assert failure(answers, "a text with BV1 and v1.2 of readme.md")[0] == 400
    assert len(answers) == 4


def test_bare_ids(crawls: dict[str, Crawl]) -> None:
    assert {record["video_id"] for record in crawls["ids"].records} == {ONE.bvid, OTHER.bvid, THIRD.bvid}
    assert set(by_target(crawls["ids"])) == {ONE.bvid, f"av{OTHER.aid}", THIRD.bvid}


def test_bad_targets_cost_only_themselves(crawls: dict[str, Crawl]) -> None:
    done = crawls["mixed"]
    answers = by_target(done)
    assert len(done.envelopes) == 6 and done.codes.count(400) == 5 and done.code == 3
    assert answers[link(ONE.bvid)][0]["code"] == 200
    messages = {target: failure(answers, target)[1] for target in answers if target != link(ONE.bvid)}
    [foreign, course, home, audio, trick] = messages.values()
    assert "example.com is not supported (Bilibili is)" in foreign
    assert "course" in course and "audio" in audio and "www.bilibili.com" in home and trick
    assert {envelope["router"] for envelope in done.envelopes} == {VIDEO}


def test_nothing_but_bad_input_is_wrong_usage(crawls: dict[str, Crawl]) -> None:
    code, message = failure(by_target(crawls["bad"]), "hello world")
    assert (code, crawls["bad"].code) == (400, 2)
    assert "https://www.bilibili.com/video/BV" in message
    assert crawls["nothing"].code == 2 and "no link or id found in the input" in crawls["nothing"].err
    assert crawls["bad"].requests == crawls["nothing"].requests == []


def test_bytes_that_are_no_text_are_told_like_others() -> None:
    done = crawl("url=b\udcff")
    assert done.only()["data"]["error"]["input"] == "b?" and done.code == 2
    assert [report["arguments"] for report in done.reports] == [{"url": "b?"}]


def test_an_endpoint_by_its_own_parameters(crawls: dict[str, Crawl]) -> None:
    assert crawls["params"].only()["router"] == VIDEO
    assert crawls["params"].only()["data"]["meta"]["target"] == ONE.bvid
    data = crawls["part"].only()["data"]
    assert data["video_data"]["cid"] == data["parts"][1]["cid"]
    routers = [envelope["router"] for envelope in crawls["routers"].envelopes]
    assert sorted(routers) == sorted([VIDEO, f"{ROUTER}/fetch_video_parts", f"{ROUTER}/bv_to_aid"])


def test_a_target_that_the_router_does_not_take(crawls: dict[str, Crawl]) -> None:
    answers = by_target(crawls["unfit"])
    [unfit] = answers[USER]
    assert (unfit["code"], unfit["router"]) == (400, COMMENTS)
    assert "takes a video, and this is a user" in unfit["data"]["error"]["message"]
    assert {envelope["router"] for envelope in answers[ONE.bvid]} == {COMMENTS}


def test_a_list_that_is_given_twice_is_walked_once(crawls: dict[str, Crawl]) -> None:
    answers = by_target(crawls["lists"])
    for target in (USER, f"{USER}/video"):
        assert [envelope["data"]["video_id"] for envelope in answers[target]] == list(WORLD.bvids(0))
    assert len(crawls["lists"].asked("/x/space/wbi/arc/search")) == 1


def test_wrong_arguments_end_the_run_at_once() -> None:
    done = together(**{name: lambda words=words: crawl(*words, world=WORLD) for name, (words, _) in WRONG.items()})
    for name, (_, says) in WRONG.items():
        assert (done[name].code, done[name].requests, done[name].envelopes) == (2, [], []), name
        assert says in done[name].err.partition("error:")[2], (name, done[name].err)


def test_due_rows_need_a_ledger() -> None:
    done = crawl("url=BV1xx411c7mD", "due=1", settings={"LEDGER_ENABLED": 0})
    assert done.code == 2 and "leave out LEDGER_ENABLED" in done.err and not done.requests


def test_the_name_of_a_spider() -> None:
    for command in (("crawl", "bilbili"), ("crawl",), ("crawl", "bilibili", "bilibili")):
        done = crawl(f"url={ONE.bvid}", world=WORLD, command=command)
        assert (done.code, done.requests) == (2, [])
        assert "bilibili" in done.err.partition("error:")[2]
