"""Parse the parts of a video (`pagelist`), and build records that need no answer. Pure."""

from scraper.platform import Context
from scraper.records import Id, Part, StreamSet, meta_for
from scraper.responses.values import need, seconds, url
from spiders.bilibili import shapes
from spiders.bilibili.ids import PLATFORM, aid_of
from spiders.bilibili.parse_common import part_ref


def parse_part(listed: shapes.Part, context: Context) -> Part:
    """Parse an entry of `pagelist`."""
    part = part_ref(listed)
    cid = need(part.cid, "cid")
    return Part(
        cid=cid,
        video_id=context.target.id,
        no=part.no,
        title=part.title,
        duration_ms=part.duration_ms,
        width=part.width,
        height=part.height,
        cover_url=url(listed.first_frame),
        create_time=seconds(listed.ctime),
        meta=meta_for(Part, PLATFORM, cid),
    )


def parse_stream_part(listed: shapes.Part, context: Context) -> StreamSet:
    """Parse an entry of `pagelist` as a part whose streams are fetched next."""
    part = part_ref(listed)
    cid = need(part.cid, "cid")
    return StreamSet(
        cid=cid,
        video_id=context.target.id,
        no=part.no,
        duration_ms=part.duration_ms,
        meta=meta_for(StreamSet, PLATFORM, cid),
    )


def seed_stream_part(context: Context) -> StreamSet | None:
    """Return the part with the user's cid."""
    cid = context.target.get("cid")
    return StreamSet(cid=cid, video_id=context.target.id, meta=meta_for(StreamSet, PLATFORM, cid)) if cid else None


def seed_aid(context: Context) -> Id:
    """Return the av number of a BV code."""
    bvid = context.target.id
    return Id(input=bvid, value=str(aid_of(bvid)), id_kind="aid", meta=meta_for(Id, PLATFORM, f"aid:{bvid}"))
