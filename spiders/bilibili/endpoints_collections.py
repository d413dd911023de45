"""Endpoints of folders, seasons, series and broadcast seasons (bangumi)."""

import re
from collections.abc import Mapping
from typing import Any

from scraper.platform import (
    SIZE_OF_PLATFORM,
    Context,
    Endpoint,
    Extra,
    NextPage,
    Pagination,
    Param,
    Relation,
    Route,
    listed,
    no_cursor,
    sent_as,
    single_page,
)
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError, dig, ident, obj
from spiders.bilibili import lookups, parse_bangumi, parse_lists, parse_mix
from spiders.bilibili.endpoints_common import API, PN, ROUTER, UID, by_number, space_page
from spiders.bilibili.hidden_rows import of_saved
from spiders.bilibili.ids import NUMBER
from spiders.bilibili.pagination import counting, flagged
from spiders.bilibili.shapes import Archive, ArchiveList, EpisodePlay, OneView, Saved, SavedList

_SAVED, _LISTS, _ARCHIVES, _MOST_ARCHIVES = 20, 20, 30, 100
_NO_FOLDER = NextPage(stop=Outcome.NOT_FOUND, message="the folder does not exist or was deleted")
_paged = sent_as("page_num", 1)
_saved_turn = flagged("data.has_more")
_listed_archives = listed("data.archives")
_SEASON = "season"  # hint: the season of a media number


def _owner(kind: str) -> Param:
    return Param(name="uid", regex=NUMBER, example="100200300", kind=kind, narrows="uid", make=UID.make)


def _number(name: str, kind: str, example: str, prefix: str = "") -> Param:
    """Return the parameter for a collection's number."""
    return Param(
        name=name, regex=NUMBER, example=example, kind=kind, make=lambda value: f"{prefix}{int(value)}"
    )  # fmt: skip


def _space(target: Target) -> str:
    return f"https://space.bilibili.com/{target.get('uid') or 'favlist'}"


def _folders(data: Any) -> list[Any]:
    """Return all folders of a user, which come at once; none if `data` is null: hidden, or of a missing user."""
    return listed("data.list")(data) if obj(data).get("data") is not None else []


def _folder_turn(data: Any, context: Context, cursor: str) -> NextPage:
    """Return the next page of a folder. Of a missing one, there is neither the folder itself nor a video."""
    folder = obj(data).get("data")
    if folder is None or (isinstance(folder, dict) and folder.get("info") is None and not folder.get("medias")):
        return _NO_FOLDER
    return _saved_turn(data, context, cursor)


def _lists(data: Any) -> list[Any]:
    """Return a user's seasons and series."""
    holder = dig(data, "data.items_lists")
    lists = [obj(holder).get(name) for name in ("seasons_list", "series_list")]
    if not isinstance(holder, dict) or not all(isinstance(entries or [], list) for entries in lists):
        raise MissingError("data.items_lists.seasons_list")
    return [entry for entries in lists for entry in entries or []]


def _archives(data: Any) -> list[Any]:
    """Return the videos of a season or series, each with the metadata of its season."""
    about = dig(data, "data.meta")
    return [_with_season(archive, about) for archive in _listed_archives(data)]


def _with_season(archive: Any, about: Any) -> Any:
    if isinstance(archive, Archive):
        archive.season = about
        return archive
    return {**archive, "_season": about} if isinstance(archive, dict) else archive


def _archives_size(context: Context) -> int:
    return context.size(_ARCHIVES, _MOST_ARCHIVES)


def _archives_turn(data: Any, context: Context, cursor: str) -> NextPage:
    return counting(dig(data, "data.page"), cursor, _listed_archives(data), _archives_size(context))


def _is_nobodys(season: Any) -> bool:
    return season is None or (isinstance(season, dict) and season.get("mid") in (None, 0, "0"))


def _season_turn(data: Any, context: Context, cursor: str) -> NextPage:
    """Return the next page of a season, whose owner the link may name: Bilibili looks only at the number."""
    asked, owner = context.target.get("uid"), parse_lists.season_owner(dig(data, "data.meta.mid"))
    if not cursor and _is_nobodys(dig(data, "data.meta")) and dig(data, "data.archives") == []:
        return lookups.not_owned("season", "series")
    if asked and owner and owner != asked:
        return lookups.not_owned("season", "series", owner)
    return _archives_turn(data, context, cursor)


