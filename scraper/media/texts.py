"""From subtitles and danmaku to their files, which need no download. Pure."""

import logging
from collections.abc import Callable, Iterator, Sequence

import msgspec

from scraper.media.danmaku_files import danmaku_ass, danmaku_xml
from scraper.media.danmaku_parts import DanmakuPart
from scraper.media.plan import Plan, Post, TextFile
from scraper.media.subtitle_files import subtitle_file
from scraper.records import Danmaku, Media, MediaRole, Meta, Subtitle, Video, meta_for
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)
_MIMES = {
    "txt": "text/plain",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "xml": "application/xml",
    "ass": "text/x-ssa",
}
_EMPTY = "it has no words, or the settings leave them out"
_NOT_FETCHED = "the platform did not send the file of these subtitles; the log says why"


def subtitle_plans(
    record: Subtitle, shown: Subtitle, router: str, post: Post | None, forms: Sequence[str]
) -> Iterator[Plan]:
    """Yield the files of subtitles, one a format.

    :param shown: the record as it is written, so that nothing hidden gets into a file
    :param router: of its envelope
    :param post: the post that they belong to, None if this crawl did not see it
    """
    part = None if post and not post.has_parts else record.part_cid
    number = record.subtitle_id if record.subtitle_id.isdecimal() else None  # others consist of language and source
    label = _label("subtitle", record.lang, record.source, part, number)
    for rank, form in enumerate(forms, 1):
        file = TextFile(ext=form, mime=_MIMES[form], label=label)
        if record.cues is None:
            file.outcome, file.reason = Outcome.UPSTREAM, _NOT_FETCHED
        elif shown.cues and any(cue.text for cue in shown.cues):
            file.body = subtitle_file(shown.cues, form)
        else:
            file.outcome, file.reason = Outcome.INCOMPLETE, _EMPTY
        media_id = ":".join((record.video_id, "subtitle", record.subtitle_id, form))
        meta = _meta_of(record.meta, record.video_id)
        yield _plan("subtitle", media_id, rank, file, post or Post(id=record.video_id), meta, router, record.part_cid)


def danmaku_plans(part: DanmakuPart, forms: Sequence[str]) -> list[Plan]:
    """Return the files of the danmaku of a part, one a format. That of many danmaku takes a while."""
    own, ident = part.cid or "", part.video_id or part.cid or ""
    named = None if part.post and not part.post.has_parts else part.cid
    label = _label("danmaku", named if part.video_id else None)
    has_text = any(one.text for one in part.danmaku)
    plans = []
    for rank, form in enumerate(forms, 1):
        file = TextFile(ext=form, mime=_MIMES[form], label=label)
        if has_text:
            file.body = _DANMAKU[form](part.danmaku, own)
        else:
            file.outcome, file.reason = Outcome.INCOMPLETE, _EMPTY
        media_id = ":".join(filter(None, (ident, own, "danmaku", form)))
        meta = _meta_of(part.meta, part.video_id)
        post = part.post or Post(id=ident)
        plans.append(_plan("danmaku", media_id, rank, file, post, meta, part.router, part.cid))
    return plans


def with_own_name(plan: Plan, name: str) -> Plan:
    """Return the plan of a file that replaces no other one."""
    assert plan.text
    media_id = f"{plan.media_id}:{name}"
    key, label = meta_for(Media, plan.meta.platform or "", media_id).key or "", _label(plan.text.label, name)
    return msgspec.structs.replace(
        plan, key=key, media_id=media_id, text=msgspec.structs.replace(plan.text, label=label)
    )


def _xml(danmaku: Sequence[Danmaku], cid: str) -> str:
    return "".join(danmaku_xml(danmaku, cid))


def _ass(danmaku: Sequence[Danmaku], cid: str) -> str:
    text, left_out = danmaku_ass(danmaku)
    if left_out:
        logger.info("ASS of %s: %d of %d danmaku are left out, since there is no room", cid, left_out, len(danmaku))
    return text


_DANMAKU: dict[str, Callable[[Sequence[Danmaku], str], str]] = {"xml": _xml, "ass": _ass}
SUBTITLE_FORMATS, DANMAKU_FORMATS = ("srt", "vtt", "txt"), (*_DANMAKU,)


def _plan(
    role: MediaRole, media_id: str, rank: int, file: TextFile, post: Post, meta: Meta, router: str, cid: str | None
) -> Plan:
    return Plan(
        key=meta_for(Media, meta.platform or "", media_id).key or "",
        media_id=media_id,
        role=role,
        rank=rank,
        family="text",
        is_only=True,
        pieces=[],
        text=file,
        part_cid=cid,
        post=post,
        meta=meta,
        router=router,
    )


def _meta_of(meta: Meta, video_id: str | None) -> Meta:
    """Return the context of a file, which belongs to the video and not to a single record of its words."""
    key = meta_for(Video, meta.platform or "", video_id).key if video_id else None
    return msgspec.structs.replace(meta, key=key)


def _label(*words: str | None) -> str:
    return "_".join(filter(None, words))
