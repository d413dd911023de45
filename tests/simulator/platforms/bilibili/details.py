"""What else is told about a work: its tags and the answer that joins everything."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.bilibili import envelope, users, work
from tests.simulator.platforms.bilibili.comments import first_page
from tests.simulator.randomness import words
from tests.simulator.world import Video, World

TAG_COUNT = 3


def tags(world: World, request: Request) -> Answer:
    """The tags of a work, a bare list."""
    video = work.find(world, request.query)
    return video if isinstance(video, Answer) else envelope.ok(tags_of(video))


def view_detail(world: World, request: Request) -> Answer:
    """The view with the author's card, tags, first comments and related works."""
    video = work.find(world, request.query)
    if isinstance(video, Answer):
        return video
    creator = world.creator_of(video.mid)
    assert creator is not None
    return envelope.ok(
        {
            "View": work.view_of(world, video),
            "Card": {
                "card": users.card_of(creator),
                "following": False,
                "archive_count": world.count(creator),
                "article_count": 0,
                "follower": users.followers(creator),
                "like_num": creator.hash % 9_000_000,
            },
            "Tags": tags_of(video),
            "Reply": {"page": None, "replies": first_page(world, video)[:3]},
            "Related": [work.view_of(world, other) for other in _related(world)],
        }
    )


def tags_of(video: Video) -> list[dict[str, Any]]:
    """A few tags."""
    rows = []
    for place in range(TAG_COUNT):
        number = (video.hash >> (6 * place)) & 63
        rows.append(
            {
                "tag_id": 4000 + number,
                "tag_name": words(number, 1),
                "cover": "",
                "content": "",
                "type": 3,
                "state": 0,
                "ctime": 1_400_000_000 + number,
                "is_atten": 0,
                "likes": 0,
                "hates": 0,
                "attribute": 0,
                "liked": 0,
                "hated": 0,
                "tag_type": "old_channel",
                "jump_url": "",
            }
        )
    return rows


def _related(world: World) -> list[Video]:
    return [world.video(0, place) for place in range(min(3, world.videos))] if world.creators else []
