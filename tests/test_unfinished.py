"""The command that completes a crawl whose output failed."""

import shlex
from pathlib import Path

import pytest

from scraper.crawling.unfinished import resume, unfinished_inputs
from scraper.inputs.arguments import parse
from scraper.platform.atlas import Atlas
from tests.cases import PLATFORMS

ATLAS = Atlas([next(each for each in PLATFORMS if each.name == "bilibili")])
LINKS = [f"https://space.bilibili.com/{number}" for number in range(1001, 1031)]


@pytest.mark.parametrize(
    ("asked", "unfinished", "left"),
    [(30, set(), []), (30, {1, 30}, [0, 29]), (28, {3}, [2, 28, 29]), (0, set(), list(range(30)))],
)
def test_inputs_without_a_complete_answer_are_unfinished(asked: int, unfinished: set[int], left: list[int]) -> None:
    arguments = parse({"url": " ".join(LINKS)}, ATLAS)
    assert unfinished_inputs(arguments.targets(ATLAS), asked, unfinished, False) == [LINKS[number] for number in left]


def test_what_is_followed_may_be_unfinished_for_any_input() -> None:
    arguments = parse({"url": " ".join(LINKS), "with": "comments"}, ATLAS)
    assert unfinished_inputs(arguments.targets(ATLAS), 30, set(), True) == LINKS


def test_the_command_asks_for_the_same_with_fewer_inputs(tmp_path: Path) -> None:
    given = {"url": " ".join(LINKS), "with": "comments", "max_items": "5"}
    words = shlex.split(resume("bilibili", given, LINKS[:2], tmp_path / "x.txt"))
    assert words[:3] == ["scrapy", "crawl", "bilibili"]
    assert words[4::2] == [f"url={LINKS[0]} {LINKS[1]}", "with=comments", "max_items=5"]
    assert not (tmp_path / "x.txt").exists()


def test_many_inputs_are_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "x.txt"
    words = shlex.split(resume("bilibili", {"file": "in.txt"}, LINKS, path))
    assert words[4:] == [f"file={path}"] and path.read_text().split() == LINKS
    (tmp_path / "file").write_text("")
    refused = resume("bilibili", {"file": "in.txt"}, LINKS, tmp_path / "file" / "x.txt")
    assert LINKS[0] in refused and LINKS[-1] not in refused


def test_arguments_that_name_one_target_stay() -> None:
    given = {"router": "fetch_user_post_videos", "uid": "1001"}
    assert resume("bilibili", given, ["1001"], Path("x")).endswith("-a router=fetch_user_post_videos -a uid=1001")
