"""Bilibili's folders, seasons, series and boards, from their first page to their end, and how they stop before it."""

from __future__ import annotations

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World
from tests.simulator.worlds import bilibili as shelves

WORLD = World(seed=1, creators=2, videos=50)
WIDE = World(seed=1, creators=2, videos=520)
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'
MID = WORLD.creator(0).mid
EPISODE = "https://www.bilibili.com/bangumi/play/ep"
FOLDER = WORLD.library.folders(WORLD.creator(0))[0].number
SEASON, SERIES = shelves.FIRST_SEASON, shelves.FIRST_SERIES
SPACE = f"https://space.bilibili.com/{MID}"
SAVED, ARCHIVES, SEARCH = (
    "/x/v3/fav/resource/list",
    "/x/polymer/web-space/seasons_archives_list",
    "/x/web-interface/wbi/search/type",
)
STOPS = {
    "saved": (f"url=https://www.bilibili.com/list/ml{FOLDER}", SAVED),
    "season": (f"url={SPACE}/lists/{SEASON}?type=season", ARCHIVES),
    "popular": ("router=fetch_com_popular", "/x/web-interface/popular"),
    "search": ("keyword=样例", SEARCH),
}  # fmt: skip


def ids(done: Crawl) -> list[str]:
    return [record["video_id"] for record in done.records if "video_id" in record]


def ended(done: Crawl) -> str:
    """How the one list of a crawl ended, as its line says."""
    [line] = [line for line in done.err.splitlines() if ": declared " in line]
    return line.rpartition("stopped: ")[2]


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    return together(
        folders=lambda: crawl(f"uid={MID}", "router=fetch_collect_folders", world=WORLD),
        own=lambda: crawl(f"uid={MID}", "router=fetch_collect_folders", world=WORLD, config=LOGIN),
        hidden=lambda: crawl(f"uid={WORLD.special['odd_user']}", "router=fetch_collect_folders", world=WORLD),
        saved=lambda: crawl(f"url={SPACE}/favlist?fid={FOLDER}", world=WORLD),
        page=lambda: crawl(f"folder_id={FOLDER}", "pn=2", "max_pages=1", world=WORLD),
        private=lambda: crawl(f"folder_id={FOLDER + shelves.PRIVATE_FOLDER}", world=WORLD),
        missing=lambda: crawl("folder_id=77", world=WORLD),
        lists=lambda: crawl(f"url={SPACE}", "router=fetch_user_seasons_series", world=WORLD),
        season=lambda: crawl(f"url={SPACE}/lists/{SEASON}?type=season", "count=20", world=WORLD),
        series=lambda: crawl(f"url={SPACE}/channel/seriesdetail?sid={SERIES}", "count=20", world=WORLD),
        edges=lambda: crawl(
            f"uid={MID}", f"series_id={SERIES}", "max_items=5", world=WORLD, settings={"OBSERVE": "edge"}
        ),
        named=lambda: crawl(f"uid={MID}", f"series_id={SERIES}", "max_items=5", world=WORLD),
        popular=lambda: crawl("router=fetch_com_popular", world=WORLD),
        ranking=lambda: crawl("router=fetch_ranking", "rid=17", world=WORLD),
        found=lambda: crawl("keyword=样例", world=WORLD),
        people=lambda: crawl("keyword=样例", "search_type=user", world=WORLD),
        nothing=lambda: crawl(f"url=https://search.bilibili.com/all?keyword={shelves.NOTHING}", world=WORLD),
        capped=lambda: crawl(f"keyword={shelves.EVERYTHING}", world=WIDE),
        bangumi=lambda: crawl(
            f"url=https://www.bilibili.com/bangumi/play/ep{shelves.FIRST_EPISODE}",
            "router=fetch_bangumi_season",
            world=WORLD,
        ),
        episode=lambda: crawl(f"url={EPISODE}{shelves.FIRST_EPISODE}", world=WORLD),
        members_episode=lambda: crawl(f"url={EPISODE}{shelves.FIRST_EPISODE + 1}", world=WORLD),
        encrypted=lambda: crawl(f"url={EPISODE}{shelves.FIRST_EPISODE + shelves.DRM_PLACE}", world=WORLD),
        bare=lambda: crawl(
            f"url={EPISODE}{shelves.FIRST_EPISODE}",
            world=WORLD,
            faults=[Fault(path="/x/web-interface/view", do="null_data")],
        ),
        media=lambda: crawl(f"url=https://www.bilibili.com/bangumi/media/md{shelves.MEDIA}", world=WORLD),
        region=lambda: crawl(f"season_id={shelves.GEO_SEASON}", world=WORLD),
        members=lambda: crawl(f"season_id={shelves.VIP_SEASON}", world=WORLD),
        both=lambda: crawl("season_id=1001", "ep_id=2001", "router=fetch_bangumi_season", world=WORLD),
    )  # fmt: skip


