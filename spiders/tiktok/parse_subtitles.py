"""Parse the subtitles of TikTok's posts, of web and app, and their files. Pure."""

from collections.abc import Iterator
from typing import Any

from scraper.platform import Context
from scraper.platform.captions import file_cues, json_cues, words
from scraper.records import Subtitle, meta_for
from scraper.records.texts import SubtitleSource
from scraper.responses import Content, decode
from scraper.responses.decoding import UnreadableError
from scraper.responses.values import MissingError, address_parts, dig, flag, ident, obj, objs, seconds, text, url
from spiders.tiktok.cdn import CDN
from spiders.tiktok.ids import PLATFORM

_SOURCES: dict[str | None, SubtitleSource] = {"ASR": "asr", "MT": "mt"}
_FILE_FIELDS = ["text", "cues"]


def web_rows(data: Any) -> list[dict[str, Any]]:
    """Return the subtitles of a web post, each under the names of `captionInfos`, with the `Source` of `subtitleInfos`.

    Both lists name the same files; older answers have only `subtitleInfos`.

    :raises MissingError: if there is no post
    """
    video = dig(data, "itemInfo.itemStruct.video")
    if not isinstance(video, dict):
        raise MissingError("itemInfo.itemStruct.video")
    listed = [_as_caption(info) for info in objs(video.get("subtitleInfos"))]
    captions = {_file_of(row): row for row in objs(dig(video, "claInfo.captionInfos"))}
    files = {_file_of(row) for row in listed}
    rows = [{**row, **captions.get(_file_of(row), {})} for row in listed]
    return [*rows, *(row for file, row in captions.items() if file not in files)]


def app_rows(data: Any) -> list[dict[str, Any]]:
    """Return the subtitles of the app's posts, under the names of the web.

    :raises MissingError: if there is no list of posts
    """
    posts = obj(data).get("aweme_details")
    if not isinstance(posts, list):
        raise MissingError("aweme_details")
    return [row for post in objs(posts) for row in _app_rows(post)]


def parse_subtitle(raw: dict[str, Any], context: Context) -> Subtitle:
    """Parse a subtitle. Its cues come from its file."""
    lang, source = text(raw.get("language")), _source(raw)
    number = ident(raw.get("claSubtitleID")) or f"{context.target.id}_{lang or 'unknown'}_{source}"
    subtitle = Subtitle(
        subtitle_id=number,
        video_id=context.target.id,
        lang=lang,
        source=source,
        format=text(raw.get("captionFormat")),
        url=next((address for address in _addresses(raw) if CDN.allows(address)), url(raw.get("url"))),
        expire_time=seconds(raw.get("expire")),
        meta=meta_for(Subtitle, PLATFORM, number),
    )
    subtitle.meta.missing = [] if has_file(subtitle) else file_fields(subtitle)
    return subtitle


def has_file(subtitle: Subtitle) -> bool:
    """Return whether the file of a subtitle can be requested: it is on TikTok's CDN."""
    return subtitle.url is not None and CDN.allows(subtitle.url)


def file_fields(subtitle: Subtitle) -> list[str]:
    """Return the fields that a subtitle's file fills."""
    return [*_FILE_FIELDS]


def decode_file(body: bytes) -> Any:
    """Decode a subtitle's file: cues of WebVTT or SubRip, or the object of a JSON file.

    :raises UnreadableError: if it has another format
    """
    if body.lstrip()[:1] == b"{":
        data = decode(body)
        return Content(data) if isinstance(data, dict) and "utterances" in data else data
    try:
        return Content(file_cues(body))
    except ValueError as error:
        raise UnreadableError(str(error)) from error


def add_file(subtitle: Subtitle, data: Any, context: Context) -> None:
    """Add the cues."""
    subtitle.cues = data if isinstance(data, list) else json_cues(data)
    subtitle.text = words(subtitle.cues)


def _as_caption(info: dict[str, Any]) -> dict[str, Any]:
    return {
        "language": info.get("LanguageCodeName"),
        "url": info.get("Url"),
        "expire": info.get("UrlExpire"),
        "captionFormat": info.get("Format"),
        "Source": info.get("Source"),
    }


def _app_rows(post: dict[str, Any]) -> Iterator[dict[str, Any]]:
    about = obj(dig(post, "video.cla_info"))
    original = text(dig(about, "original_language_info.lang"))
    for row in objs(about.get("caption_infos")):
        is_original = row.get("is_original_caption")
        yield {
            "claSubtitleID": row.get("cla_subtitle_id"),
            "language": (lang := row.get("lang")),
            "url": row.get("url"),
            "urlList": row.get("url_list"),
            "expire": row.get("expire"),
            "captionFormat": row.get("caption_format"),
            "isAutoGen": row.get("is_auto_generated"),
            "isOriginalCaption": lang == original if is_original is None and original else is_original,
        }
    for sticker in objs(post.get("interaction_stickers")):
        for row in objs(dig(sticker, "auto_video_caption_info.auto_captions")):
            yield {"language": row.get("language"), "urlList": dig(row, "url.url_list"), "Source": "ASR"}


def _addresses(raw: dict[str, Any]) -> Iterator[str]:
    """Yield the URLs of a file."""
    listed = raw.get("urlList")
    for value in (raw.get("url"), *(listed if isinstance(listed, list) else ())):
        if address := url(value):
            yield address


def _file_of(row: dict[str, Any]) -> str:
    """Return what identifies the file of a row among those of its post: its path, or else its language."""
    return address_parts(next(_addresses(row), "")).path or f"{row.get('language')}"


def _source(raw: dict[str, Any]) -> SubtitleSource:
    """Return who made a subtitle. A text that no machine made is its creator's."""
    if (known := _SOURCES.get(text(raw.get("Source")))) is not None:
        return known
    is_made, is_original = flag(raw.get("isAutoGen")), flag(raw.get("isOriginalCaption"))
    if is_made is False:
        return "creator"
    if not is_made or is_original is None:
        return "unknown"
    return "asr" if is_original else "mt"
