"""Detect counts of 0 that mean "not known", for all platforms.

A platform that does not count something often sends 0. Other counts tell such a 0 from a real one: nobody can like a
video that nobody has seen. docs/unknown-values.md lists all values that mean "not known".
"""

from collections.abc import Mapping, Sequence

import msgspec

from scraper.records.author import Author, AuthorStatistics
from scraper.records.base import Record
from scraper.records.collections import Hashtag, Mix, MixStatistics
from scraper.records.comment import Comment
from scraper.records.live import LiveRoom
from scraper.records.video import Video, VideoStatistics

_REACTIONS = ("digg_count", "comment_count", "share_count", "collect_count", "danmaku_count")

# Maps a count to the counts that can exceed 0 only if it does.
SIGNS_OF_LIFE: Mapping[type[msgspec.Struct], Mapping[str, Sequence[str]]] = {
    VideoStatistics: {"play_count": (*_REACTIONS, "repost_count", "coin_count", "download_count")},
    MixStatistics: {"play_count": _REACTIONS},
    AuthorStatistics: {"video_count": ("total_favorited", "play_total")},
    Hashtag: {
        "view_count": ("video_count", "user_count"),
        "video_count": ("view_count", "user_count"),
        "user_count": ("view_count", "video_count"),
    },
    LiveRoom: {"viewers_total": ("viewers", "likes")},
}


def forget_unknown_zeros(record: Record) -> None:
    """Set to null each count of 0 that contradicts the rest of the record."""
    if isinstance(record, Video):
        _forget(record.statistics)
    elif isinstance(record, Comment):
        if record.reply_count == 0 and record.replied_by_author:
            record.reply_count = None
    elif isinstance(record, Author | Mix):
        if record.statistics:
            _forget(record.statistics)
        if isinstance(record, Mix):
            _forget_of_mix(record)
    elif type(record) in SIGNS_OF_LIFE:
        _forget(record)


def forget_all_zeros(statistics: AuthorStatistics) -> None:
    """Set every count of 0 to null, for lists that return users with empty counters."""
    for name in statistics.__struct_fields__:
        setattr(statistics, name, getattr(statistics, name) or None)


def _forget(counts: msgspec.Struct) -> None:
    for name, signs in SIGNS_OF_LIFE[type(counts)].items():
        if getattr(counts, name) == 0 and any(getattr(counts, sign) for sign in signs):
            setattr(counts, name, None)


def _forget_of_mix(mix: Mix) -> None:
    """A mix that was watched has items."""
    if mix.item_count == 0 and mix.statistics and mix.statistics.play_count:
        mix.item_count = None
