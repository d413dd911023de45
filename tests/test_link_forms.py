"""The corpus of link forms: what each must give, or the words that it must be refused with.

The expectations are written as a user of the platform sees the pages: a tab's link gives what the tab shows, a part is
never lost, and a number of one namespace is never used in another.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from scraper.inputs.ask import Ask
from scraper.inputs.endpoint_choice import Plan, plan
from scraper.inputs.share_text import find
from scraper.platform import Context
from scraper.platform.atlas import Atlas
from scraper.platform.targets import SHORT_LINK, Target
from tests.cases import PLATFORMS

FOLDER = Path(__file__).parent / "links"
ATLASES = {platform.name: Atlas([platform]) for platform in PLATFORMS}


class Form(NamedTuple):
    text: str
    kind: str
    ident: str
    narrowed: str
    gives: str


def forms(name: str) -> list[Form]:
    lines = (FOLDER / f"{name}.tsv").read_text("utf-8").splitlines()
    return [Form(*line.split("\t")) for line in lines if line and not line.startswith("#")]


def targets_in(text: str, atlas: Atlas) -> list[Target]:
    return list(find(text, atlas.patterns, atlas.bare_ids, atlas.link_hosts))


def fault(form: Form, atlas: Atlas) -> str:
    """Return what is wrong with how a form is understood, "" if nothing is."""
    targets = targets_in(form.text, atlas)
    read = [(target.kind, target.id, " ".join(f"{name}={value}" for name, value in target.extra)) for target in targets]
    if read != [(form.kind, form.ident, form.narrowed)]:
        return f"{form.text}: {read} instead of {form[1:4]}"
    if form.kind == SHORT_LINK:
        return ""
    routers, problem, *_ = plan(targets[0], Ask(), atlas, {})
    if form.gives.startswith("!"):
        return "" if problem and form.gives[1:] in problem else f"{form.text}: {problem or routers}"
    is_given = [router.rpartition("/")[2] for router in routers] == [form.gives] and not problem
    return "" if is_given else f"{form.text}: {problem or routers} instead of {form.gives}"


@pytest.mark.parametrize("name", sorted(ATLASES))
def test_every_form_gives_what_its_page_shows(name: str) -> None:
    wrong = [message for form in forms(name) if (message := fault(form, ATLASES[name]))]
    assert not wrong, "\n".join(wrong)


def test_there_are_enough_forms() -> None:
    assert sum(len(forms(name)) for name in ATLASES) >= 600


def test_a_tab_with_a_router_is_the_thing_itself() -> None:
    atlas = ATLASES["bilibili"]
    for tab in ("dynamic", "upload/audio", "favlist"):
        (target,) = targets_in(f"https://space.bilibili.com/2/{tab}", atlas)
        router = "/api/bilibili/web/fetch_user_profile"
        assert plan(target, Ask(routers=(router,)), atlas, {}) == Plan([router])
    (target,) = targets_in("https://www.bilibili.com/bangumi/play/ep1011", atlas)
    season = "/api/bilibili/web/fetch_bangumi_season"
    assert plan(target, Ask(routers=(season,)), atlas, {}) == Plan([season])


@pytest.mark.parametrize(
    "link, named",
    [
        ("space.bilibili.com/2/video?keyword=a", "keyword=a"),
        ("space.bilibili.com/2/video?tid=4", "tid=4"),
        ("space.bilibili.com/2/search/video?keyword=a", "keyword=a"),
        ("www.bilibili.com/list/2?keyword=a", "keyword=a"),
        ("www.bilibili.com/list/2?tid=4", "tid=4"),
        ("www.bilibili.com/medialist/play/2?business=other&business_id=1", "business=other"),
        ("space.bilibili.com/2/favlist?fid=0", "fid=0"),
        ("space.bilibili.com/2/favlist?fid=pugvfav", "fid=pugvfav"),
        ("space.bilibili.com/2/favlist?fid=7&ftype=collect", "fid=7&ftype=collect"),
    ],
)
def test_a_router_does_not_widen_what_a_link_selects(link: str, named: str) -> None:
    atlas = ATLASES["bilibili"]
    (target,) = targets_in(f"https://{link}", atlas)
    for name in ("fetch_user_post_videos", "fetch_collect_folders"):
        assert named in plan(target, Ask(routers=(f"/api/bilibili/web/{name}",)), atlas, {}).problem


def test_the_ranking_of_a_category_is_not_the_whole_ranking() -> None:
    atlas = ATLASES["bilibili"]
    (target,) = targets_in("https://www.bilibili.com/v/popular/rank/game", atlas)
    for routers in ((), ("/api/bilibili/web/fetch_ranking",)):
        assert "-a rid=" in plan(target, Ask(routers=routers), atlas, {}).problem


@pytest.mark.parametrize(
    "text, ids",
    [
        ("Look https://vm.tiktok.com/ZMSample1/ via TikTok Lite: https://www.tiktok.com/tiktoklite", ["ZMSample1"]),
        ("https://vm.tiktok.com/ZMSample1/ https://www.tiktok.com/tiktoklite?x=1", ["ZMSample1"]),
        ("Look https://vm.tiktok.com/ZMSample1/ and https://www.tiktok.com/", ["ZMSample1"]),
        ("Look https://vm.tiktok.com/ZMSample1/ made with https://editor.example/app", ["ZMSample1"]),
        ("https://vm.tiktok.com/ZMSample1/ https://other.example/x", ["ZMSample1", "https://other.example/x"]),
        ("https://vm.tiktok.com/ZMSample1/ https://www.tiktok.com/", ["ZMSample1", "https://www.tiktok.com/"]),
        (
            "https://vm.tiktok.com/ZMSample1/ https://tiktok.com@x.example/",
            ["ZMSample1", "https://tiktok.com@x.example/"],
        ),
        ("https://www.tiktok.com/tiktoklite", ["app"]),
    ],
)
def test_an_advertisement_is_left_aside_beside_content(text: str, ids: list[str]) -> None:
    assert [target.id for target in targets_in(text, ATLASES["tiktok"])] == ids


def test_a_name_that_was_trimmed_in_a_text_is_known_to_be() -> None:
    (alone,) = targets_in("https://live.douyin.com/falv1217..", ATLASES["douyin"])
    (within,) = targets_in("看 https://live.douyin.com/falv1217.. 快来", ATLASES["douyin"])
    assert (alone.id, alone.hints) == ("falv1217..", ())
    assert (within.id, within.hint("untrimmed")) == ("falv1217", "falv1217..")


def sent(text: str, platform: str) -> Mapping[str, Any]:
    """Return the query that a link leads to."""
    (target,) = targets_in(text, ATLASES[platform])
    endpoint = ATLASES[platform].endpoints[plan(target, Ask(), ATLASES[platform], {}).routers[0]]
    return endpoint.routes[0].query(Context(target))


def test_the_filters_of_a_search_link_reach_the_platform() -> None:
    base = "https://search.bilibili.com/"
    filters = {
        "order": "dm",
        "duration": "2",
        "tids": "3",
        "pubtime_begin_s": "1790000000",
        "pubtime_end_s": "1790086399",
    }
    videos = sent(f"{base}video?keyword=a&{urlencode(filters)}", "bilibili")
    assert {name: videos[name] for name in filters} == filters
    filters = {"order": "level", "order_sort": "1", "user_type": "2"}
    users = sent(f"{base}upuser?keyword=a&{urlencode(filters)}", "bilibili")
    assert {name: users[name] for name in filters} == filters and users["search_type"] == "bili_user"
    posts = sent("https://www.douyin.com/search/a?type=video&publish_time=180&sort_type=1", "douyin")
    selected = json.loads(posts["filter_selected"])
    assert (selected["publish_time"], selected["sort_type"], posts["is_filter_search"]) == ("180", "1", 1)


@pytest.mark.parametrize("text", ["ep0", "ss00", "md0", "ml0", "cv0", "au0", "av0"])
def test_zero_is_no_id(text: str) -> None:
    assert [target.kind for target in targets_in(text, ATLASES["bilibili"])] in ([], ["unknown"])


def test_a_number_alone_is_refused_with_the_forms_of_ids() -> None:
    atlas = ATLASES["bilibili"]
    (target,) = targets_in("170001", atlas)
    problem = plan(target, Ask(), atlas, {}).problem
    assert "a number alone does not say what it is" in problem and "av170001" in problem and "ml1001" in problem


@pytest.mark.parametrize("name", sorted(ATLASES))
def test_zero_is_no_id_in_an_argument_either(name: str) -> None:
    params = [param for endpoint in ATLASES[name].endpoints.values() for param in endpoint.params]
    identifying = [param for param in params if param.kind and param.example.isdigit()]
    others = {"rid"}  # 0 is the whole ranking
    wrong = {param.name for param in identifying if param.read("0" * len(param.example)) is not None}
    assert identifying and wrong <= others


def test_a_router_does_not_widen_what_a_filter_selects() -> None:
    atlas, router = ATLASES["bilibili"], "/api/bilibili/web/fetch_user_following"
    (target,) = targets_in("https://space.bilibili.com/2/fans/follow?tagid=5", atlas)
    chosen = plan(target.without_page(), Ask(routers=(router,)), atlas, {})
    assert chosen.routers == [router] and "not supported: tagid=5;" in chosen.problem
    (other,) = targets_in("https://space.bilibili.com/2/fans/follow?tagid=6", atlas)
    assert target.question != other.question
