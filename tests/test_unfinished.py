"""The command that completes a crawl whose output failed."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from scraper.crawling.unfinished import given_inputs, same_with, together, unfinished
from scraper.inputs.arguments import parse
from scraper.inputs.ask import Ask
from scraper.jobs.job import Job
from scraper.platform.atlas import Atlas
from scraper.platform.targets import Target
from tests.cases import PLATFORMS

ROUTER = "/api/bilibili/web"
ATLAS = Atlas([next(platform for platform in PLATFORMS if platform.name == "bilibili")])
LINKS = [f"https://space.bilibili.com/{number}" for number in range(1001, 1031)]


VIDEO = Target("video", "BV1L9Uoa9EUx", "https://www.bilibili.com/video/BV1L9Uoa9EUx", platform="bilibili")
USER = Target("user", "1001", LINKS[0], platform="bilibili")
COMMENTS, POSTS = f"{ROUTER}/fetch_video_comments", f"{ROUTER}/fetch_user_post_videos"


@pytest.mark.parametrize(
    ("asked", "unfinished", "left"),
    [(30, set(), []), (30, {1, 30}, [0, 29]), (28, {3}, [2, 28, 29]), (0, set(), list(range(30)))],
)
def test_inputs_without_a_complete_answer_are_unfinished(asked: int, unfinished: set[int], left: list[int]) -> None:
    arguments = parse({"url": " ".join(LINKS)}, ATLAS)
    assert [*given_inputs(arguments.targets(ATLAS), asked, unfinished)] == [LINKS[number] for number in left]


def test_a_list_is_continued_from_its_first_unfinished_page() -> None:
    first = Job(router=POSTS, target=USER, input=1)
    jobs = [first.after("3", 60).after("4", 90), first.after("3", 60)]
    inputs, lists = unfinished(jobs, ATLAS)
    assert inputs == set()
    assert lists == ["scrapy crawl bilibili -a router=fetch_user_post_videos -a uid=1001 -a pn=3"]


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ({"max_items": 100}, " -a max_items=40"),
        ({"max_pages": 9}, " -a max_pages=7"),
        ({"max_items": 100, "follow": frozenset({"author"})}, " -a max_items=100"),
    ],
)
def test_limits_count_what_was_read_before(limits: dict[str, Any], left: str) -> None:
    first = Job(router=POSTS, target=USER, input=1, ask=Ask(**limits))
    _, [words] = unfinished([first.after("2", 30).after("3", 60)], ATLAS)
    assert words.endswith(left)


def test_a_followed_list_is_asked_for_from_its_beginning() -> None:
    followed = Job(router=POSTS, target=USER, input=1).led_to(COMMENTS, VIDEO, 40)
    assert unfinished([followed], ATLAS) == (
        set(),
        ["scrapy crawl bilibili -a router=fetch_video_comments -a bv_id=BV1L9Uoa9EUx"],
    )


def test_an_input_that_is_crawled_again_covers_its_lists() -> None:
    first = Job(router=POSTS, target=USER, input=1)
    followed = first.led_to(COMMENTS, VIDEO, 40)
    assert unfinished([followed, first], ATLAS) == ({1}, [])


def test_many_lists_are_in_a_file_that_a_shell_runs(tmp_path: Path) -> None:
    commands = [f"scrapy crawl bilibili -a router=fetch_video_comments -a bv_id={number}" for number in range(30)]
    assert list(together(commands[:20], tmp_path / "x.sh")) == commands[:20]
    assert list(together(commands, tmp_path / "x.sh")) == [f"sh {tmp_path}/x.sh"]
    assert (tmp_path / "x.sh").read_text().splitlines() == commands
    (tmp_path / "file").write_text("")
    assert list(together(commands, tmp_path / "file" / "x.sh")) == commands


def test_the_command_asks_for_the_same_with_fewer_inputs(tmp_path: Path) -> None:
    given = {"url": " ".join(LINKS), "with": "comments", "max_items": "5"}
    words = shlex.split(*same_with("bilibili", given, LINKS[:2], tmp_path / "x.txt"))
    assert words[:3] == ["scrapy", "crawl", "bilibili"]
    assert words[4::2] == [f"url={LINKS[0]} {LINKS[1]}", "with=comments", "max_items=5"]
    assert not (tmp_path / "x.txt").exists()


def test_many_inputs_are_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "x.txt"
    words = shlex.split(*same_with("bilibili", {"file": "in.txt"}, LINKS, path))
    assert words[4:] == [f"file={path}"] and path.read_text().split() == LINKS
    (tmp_path / "file").write_text("")
    [refused] = same_with("bilibili", {"file": "in.txt"}, LINKS, tmp_path / "file" / "x.txt")
    assert LINKS[0] in refused and LINKS[-1] not in refused


def test_arguments_that_name_one_target_stay() -> None:
    given = {"router": "fetch_user_post_videos", "uid": "1001"}
    [command] = same_with("bilibili", given, ["1001"], Path("x"))
    assert command.endswith("-a router=fetch_user_post_videos -a uid=1001")
    assert not [*same_with("bilibili", given, [], Path("x"))]
