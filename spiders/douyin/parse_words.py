"""Parse Douyin's danmaku and trending search words. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import Danmaku, HotWord, meta_for
from scraper.responses.values import count, ident, integer, need, obj, rank, seconds, text
from spiders.douyin.ids import PLATFORM
from spiders.douyin.streams import best

BOARD = "hot"


def parse_danmaku(raw: dict[str, Any], context: Context) -> Danmaku:
    """Parse a danmaku. Its sender is not kept."""
    danmaku_id = need(ident(raw.get("danmaku_id")), "danmaku_id")
    return Danmaku(
        danmaku_id=danmaku_id,
        video_id=context.target.id,
        at_ms=count(raw.get("offset_time")),
        text=text(raw.get("text")),
        likes=count(raw.get("digg_count")),
        meta=meta_for(Danmaku, PLATFORM, danmaku_id),
    )


def parse_hot_word(raw: dict[str, Any], context: Context) -> HotWord:
    """Parse a trending search word."""
    word, label = need(text(raw.get("word")), "word"), integer(raw.get("label"))
    return HotWord(
        board=BOARD,
        position=rank(raw.get("position")),
        word=word,
        heat=count(raw.get("hot_value")),
        label=str(label) if label else None,
        view_count=count(raw.get("view_count")) or None,
        video_count=count(raw.get("video_count")) or None,
        event_time=seconds(raw.get("event_time")),
        cover_url=best(obj(raw.get("word_cover")).get("url_list")),
        sentence_id=ident(raw.get("sentence_id")),
        meta=meta_for(HotWord, PLATFORM, f"{BOARD}:{ident(raw.get('sentence_id')) or word}"),
    )
