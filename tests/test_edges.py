"""The edges that records are evidence of."""

from scraper.output.edges import edges
from scraper.records import (
    AuthorRef,
    Can,
    Comment,
    Cover,
    Flags,
    HashtagRef,
    Id,
    Mention,
    MixRef,
    MusicRef,
    Refs,
    Video,
    VideoStatistics,
    meta_for,
)

BARE = {"statistics": VideoStatistics(), "flags": Flags(), "can": Can(), "cover_data": Cover()}
VIDEO = Video(
    video_id="1", url="https://site.test/1", create_time=1700000000, author=AuthorRef(uid="7"), **BARE,
    mentions=[Mention(uid="8", sec_uid="MS8"), Mention(uid="9"), Mention(uid="9"), Mention(unique_id="unknown")],
    coauthors=[AuthorRef(uid="10")], music=MusicRef(music_id="20"), mix=MixRef(id="30"),
    hashtags=[HashtagRef(id="40", name="a"), HashtagRef(name="b")], refs=Refs(duet_from="2", forward_of="3"),
    meta=meta_for(Video, "a", "1"),
)  # fmt: skip


def test_what_a_video_points_at() -> None:
    points = edges(VIDEO)
    assert [(edge.edge_kind, edge.dst_key) for edge in points] == [
        ("mention", "a:author:MS8"), ("mention", "a:author:9"), ("co_author", "a:author:10"), ("duet", "a:video:2"),
        ("repost", "a:video:3"), ("uses_music", "a:music:20"), ("uses_hashtag", "a:hashtag:40"), ("in_mix", "a:mix:30"),
    ]  # fmt: skip
    origins = {(edge.src_key, edge.evidence_key, edge.evidence_time) for edge in points}
    assert origins == {("a:video:1", "a:video:1", 1700000000)}
    assert len({edge.meta.key for edge in points}) == len(points)


def test_what_a_video_without_any_points_at() -> None:
    bare = Video(
        video_id="1", url="u", create_time=1, author=AuthorRef(), refs=Refs(), **BARE, meta=meta_for(Video, "a", "1")
    )
    assert edges(bare) == []


def test_what_a_reply_answers() -> None:
    def reply(**more: str) -> Comment:
        return Comment(comment_id="5", video_id="1", create_time=9, meta=meta_for(Comment, "a", "5"), **more)

    (to_parent,), (to_root,) = edges(reply(root_id="3", parent_id="4")), edges(reply(root_id="3"))
    assert (to_parent.edge_kind, to_parent.src_key, to_parent.dst_key) == ("reply", "a:comment:5", "a:comment:4")
    assert to_root.dst_key == "a:comment:3" and edges(reply()) == []


def test_other_records_point_at_nothing() -> None:
    assert edges(Id(input="x", value="1", id_kind="video", meta=meta_for(Id, "a", "x"))) == []
