"""Parse Douyin's sounds, hashtags and mixes. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import AuthorRef, Hashtag, Mix, MixStatistics, Music, Song, meta_for
from scraper.responses.shapes import as_shape
from scraper.responses.values import count, flag, ident, integer, need, obj, objs, seconds, text, title, url
from spiders.douyin import refs, shapes
from spiders.douyin.ids import PLATFORM
from spiders.douyin.streams import best

_MIX_URL = "https://www.douyin.com/collection/{}"
_MUSIC_URL = "https://www.douyin.com/music/{}"
_HASHTAG_URL = "https://www.douyin.com/hashtag/{}"


def parse_music(raw: dict[str, Any], context: Context) -> Music:
    """Parse a sound."""
    known = need(refs.music_ref(as_shape(shapes.Music, raw)), "id_str")
    status, prevented = integer(raw.get("status")), flag(raw.get("prevent_download"))
    return Music(
        music_id=known.music_id,
        title=known.title,
        author_name=known.author_name,
        album=text(raw.get("album")),
        url=_MUSIC_URL.format(known.music_id),
        duration_ms=known.duration_ms,
        original=known.original,
        commerce=flag(raw.get("is_commerce_music")),
        owner=_owner(raw),
        matched=_matched(raw),
        artists=_artists(raw),
        play_url=known.play_url,
        cover_url=_image(raw, "cover_hd", "cover_large", "cover_medium", "cover_thumb"),
        lyric_url=url(raw.get("lyric_url")),
        beat_url=_image(raw, "strong_beat_url"),
        video_count=count(raw.get("user_count")),
        state=str(status) if status is not None else None,
        author_deleted=flag(raw.get("author_deleted")),
        downloadable=None if prevented is None else not prevented,
        meta=meta_for(Music, PLATFORM, known.music_id),
    )


def parse_hashtag(raw: dict[str, Any], context: Context) -> Hashtag:
    """Parse a hashtag."""
    hashtag_id = need(ident(raw.get("cid")), "cid")
    kinds = [integer(raw.get(name)) for name in ("type", "sub_type")]
    music = [refs.music_ref(as_shape(shapes.Music, raw_music)) for raw_music in objs(raw.get("connect_music"))]
    return Hashtag(
        hashtag_id=hashtag_id,
        name=text(raw.get("cha_name")),
        text=text(raw.get("desc")),
        url=_HASHTAG_URL.format(hashtag_id),
        commerce=flag(raw.get("is_commerce")),
        raw_kind="/".join(str(number) for number in kinds if number is not None) or None,
        view_count=count(raw.get("view_count")),
        user_count=count(raw.get("user_count")),
        linked_music=[ref for ref in music if ref] if isinstance(raw.get("connect_music"), list) else None,
        meta=meta_for(Hashtag, PLATFORM, hashtag_id),
    )


def parse_mix(raw: dict[str, Any], context: Context) -> Mix:
    """Parse a mix."""
    mix_id, counters = need(ident(raw.get("mix_id")), "mix_id"), obj(raw.get("statis"))
    author = obj(raw.get("author"))
    return Mix(
        mix_id=mix_id,
        mix_kind="mix",
        title=title(raw.get("mix_name")),
        text=text(raw.get("desc")),
        url=_MIX_URL.format(mix_id),
        cover_url=_image(raw, "cover_url"),
        owner=refs.owner_ref(as_shape(shapes.User, author)),
        item_count=count(counters.get("updated_to_episode")),
        statistics=MixStatistics(
            play_count=count(counters.get("play_vv")), collect_count=count(counters.get("collect_vv"))
        ),
        create_time=seconds(raw.get("create_time")),
        update_time=seconds(raw.get("update_time")),
        meta=meta_for(Mix, PLATFORM, mix_id),
    )


def _owner(raw: dict[str, Any]) -> AuthorRef | None:
    """Return the uploader of a sound; a published song has none."""
    uid, sec_uid = ident(raw.get("owner_id")), ident(raw.get("sec_uid"))
    if not uid and not sec_uid:
        return None
    return AuthorRef(
        uid=uid,
        sec_uid=sec_uid,
        unique_id=ident(raw.get("owner_handle")),
        nickname=text(raw.get("owner_nickname")),
        avatar_url=refs.avatar(as_shape(shapes.User, raw)),
        url=refs.USER_URL.format(sec_uid) if sec_uid else None,
    )


def _artists(raw: dict[str, Any]) -> list[AuthorRef] | None:
    if not isinstance(raw.get("artists"), list):
        return None
    return [
        AuthorRef(
            uid=ident(artist.get("uid")),
            sec_uid=ident(artist.get("sec_uid")),
            unique_id=ident(artist.get("handle")),
            nickname=text(artist.get("nick_name")),
            verified=flag(artist.get("is_verified")),
        )
        for artist in objs(raw["artists"])
    ]


def _matched(raw: dict[str, Any]) -> Song | None:
    """Return the published song that the platform recognized."""
    song, sound = obj(raw.get("matched_song")), obj(raw.get("matched_pgc_sound"))
    matched = Song(
        id=ident(song.get("id")) or ident(sound.get("music_id")),
        title=title(song.get("title")) or title(sound.get("title")),
        author_name=text(song.get("author")) or text(sound.get("pgc_author")) or text(sound.get("author")),
    )
    return matched if matched.id or matched.title or matched.author_name else None


def _image(raw: dict[str, Any], *names: str) -> str | None:
    urls = (best(obj(raw.get(name)).get("url_list")) for name in names)
    return next((address for address in urls if address), None)