@pytest.fixture(scope="module")
def stopped() -> dict[str, Crawl]:
    """The same page comes again and again from the third on."""
    return together(
        **{
            name: lambda word=word, path=path: crawl(
                word, world=WORLD, faults=[Fault(path=path, do="repeat", after=1)], settings={"RETRY_TIMES": 1}
            )
            for name, (word, path) in STOPS.items()
        }
    )


def test_the_folders_of_a_user(crawls: dict[str, Crawl]) -> None:
    shown = crawls["folders"].records
    assert [(folder["mix_id"], folder["mix_kind"], folder["private"], folder["item_count"]) for folder in shown] == [
        (str(FOLDER), "folder", False, 50), (str(FOLDER + 1), "folder", False, 3),
    ]  # fmt: skip
    assert [record["private"] for record in crawls["own"].records] == [False, False, True]
    [failure] = crawls["hidden"].failures
    assert failure["error"]["name"] == "PRIVATE" and "hides" in failure["error"]["message"]


def test_a_folder_from_its_first_page_to_its_end(crawls: dict[str, Crawl]) -> None:
    every = [video.bvid for video in WORLD.library.saved(WORLD.library.folders(WORLD.creator(0))[0])]
    gone = every[10::11]
    assert ids(crawls["saved"]) == [bvid for bvid in every if bvid not in gone] and crawls["saved"].code == 0
    assert [request.query["pn"] for request in crawls["saved"].asked(SAVED)] == ["1", "2", "3"]
    errors = [(lost["error"]["name"], lost["error"]["message"].split(": ")) for lost in crawls["saved"].failures]
    assert errors == [("NOT_FOUND", [bvid, "deleted by its uploader"]) for bvid in gone]
    assert ids(crawls["page"]) == [bvid for bvid in every[20:40] if bvid not in gone]
    assert ended(crawls["saved"]) == "end" and "declared 50, collected 46" in crawls["saved"].err


@pytest.mark.parametrize(("name", "outcome"), [("private", "PRIVATE"), ("missing", "NOT_FOUND")])
def test_a_folder_that_is_not_shown(crawls: dict[str, Crawl], name: str, outcome: str) -> None:
    assert [failure["error"]["name"] for failure in crawls[name].failures] == [outcome]
    assert crawls[name].code == 0


def test_seasons_and_series(crawls: dict[str, Crawl]) -> None:
    newest = list(WORLD.bvids(0))
    assert [(record["mix_id"], record["mix_kind"], record["item_count"]) for record in crawls["lists"].records] == [
        (str(SEASON), "season", 50), (str(SERIES), "series", 50),
    ]  # fmt: skip
    assert ids(crawls["season"]) == newest[::-1] and ids(crawls["series"]) == newest
    assert [request.query["page_num"] for request in crawls["season"].asked(ARCHIVES)] == ["1", "2", "3"]
    assert {record["mix"]["id"] for record in crawls["season"].records} == {str(SEASON)}
    assert {record["author"]["uid"] for record in crawls["series"].records} == {str(MID)}
    assert ids(crawls["named"]) == newest[:5]


def test_what_is_in_a_series_points_at_it(crawls: dict[str, Crawl]) -> None:
    [series] = [record["meta"]["key"] for record in crawls["lists"].records if record["mix_kind"] == "series"]
    edges = [record for record in crawls["edges"].records if record["meta"]["record_type"] == "edge"]
    ends = [(edge["src_key"], edge["dst_key"]) for edge in edges if edge["edge_kind"] == "in_mix"]
    assert ends == [(f"bilibili:video:{bvid}", series) for bvid in list(WORLD.bvids(0))[:5]]


def test_boards(crawls: dict[str, Crawl]) -> None:
    every = [video.bvid for video in WORLD.library.popular()]
    assert ids(crawls["popular"]) == every and len(crawls["popular"].asked("/x/web-interface/popular")) == 3
    assert {record["meta"]["target_kind"] for record in crawls["popular"].records} == {"popular list"}
    assert ids(crawls["ranking"]) == every[:20]


