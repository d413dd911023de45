"""Parse TikTok's playlists, hashtags and sounds. Pure."""

import re
from typing import Any
from urllib.parse import quote

from scraper.platform import Context
from scraper.records import AuthorRef, Hashtag, Mix, MixStatistics, Music, Song, meta_for
from scraper.responses.shapes import as_shape
from scraper.responses.values import count, duration_ms, flag, ident, need, obj, objs, text, title, url
from spiders.tiktok import parse_common
from spiders.tiktok.ids import HOME, PLATFORM
from spiders.tiktok.parse_web import author_ref
from spiders.tiktok.shapes import User

_AND = re.compile(r",|&|;|\bfeat\.|\bft\.")


def parse_mix(raw: dict[str, Any], context: Context) -> Mix:
    """Parse a playlist: {mixId, mixName, cover, videoCount, creator}."""
    mix_id = need(ident(raw.get("mixId")) or ident(raw.get("id")), "mixId")
    owner = author_ref(as_shape(User, raw["creator"])) if obj(raw.get("creator")) else None
    return Mix(
        mix_id=mix_id,
        mix_kind="playlist",
        title=title(raw.get("mixName")) or title(raw.get("name")),
        url=f"{HOME}@{owner.unique_id}/playlist/{mix_id}" if owner and owner.unique_id else None,
        cover_url=url(raw.get("cover")),
        owner=owner,
        item_count=count(raw.get("videoCount")),
        statistics=MixStatistics(),
        meta=meta_for(Mix, PLATFORM, mix_id),
    )


def parse_hashtag(raw: dict[str, Any], context: Context) -> Hashtag:
    """Parse a `challengeInfo`: {challenge: {id, title, desc, isCommerce}, stats, statsV2: {viewCount, videoCount}}."""
    challenge = obj(raw.get("challenge"))
    number, name = need(ident(challenge.get("id")), "challenge.id"), text(challenge.get("title"))
    pictures = [challenge.get(f"cover{size}") for size in ("Larger", "Medium", "Thumb")]
    sources = [obj(raw.get("statsV2")), obj(raw.get("stats")), obj(challenge.get("stats"))]
    meta = meta_for(Hashtag, PLATFORM, number)
    return Hashtag(
        hashtag_id=number,
        name=name,
        text=text(challenge.get("desc")),
        url=f"{HOME}tag/{quote(name)}" if name else None,
        cover_url=next((address for picture in pictures if (address := url(picture))), None),
        commerce=flag(challenge.get("isCommerce")),
        view_count=parse_common.counted("view_count", ["viewCount"], sources, meta),
        video_count=parse_common.counted("video_count", ["videoCount"], sources, meta),
        meta=meta,
    )


def parse_music(raw: dict[str, Any], context: Context) -> Music:
    """Parse a `musicInfo`: {music: {id, title, authorName, …}, author: {…}, artists: […], stats: {videoCount}}."""
    music, author = obj(raw.get("music")), obj(raw.get("author"))
    number, named = need(ident(music.get("id")), "music.id"), text(music.get("authorName"))
    original, meta = flag(music.get("original")), meta_for(Music, PLATFORM, number)
    sources = [obj(raw.get("statsV2")), obj(raw.get("stats"))]
    pictures = [music.get(f"cover{size}") for size in ("Large", "Medium", "Thumb")]
    return Music(
        music_id=number,
        title=title(music.get("title")),
        author_name=named,
        album=text(music.get("album")),
        url=f"{HOME}music/-{number}",
        duration_ms=duration_ms(music.get("duration")),
        original=original,
        commerce=flag(music.get("isCopyrighted")),
        private=flag(music.get("private")),
        owner=author_ref(as_shape(User, author)) if author else None,
        matched=_matched(obj(music.get("tt2dsp"))),
        artists=_artists(raw, named) if original is not True else None,
        play_url=url(music.get("playUrl")),
        cover_url=next((address for picture in pictures if (address := url(picture))), None),
        video_count=parse_common.counted("video_count", ["videoCount"], sources, meta),
        meta=meta,
    )


def _matched(raw: dict[str, Any]) -> Song | None:
    """Return the published song of a sound; the web has only its number."""
    numbers = (ident(song.get("meta_song_id")) for song in objs(raw.get("tt_to_dsp_song_infos")))
    number = next(filter(None, numbers), None)
    return Song(id=number) if number else None


def _artists(raw: dict[str, Any], named: str | None) -> list[AuthorRef] | None:
    """Return the listed artists, or else those joined in one name."""
    listed = [author_ref(as_shape(User, artist)) for artist in objs(raw.get("artists"))]
    names = parse_common.texts(name.strip() for name in _AND.split(named)) if named else []
    return listed or [AuthorRef(nickname=name) for name in names] or None
