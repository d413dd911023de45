"""Parse Bilibili's folders, seasons and series into mixes. Pure."""

from typing import Any, Literal

from scraper.platform import Context
from scraper.records import Mix, MixStatistics, meta_for
from scraper.responses.values import count, ident, integer, need, obj, seconds, text, title, url
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.parse_common import author_ref
from spiders.bilibili.shapes import Owner, Saved, SavedStat

_SPACE = "https://space.bilibili.com/{}"
_SAVED = {
    "play_count": "play", "digg_count": "thumb_up", "collect_count": "collect", "share_count": "share",
    "danmaku_count": "danmaku",
}  # fmt: skip
_BROADCAST = {
    "play_count": "views", "digg_count": "likes", "collect_count": "favorites", "share_count": "share",
    "comment_count": "reply", "danmaku_count": "danmakus",
}  # fmt: skip


def key_of(kind: str, number: str) -> str:
    """Return the key of a mix; folders, series and seasons may have the same number."""
    return number if kind == "season" else f"{kind}:{number}"


def _statistics(raw: Any, names: dict[str, str]) -> MixStatistics:
    return MixStatistics(**{name: count(obj(raw).get(key)) for name, key in names.items()})


def parse_folder(raw: dict[str, Any], context: Context) -> Mix:
    """Parse a folder of saved videos."""
    number, attr = need(ident(raw.get("id")), "id"), integer(raw.get("attr"))
    owner = ident(raw.get("mid")) or context.target.id
    return Mix(
        mix_id=number,
        mix_kind="folder",
        title=title(raw.get("title")),
        text=text(raw.get("intro")),
        url=f"{_SPACE.format(owner)}/favlist?fid={number}",
        cover_url=url(raw.get("cover")),
        owner=author_ref(owner, obj(raw.get("upper")).get("name"), obj(raw.get("upper")).get("face")),
        item_count=count(raw.get("media_count")),
        statistics=_statistics(raw.get("cnt_info"), _SAVED),
        create_time=seconds(raw.get("ctime")),
        update_time=seconds(raw.get("mtime")),
        private=None if attr is None else bool(attr & 1),
        meta=meta_for(Mix, PLATFORM, key_of("folder", number), partial=True),
    )


def parse_collected(saved: Saved, context: Context) -> Mix:
    """Parse a season in a folder."""
    number, upper, stat = need(ident(saved.id), "id"), saved.upper or Owner(), saved.cnt_info or SavedStat()
    owner = ident(upper.mid)
    return Mix(
        mix_id=number,
        mix_kind="season",
        title=title(saved.title),
        text=saved.intro or None,
        url=f"{_SPACE.format(owner)}/lists/{number}?type=season" if owner else None,
        cover_url=url(saved.cover),
        owner=author_ref(owner, upper.name, upper.face),
        item_count=saved.media_count,
        statistics=MixStatistics(
            play_count=count(stat.play),
            digg_count=count(stat.thumb_up),
            collect_count=count(stat.collect),
            share_count=count(stat.share),
            danmaku_count=count(stat.danmaku),
        ),
        create_time=seconds(saved.ctime),
        meta=meta_for(Mix, PLATFORM, key_of("season", number), partial=True),
    )


def parse_list_of_user(raw: dict[str, Any], context: Context) -> Mix:
    """Parse a season or series among a user's lists."""
    about = obj(raw.get("meta"))
    kind: Literal["series", "season"] = "series" if ident(about.get("series_id")) else "season"
    number = need(ident(about.get(f"{kind}_id")), f"meta.{kind}_id")
    owner = ident(about.get("mid")) or context.target.id
    return Mix(
        mix_id=number,
        mix_kind=kind,
        title=title(about.get("name")),
        text=text(about.get("description")),
        url=f"{_SPACE.format(owner)}/lists/{number}?type={kind}",
        cover_url=url(about.get("cover")),
        owner=author_ref(owner, None),
        item_count=count(about.get("total")),
        statistics=MixStatistics(),
        create_time=seconds(about.get("ctime")),
        update_time=seconds(about.get("last_update_ts")) or seconds(about.get("mtime")) or seconds(about.get("ptime")),
        meta=meta_for(Mix, PLATFORM, key_of(kind, number), partial=True),
    )


def parse_bangumi(raw: dict[str, Any]) -> Mix:
    """Parse a broadcast season. Its id is written as in links: `ss1001`."""
    number = f"ss{need(ident(raw.get('season_id')), 'season_id')}"
    upper = obj(raw.get("up_info"))
    return Mix(
        mix_id=number,
        mix_kind="bangumi",
        title=title(raw.get("title")) or title(raw.get("season_title")),
        text=text(raw.get("evaluate")),
        url=f"https://www.bilibili.com/bangumi/play/{number}",
        cover_url=url(raw.get("cover")),
        owner=author_ref(upper.get("mid"), upper.get("uname"), upper.get("avatar")) if upper else None,
        item_count=_total(raw),
        statistics=_statistics(raw.get("stat"), _BROADCAST),
        meta=meta_for(Mix, PLATFORM, number),
    )


def _total(raw: dict[str, Any]) -> int | None:
    """Return the number of episodes, or None; the platform writes -1 if it is unknown."""
    episodes = raw.get("episodes")
    return count(raw.get("total")) or (len(episodes) if isinstance(episodes, list) else None)