def test_what_a_word_finds(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["found"]) == [video.bvid for video in WORLD.library.popular(shelves.FOUND)]
    assert [request.query["page"] for request in crawls["found"].asked(SEARCH)] == ["1", "2", "3"]
    assert all("<em" not in record["title"] and record["hashtags"] for record in crawls["found"].records)
    assert [record["uid"] for record in crawls["people"].records] == [str(WORLD.creator(n).mid) for n in range(2)]
    record = crawls["nothing"].only()["data"]
    assert (record["listing"], record["query"], record["count"]) == ("fetch_search", shelves.NOTHING, 0)


def test_a_search_that_holds_more_than_is_shown(crawls: dict[str, Crawl]) -> None:
    done = crawls["capped"]
    assert len(ids(done)) == shelves.MOST_FOUND and len(done.asked(SEARCH)) == 50
    [failure] = done.failures
    assert (failure["error"]["name"], done.codes[-1]) == ("INCOMPLETE", 206)
    assert "no more than 1000" in failure["error"]["message"] and ended(done) == "platform_cap"


def test_of_an_episode_that_is_asked_for_nothing_else_comes(crawls: dict[str, Crawl]) -> None:
    """It is as full as the video that it is: with counts, description, parts and streams."""
    (record,) = crawls["episode"].records
    video = WORLD.library.episodes()[0]
    (alone,) = crawl(f"url=https://www.bilibili.com/video/{video.bvid}", world=WORLD).records
    assert (record["alt_ids"]["ep_id"], record["video_id"]) == (str(shelves.FIRST_EPISODE), video.bvid)
    assert record["url"] == f"{EPISODE}{shelves.FIRST_EPISODE}" and record["mix"]["episode"] == 1
    for name in ("statistics", "desc", "parts", "category"):
        assert record[name] == alone[name] is not None, name
    assert record["video_data"]["streams"] and record["video_data"]["audio_url"]
    assert (record["meta"]["missing"], record["meta"]["partial"], crawls["episode"].code) == ([], False, 0)


@pytest.mark.parametrize("name", ["members_episode", "encrypted"])
def test_an_episode_whose_streams_cannot_be_played_says_so(crawls: dict[str, Crawl], name: str) -> None:
    (record,) = crawls[name].records
    assert (record["video_data"], record["meta"]["missing"]) == (None, ["video_data"]) and record["statistics"][
        "play_count"
    ]


def test_an_episode_without_its_video_names_what_is_missing(crawls: dict[str, Crawl]) -> None:
    (record,) = crawls["bare"].records
    assert record["video_data"]["streams"] and record["statistics"]["play_count"] is None
    assert (record["meta"]["missing"], record["meta"]["partial"]) == (["statistics", "desc"], True)


def test_a_broadcast_season_and_its_episodes(crawls: dict[str, Crawl]) -> None:
    for name in ("bangumi", "media"):
        season, *episodes = crawls[name].records
        assert (season["mix_id"], season["mix_kind"]) == (f"ss{shelves.SEASON}", "bangumi")
        assert [episode["video_id"] for episode in episodes] == [episode.bvid for episode in WORLD.library.episodes()]
        assert episodes[1]["mix"] == {"id": f"ss{shelves.SEASON}", "title": "样例番剧", "episode": 2}
        assert [episode["availability"] for episode in episodes[:2]] == ["public", "paid"]
    assert len(crawls["media"].asked("/pgc/review/user")) == 1 and not crawls["bangumi"].asked("/pgc/review/user")


@pytest.mark.parametrize(("name", "outcome"), [("region", "GEO_BLOCKED"), ("members", "LOGIN_REQUIRED")])
def test_a_season_that_is_not_shown(crawls: dict[str, Crawl], name: str, outcome: str) -> None:
    assert [failure["error"]["name"] for failure in crawls[name].failures] == [outcome]


def test_two_names_of_one_thing(crawls: dict[str, Crawl]) -> None:
    assert crawls["both"].code == 2 and "give only one" in crawls["both"].err


@pytest.mark.parametrize("name", STOPS)
def test_a_list_that_repeats_its_page(stopped: dict[str, Crawl], name: str) -> None:
    *gone, failure = stopped[name].failures
    assert [failure["error"]["name"] for failure in gone] == ["NOT_FOUND"] * (name == "saved"), "a hidden row once, too"
    assert failure["error"]["name"] == "INCOMPLETE" and "only what earlier pages held" in failure["error"]["message"]
    assert (failure["meta"]["page"], failure["meta"]["cursor"]) == (2, "2") and stopped[name].code == 3
