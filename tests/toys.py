"""A platform of no site, whose rows use what a row can say."""

from typing import Any

from scraper.platform import END, WORDS, Context, Endpoint, Follow, NextPage, Pagination, Param, Relation, Route
from scraper.platform.platform import Platform
from scraper.platform.service import Service
from scraper.platform.targets import BareId, Pattern, Target
from scraper.records import Id, meta_for
from scraper.responses import Reading, Verdicts, content
from scraper.responses.outcomes import Outcome

API, ROUTER, TOY = "https://api.toy.test", "/api/toy/web", "toy"
SERVICE = Service(  # by the name of one whose configuration is there
    name="tiktok_web", label="toy", surface="web", hosts=["api.toy.test"], cookie_domains=["toy.test"],
    cookie_variable="TOY_COOKIE", login_cookies=["session"],
)  # fmt: skip
_PARTS = {"video": "12"}
COUNT = Param(name="count", regex=r"\d{1,2}", example="20", aliases=["counts"])
CURSOR = Param(name="cursor", regex=r"\d{1,9}", example="20", cursor=True, aliases=["max_cursor"])


def parse_id(raw: Any, context: Context) -> Id:
    return Id(input=str(raw), value=str(raw), id_kind=context.target.kind, meta=meta_for(Id, TOY, str(raw)))


def parse_lines(body: bytes) -> list[str]:
    """Read `#one|two#`, which is neither JSON nor text of any known kind."""
    if not body.startswith(b"#") or not body.endswith(b"#"):
        raise ValueError("cut short")
    return [line for line in body.strip(b"#").decode().split("|") if line]


def next_page(data: Any, context: Context, cursor: str) -> NextPage:
    return NextPage(cursor=str(data["cursor"])) if data["has_more"] else END


LIST = Pagination(cursor_params=lambda cursor, context: {"cursor": cursor or 0}, next_page=next_page, total="total")


def route(path: str, **more: Any) -> list[Route]:
    return [Route(url=f"{API}/{path}", parse=parse_id, **{"raw_type": object, **more})]


ENDPOINTS = [
    Endpoint(
        router=f"{ROUTER}/fetch_one_video", kind="video", record="id", default=True, summary="a video",
        params=[Param(name="video_id", regex=r"v\d{1,9}", example="v1", kind="video")], routes=route("video"),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_popular", kind="popular list", record="id", singleton="popular",
        summary="what is popular",
        params=[COUNT, CURSOR], routes=route("popular"), pagination=LIST, aliases=["fetch_com_popular"],
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_ranking", kind="ranking", record="id", summary="a board", singleton="0",
        params=[Param(name="rid", regex=r"\d{1,4}", example="3", kind="ranking", optional=True)],
        routes=route("ranking", query=lambda context: {"rid": context.target.id}),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_search", kind="search", record="id", default=True, listing="search",
        summary="what a word finds",
        params=[
            Param(name="keyword", regex=WORDS, example="a word", kind="search"),
            Param(name="sort", regex="new|old", example="new", make=lambda word: {"new": "1", "old": "2"}[word]),
            COUNT, CURSOR,
        ],
        routes=route("search", query=lambda context: {"q": context.target.id, "sort": context.option("sort", "0")}),
        pagination=LIST,
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_season", kind="season", record="id", default=True, summary="a season of a user",
        params=[
            Param(name="uid", regex=r"\d{1,9}", example="2", kind="season", narrows="user"),
            Param(name="season_id", regex=r"\d{1,9}", example="30", kind="season"), CURSOR,
        ],
        routes=route("season", query=lambda context: {"mid": context.target.get("user"), "season": context.target.id}),
        pagination=LIST,
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_own_likes", kind="own likes", record="id", summary="what one likes", singleton="own",
        params=[COUNT, CURSOR], pagination=LIST,
        routes=route("likes", query=lambda context: {"aid": 1}, form=lambda context: {"count": context.count or 20}),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_followers", kind="user", record="id", default=True, summary="who follows a user",
        params=[Param(name="user", regex=r"u\d", example="u1", kind="user"), CURSOR], pagination=LIST,
        routes=route("followers", query=lambda context: {"user": context.target.id}),
        relation=Relation("follows", "author", outward=False),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_danmaku", kind="part", record="id", summary="what flies over a part",
        params=[Param(name="cid", regex=r"\d{1,9}", example="5", kind="part")], 
        routes=route(
            "danmaku", decode=content(parse_lines), raw=lambda data: data,
            query=lambda context: {"cid": context.target.id},
        ),
        follow=Follow(
            name="danmaku", record="id",
            targets=lambda video, given: [
                Target("part", f"{video.value}{part}", given, (), TOY) for part in _PARTS.get(video.id_kind, "")
            ],
        ),
    ),
]  # fmt: skip

PLATFORM = Platform(
    name=TOY, title="Toy", services=[SERVICE], short_hosts=[], endpoints=ENDPOINTS,
    router_for_unknown=f"{ROUTER}/fetch_one_video",
    patterns=[
        Pattern(kind="video", hosts=["toy.test"], path=r"/(?P<id>v\d+)", example="https://toy.test/v1", platform=TOY)
    ],
    bare_ids=[BareId(kind="video", regex=r"v\d+", example="v1", platform=TOY)],
    verdicts=Verdicts(
        codes={0: Reading(Outcome.OK, "")}, code=lambda data: data.get("code"), message=lambda data: "",
        page=lambda answer: None, shape=lambda code, data, answer: None,
    ),
)  # fmt: skip
