"""Files of posts: what became of each file that MEDIA asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from scraper.records.base import Meta, Record
from scraper.records.describing import P3, about

MediaRole = Literal["video", "image", "music", "cover", "subtitle", "danmaku", "live_photo"]
MediaStatus = Literal["done", "skipped", "gone", "failed"]


class Media(Record, kw_only=True):
    """A file of a post, after its download; only with `MEDIA`."""

    record_type = "media"
    id_field = "media_id"

    media_id: Annotated[str, about("Id of the file: the post, the part if there are several, role and rank.")]
    video_id: Annotated[str, about("Id of the video.")]
    video_key: Annotated[str | None, about("`meta.key` of the record that the file belongs to.")] = None
    part_cid: Annotated[str | None, about("Id of the part.", null="the file belongs to the whole post")] = None
    role: Annotated[MediaRole, about("What the file is to the post.")]
    rank: Annotated[int, about("Place among the files of the same role, from 1.", unit="position")]
    media_status: Annotated[
        MediaStatus,
        about("`done`, `skipped` (by an earlier run, or a limit), `gone` from the platform, or `failed`: see `error`."),
    ]
    path: Annotated[
        str | None,
        about("The file, relative to MEDIA_STORE; named after what is written of the post.", null="there is none"),
    ] = None
    url: Annotated[str | None, about("The address that gave the file.", P3, null="none did now")] = None
    size: Annotated[int | None, about("Size of the file.", unit="bytes")] = None
    sha256: Annotated[str | None, about("SHA-256 of the file, in hexadecimal.", null="there is no file")] = None
    mime: Annotated[str | None, about("Media type of the file, such as `video/mp4`, from its content.")] = None
    duration_ms: Annotated[int | None, about("Length of the file.", null="it has none, or it is not known")] = None
    attempts: Annotated[int, about("Requests that were sent for it.", unit="count")] = 0
    error: Annotated[str | None, about("Why there is no file.", P3, null="there is one")] = None
    meta: Annotated[Meta, about("Context of the record.")]
