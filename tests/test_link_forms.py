"""The corpus of link forms: what each must give, or the words that it must be refused with.

The expectations are written as a user of the platform sees the pages: a tab's link gives what the tab shows, a part is
never lost, and a number of one namespace is never used in another.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from scraper.inputs.ask import Ask
from scraper.inputs.endpoint_choice import Plan, plan
from scraper.inputs.share_text import find
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


def found(text: str, atlas: Atlas) -> list[Target]:
    return list(find(text, atlas.patterns, atlas.bare_ids, atlas.link_hosts))


def fault(form: Form, atlas: Atlas) -> str:
    """Return what is wrong with how a form is understood, "" if nothing is."""
    targets = found(form.text, atlas)
    read = [(each.kind, each.id, " ".join(f"{name}={value}" for name, value in each.extra)) for each in targets]
    if read != [(form.kind, form.ident, form.narrowed)]:
        return f"{form.text}: {read} instead of {form[1:4]}"
    if form.kind == SHORT_LINK:
        return ""
    routers, problem, *_ = plan(targets[0], Ask(), atlas, {})
    if form.gives.startswith("!"):
        return "" if problem and form.gives[1:] in problem else f"{form.text}: {problem or routers}"
    is_given = [each.rpartition("/")[2] for each in routers] == [form.gives] and not problem
    return "" if is_given else f"{form.text}: {problem or routers} instead of {form.gives}"


@pytest.mark.parametrize("name", sorted(ATLASES))
def test_every_form_gives_what_its_page_shows(name: str) -> None:
    wrong = [each for form in forms(name) if (each := fault(form, ATLASES[name]))]
    assert not wrong, "\n".join(wrong)


def test_there_are_enough_forms() -> None:
    assert sum(len(forms(name)) for name in ATLASES) >= 600


def test_a_tab_with_a_router_is_the_thing_itself() -> None:
    atlas = ATLASES["bilibili"]
    for tab in ("dynamic", "upload/audio", "favlist"):
        (target,) = found(f"https://space.bilibili.com/2/{tab}", atlas)
        router = "/api/bilibili/web/fetch_user_profile"
        assert plan(target, Ask(routers=(router,)), atlas, {}) == Plan([router])
    (target,) = found("https://www.bilibili.com/bangumi/play/ep1011", atlas)
    season = "/api/bilibili/web/fetch_bangumi_season"
    assert plan(target, Ask(routers=(season,)), atlas, {}) == Plan([season])


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
    assert [each.id for each in found(text, ATLASES["tiktok"])] == ids


def test_a_name_that_was_trimmed_in_a_text_is_known_to_be() -> None:
    (alone,) = found("https://live.douyin.com/falv1217..", ATLASES["douyin"])
    (within,) = found("看 https://live.douyin.com/falv1217.. 快来", ATLASES["douyin"])
    assert (alone.id, alone.hints) == ("falv1217..", ())
    assert (within.id, within.hint("untrimmed")) == ("falv1217", "falv1217..")
