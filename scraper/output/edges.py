"""Derive edges between records, such as from a video to its author. Pure."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scraper.records import AuthorRef, Comment, Edge, EdgeKind, Mention, Record, Video, meta_for


class Pointer(NamedTuple):
    """
    :param record: the type of the record it points at
    :param ident: the id of that record, None if unknown
    """

    kind: EdgeKind
    record: str
    ident: str | None


def edges(record: Record) -> list[Edge]:
    """Return the edges that a record is evidence of, each once."""
    meta = record.meta
    by_key: dict[str, Edge] = {}
    for pointer in _pointers(record):
        if pointer.ident:
            edge = between(meta.key or "", f"{meta.platform}:{pointer.record}:{pointer.ident}", pointer.kind, record)
            by_key.setdefault(edge.meta.key or "", edge)
    return list(by_key.values())


def between(src_key: str, dst_key: str, kind: EdgeKind, evidence: Record) -> Edge:
    """Return the edge from one record to another.

    :param evidence: the record that shows the relation
    """
    platform, created = evidence.meta.platform, getattr(evidence, "create_time", None)
    meta = meta_for(Edge, platform or "", f"{kind}:{src_key}>{dst_key}")
    return Edge(
        src_key=src_key,
        dst_key=dst_key,
        edge_kind=kind,
        evidence_time=created,
        evidence_key=evidence.meta.key,
        meta=meta,
    )


def _pointers(record: Record) -> Iterator[Pointer]:
    if isinstance(record, Video):
        yield from _people("mention", record.mentions)
        yield from _people("co_author", record.coauthors)
        yield Pointer("duet", "video", record.refs.duet_from)
        yield Pointer("repost", "video", record.refs.forward_of)
        yield Pointer("uses_music", "music", record.music.music_id if record.music else None)
        yield from (Pointer("uses_hashtag", "hashtag", hashtag.id) for hashtag in record.hashtags or ())
        yield Pointer("in_mix", "mix", record.mix.id if record.mix else None)
    elif isinstance(record, Comment):
        yield from _people("mention", record.mentions)
        yield Pointer("reply", "comment", record.parent_id or record.root_id)


def _people(kind: EdgeKind, refs: Iterable[AuthorRef | Mention] | None) -> Iterator[Pointer]:
    for person in refs or ():
        yield Pointer(kind, "author", person.sec_uid or person.uid)