def _mix_key(target: Target) -> str:
    return parse_mix.key_of(target.kind, target.id)


def _broadcast(data: Any) -> list[Any]:
    """Return a broadcast season, followed by its episodes and extras, each with its season."""
    season = dig(data, "result")
    if not isinstance(season, dict) or not isinstance(season.get("episodes") or [], list):
        raise MissingError("result.episodes")
    about = {name: season.get(name) for name in ("season_id", "title", "up_info")}
    section = season.get("section")
    sections = section if isinstance(section, list) else []
    groups = [season.get("episodes"), *(obj(section).get("episodes") for section in sections)]
    episodes = [episode for group in groups if isinstance(group, list) for episode in group]
    return [
        season,
        *({**episode, parse_bangumi.SEASON: about} if isinstance(episode, dict) else episode for episode in episodes),
    ]


def _episodes(data: Any) -> list[Any]:
    """Return the episodes of a broadcast season, without the season."""
    return _broadcast(data)[1:]


def _is_asked_episode(record: Any, context: Context) -> bool:
    return f"ep{record.alt_ids.get('ep_id')}" == context.target.id


def _parse_asked_episode(raw: Any, context: Context) -> Any:
    """Parse an episode if it is the requested one; the others need not be readable."""
    return parse_bangumi.parse_episode(raw, context) if f"ep{ident(raw.get('id'))}" == context.target.id else None


def _episode_streams(record: Any, context: Context) -> Mapping[str, Any]:
    return {
        "ep_id": record.alt_ids["ep_id"], "qn": 127, "fnval": 4048, "fnver": 0, "fourk": 1, "drm_tech_type": 2,
        "support_multi_audio": "true", "from_client": "BROWSER",
    }  # fmt: skip


def _season_of_media(data: Any) -> Mapping[str, str]:
    """Return the season of a media number.

    :raises MissingError: the answer has no season id
    """
    season_id = ident(dig(data, "result.media.season_id"))
    if season_id is None:
        raise MissingError("result.media.season_id")
    return {_SEASON: season_id}


def _is_media(target: Target) -> bool:
    return target.id.startswith("md") and not target.hint(_SEASON)


def _by_season(context: Context) -> Mapping[str, Any]:
    kind, number = context.target.id[:2], context.target.id[2:]
    known = context.target.hint(_SEASON)
    return {"ep_id": number} if kind == "ep" else {"season_id": known or number}


def _bangumi_page(target: Target) -> str:
    kind = "media" if target.id.startswith("md") else "play"
    return f"https://www.bilibili.com/bangumi/{kind}/{target.id if re.fullmatch('[a-z]{2}[0-9]+', target.id) else ''}"


