"""A record that is completed by another route never has less than either had."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scraper.records import (
    AuthorRef,
    Can,
    Cover,
    Flags,
    ImageData,
    Meta,
    Refs,
    Stream,
    Video,
    VideoData,
    VideoStatistics,
)
from scraper.records.completing import completed

SOUND = ["video_data.streams.audio", "video_data.audio_url"]
COUNTS = ("digg_count", "play_count", "share_count")


def video(kind: str, title: str | None, counts: list[int | None], rounded: bool) -> Video:
    """Return a record of a kind: with sound, silent, its pictures, or no media at all."""
    media: dict[str, Any] = {"type": "image", "kind": "image"} if kind == "pictures" else {"kind": "video"}
    if kind in ("sound", "silent"):
        media["video_data"] = VideoData(streams=[Stream(audio=kind == "sound", urls=["https://cdn.test/a.mp4"])])
    if kind == "pictures":
        media["image_data"] = ImageData(no_watermark_image_list=["https://cdn.test/a.jpeg"])
    missing = {"silent": SOUND, "nothing": ["video_data"]}.get(kind, [])
    missing = [*missing, *(["title"] if title is None else [])]
    approximate = [f"statistics.{name}" for name, count in zip(COUNTS, counts, strict=True) if rounded and count]
    return Video(
        video_id="7412345678901234567", title=title, url="https://www.douyin.com/video/7412345678901234567",
        statistics=VideoStatistics(**dict(zip(COUNTS, counts, strict=True))), flags=Flags(), can=Can(), refs=Refs(),
        create_time=1, author=AuthorRef(), cover_data=Cover(),
        meta=Meta(missing=missing, approximate=approximate), **media,
    )  # fmt: skip


videos = st.builds(
    video,
    st.sampled_from(["sound", "silent", "pictures", "nothing"]),
    st.sampled_from(["A title", None]),
    st.lists(st.sampled_from([None, 7, 12_000]), min_size=3, max_size=3),
    st.booleans(),
)


def has_sound(record: Video) -> bool:
    return bool(record.video_data and any(stream.audio for stream in record.video_data.streams))


def has_media(record: Video) -> bool:
    return record.video_data is not None or record.image_data is not None


@given(videos, videos)
def test_no_order_of_two_routes_loses_anything(richer: Video, poorer: Video) -> None:
    before = [richer, poorer]
    media = [(record.kind, record.video_data, record.image_data) for record in before]
    is_heard, is_served = any(map(has_sound, before)), any(map(has_media, before))
    is_silent_only = {"video"} == {record.kind for record in before if has_media(record)}
    known = {name: [getattr(record.statistics, name) for record in before] for name in COUNTS}
    rounded = {name: [f"statistics.{name}" in record.meta.approximate for record in before] for name in COUNTS}
    title = richer.title or poorer.title

    joined = completed(richer, poorer)

    assert has_media(joined) == is_served and (joined.kind, joined.video_data, joined.image_data) in media
    assert has_sound(joined) == is_heard or (is_heard and not is_silent_only), "pictures may stand for a video"
    assert ("video_data" in joined.meta.missing) == (not is_served)
    is_silent = joined.video_data is not None and not has_sound(joined)
    assert [name for name in joined.meta.missing if name in SOUND] == (SOUND if is_silent else [])
    assert joined.title == title and ("title" in joined.meta.missing) == (title is None)
    for name in COUNTS:
        first, second = known[name]
        assert getattr(joined.statistics, name) == (second if first is None else first)
        assert (f"statistics.{name}" in joined.meta.approximate) == rounded[name][first is None]
