"""Parse the episodes of a broadcast season into videos. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import Flags, Mix, MixRef, Video, VideoStatistics, availability, meta_for
from scraper.records.completing import completed
from scraper.responses.shapes import as_shape
from scraper.responses.values import count, dig, ident, integer, need, obj, seconds, text, title
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.parse import parse_view
from spiders.bilibili.parse_common import author_ref, bvid_in, cover, size
from spiders.bilibili.parse_lists import thin
from spiders.bilibili.parse_mix import parse_bangumi
from spiders.bilibili.shapes import Dimension, EpisodeStreams
from spiders.bilibili.streams import add_dash

SEASON = "_season"  # added to an episode by the endpoint: the season of its list
EPISODE_URL = "https://www.bilibili.com/bangumi/play/ep{}"
_PAID = ("会员", "付费")


def parse_episode(raw: dict[str, Any], context: Context) -> Video | Mix | None:
    """Parse an episode, or the season, which the endpoint lists first. None for a row that is only a link."""
    if SEASON not in raw:
        return parse_bangumi(raw)
    if integer(raw.get("aid")) == 0 and not text(raw.get("bvid")):
        return None
    season, bvid = obj(raw[SEASON]), bvid_in(text(raw.get("bvid")), raw.get("aid"))
    upper, number, badge = obj(season.get("up_info")), ident(raw.get("id")), text(raw.get("badge"))
    width, height = size(as_shape(Dimension, raw.get("dimension")))
    ids = {name: ident(raw.get(name)) for name in ("aid", "cid")} | {"ep_id": number, "season_id": _season(season)}
    episode = integer(raw.get("title"))
    more = {"url": EPISODE_URL.format(number)} if number else {}
    return thin(
        bvid,
        meta_for(Video, PLATFORM, bvid, partial=True),
        ids,
        **more,
        title=title(raw.get("long_title")) or title(raw.get("title")),
        create_time=need(seconds(raw.get("pub_time")), "pub_time"),
        duration_ms=count(raw.get("duration")) or None,
        width=width,
        height=height,
        author=author_ref(upper.get("mid"), upper.get("uname"), upper.get("avatar")),
        statistics=VideoStatistics(),
        mix=MixRef(
            id=f"ss{_season(season)}" if _season(season) else None,
            title=title(season.get("title")),
            episode=episode if episode is not None and episode >= 0 else None,
        ),
        labels=[badge] if badge else None,
        flags=Flags(paid=None if badge is None else any(word in badge for word in _PAID)),
        cover_data=cover(raw.get("cover")),
    )


def add_view(episode: Video, data: Any, context: Context) -> None:
    """Complete an episode with the answer to its video: counts, description, parts."""
    completed(episode, parse_view(dig(data, "data"), context))
    episode.availability, episode.meta.partial = availability(episode.flags), False


def add_streams(episode: Video, data: Any, context: Context) -> None:
    """Fill `video_data`. Encrypted streams cannot be played, and count as none."""
    info = as_shape(EpisodeStreams, dig(data, "result.video_info"))
    if info.is_drm:
        episode.meta.missing.append("video_data")
    else:
        add_dash(episode, {"data": info}, context)


def _season(season: dict[str, Any]) -> str | None:
    return ident(season.get("season_id"))