COLLECTIONS = [
    Endpoint(
        router=f"{ROUTER}/fetch_collect_folders", kind="user", record="mix", params=[UID], login="more",
        summary="a user's folders of saved videos",
        routes=[
            Route(
                url=f"{API}/x/v3/fav/folder/created/list-all", referer=space_page,
                query=lambda context: {"up_mid": context.target.id, "type": 0, "web_location": "333.1387"},
                raw=_folders, path="data.list", parse=parse_mix.parse_folder,
            ),
            lookups.explaining(),
        ],
        pagination=Pagination(
            cursor_params=no_cursor, next_page=single_page, total="data.count", page_size=SIZE_OF_PLATFORM, why_empty=lookups.no_folders,
        ),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_collection_videos", kind="folder", record="video", also=["mix"], default=True, login="more",
        params=[_number("folder_id", "folder", "1001"), PN], summary="the entries of a folder, last saved first", listing="mix",
        routes=[
            Route(
                url=f"{API}/x/v3/fav/resource/list", referer=_space,
                query=lambda context: {
                    "media_id": context.target.id, "ps": context.size(_SAVED, _SAVED), "keyword": "", "order": "mtime", "type": 0,
                    "tid": 0, "platform": "web",
                },
                raw=listed("data.medias"), path="data.medias", raw_type=Saved, shape=SavedList, parse=parse_lists.parse_saved, row_reading=of_saved,
            )
        ],
        pagination=Pagination(cursor_params=by_number, next_page=_folder_turn, total="data.info.media_count"),
        relation=Relation("in_mix", "mix", outward=False, ident=_mix_key),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_seasons_series", kind="user", record="mix", params=[UID, PN],
        summary="the seasons and series of a creator",
        routes=[
            Route(
                url=f"{API}/x/polymer/web-space/seasons_series_list", referer=space_page,
                query=lambda context: {"mid": context.target.id, "page_size": context.size(_LISTS, _LISTS), "web_location": "333.1387"},
                raw=_lists, path="data.items_lists.seasons_list", parse=parse_mix.parse_list_of_user,
            ),
            lookups.explaining(),
        ],
        pagination=Pagination(
            cursor_params=_paged, total="data.items_lists.page.total", why_empty=lookups.nothing(),
            next_page=lambda data, context, cursor: counting(dig(data, "data.items_lists.page"), cursor, _lists(data), context.size(_LISTS, _LISTS)),
        ),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_season_videos", kind="season", record="video", default=True, listing="mix",
        params=[_owner("season"), _number("season_id", "season", "3001"), PN], summary="the videos of a season, in order",
        relation=Relation("in_mix", "mix", outward=False),
        routes=[
            Route(
                url=f"{API}/x/polymer/web-space/seasons_archives_list", referer=_space,
                query=lambda context: {
                    "mid": context.target.get("uid") or 0, "season_id": context.target.id, "sort_reverse": "false",
                    "page_size": _archives_size(context), "web_location": "333.999",
                },
                raw=_archives, path="data.archives", raw_type=Archive, shape=ArchiveList, parse=parse_lists.parse_archive,
            )
        ],
        pagination=Pagination(cursor_params=_paged, next_page=_season_turn, total="data.page.total", exact=True),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_series_videos", kind="series", record="video", default=True, listing="mix",
        params=[_owner("series"), _number("series_id", "series", "3001"), PN], summary="the videos of a series, newest first",
        routes=[
            Route(
                url=f"{API}/x/series/archives", referer=_space,
                query=lambda context: {
                    "mid": context.target.get("uid") or 0, "series_id": context.target.id, "only_normal": "true", "sort": "desc",
                    "ps": _archives_size(context),
                },
                raw=_archives, path="data.archives", raw_type=Archive, shape=ArchiveList, parse=parse_lists.parse_archive,
            ),
            lookups.explaining_series(),
        ],
        pagination=Pagination(
            cursor_params=by_number, next_page=_archives_turn, total="data.page.total", exact=True, why_empty=lookups.empty_series
        ),
        relation=Relation("in_mix", "mix", outward=False, ident=_mix_key),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_bangumi_episode", kind="episode", record="video", default=True,
        params=[_number("ep_id", "episode", "2001", "ep")], summary="one episode of a broadcast season",
        routes=[
            Route(
                url=f"{API}/pgc/view/web/season", query=_by_season, referer=_bangumi_page, raw=_episodes, path="result.episodes",
                parse=_parse_asked_episode, is_requested=_is_asked_episode,
            )
        ],
        extras=[
            Extra(
                name="view", url=f"{API}/x/web-interface/view", query=lambda record, context: {"bvid": record.video_id}, referer=_bangumi_page,
                shape=OneView, add=parse_bangumi.add_view, fills=lambda record: ["statistics", "desc"],
            ),
            Extra(
                name="streams", url=f"{API}/pgc/player/web/v2/playurl", query=_episode_streams, referer=_bangumi_page,
                shape=EpisodePlay, add=parse_bangumi.add_streams, fills=lambda record: ["video_data"],
            ),
        ],
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_bangumi_season", kind="bangumi", record="video", also=["mix"], default=True, several=True,
        params=[_number("season_id", "bangumi", "1001", "ss"), _number("ep_id", "bangumi", "2001", "ep")], kinds=["episode"],
        summary="a broadcast season and its episodes",
        routes=[
            Route(
                name="media", url=f"{API}/pgc/review/user", query=lambda context: {"media_id": context.target.id[2:]}, referer=_bangumi_page,
                is_available=_is_media, lookup=_season_of_media,
            ),
            Route(
                url=f"{API}/pgc/view/web/season", query=_by_season, referer=_bangumi_page, is_available=lambda target: not _is_media(target),
                raw=_broadcast, path="result.episodes", parse=parse_bangumi.parse_episode,
            ),
        ],
    ),
]  # fmt: skip
