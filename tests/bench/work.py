"""What the clients do: the same requests for each, as chains in which one follows another."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, Self

import msgspec

from scraper.platform import Context, Endpoint, with_query
from scraper.platform.targets import Target
from spiders.bilibili.endpoints import ENDPOINTS
from spiders.bilibili.endpoints_common import ROUTER
from tests.simulator import World

PAGE = 30


class Ask(NamedTuple):
    """One request, unsigned."""

    url: str
    signed: bool
    referer: str


class Chain(NamedTuple):
    """Requests that follow each other; `target` is the link that a crawl is given, `id` what it names."""

    target: str
    id: str
    asks: list[Ask]


class Work(NamedTuple):
    """
    :param router: the last segment of the router that serves it
    :param ids: of the videos that the output must hold
    """

    router: str
    chains: list[Chain]
    ids: list[str]

    @property
    def requests(self) -> int:
        return sum(len(chain.asks) for chain in self.chains)

    def save(self, path: Path) -> None:
        path.write_bytes(msgspec.json.encode(self))

    @classmethod
    def load(cls, path: Path) -> Self:
        return msgspec.json.decode(path.read_bytes(), type=cls)


def endpoint(name: str) -> Endpoint:
    """Return one of the platform's endpoints by the last segment of its router."""
    return next(row for row in ENDPOINTS if row.router == f"{ROUTER}/{name}")


def posts(world: World) -> Work:
    """Return all pages of all ordinary creators."""
    asked = endpoint("fetch_user_post_videos")
    referer = asked.routes[0].referer
    assert referer
    chains, ids = [], []
    for number in range(world.creators):
        uid = str(world.creator(number).mid)
        target = Target("user", uid, uid)
        cursors = ["", *(str(page) for page in range(2, -(-world.videos // PAGE) + 1))]
        asks = [Ask(asked.url_for(Context(target), cursor), True, referer(target)) for cursor in cursors]
        chains.append(Chain(f"https://space.bilibili.com/{uid}", uid, asks))
        ids += world.bvids(number)
    return Work(asked.name, chains, ids)


def videos(world: World) -> Work:
    """Return each video of all ordinary creators: its view, then its two kinds of streams."""
    asked = endpoint("fetch_one_video")
    referer = asked.routes[0].referer
    assert referer
    chains, ids = [], []
    for number in range(world.creators):
        for place in range(world.videos):
            video = world.video(number, place)
            context = Context(Target("video", video.bvid, video.bvid))
            record = SimpleNamespace(video_id=video.bvid, cid=str(video.cid))
            urls = [with_query(extra.url, extra.query(record, context) or {}) for extra in asked.extras]
            page = referer(context.target)
            asks = [Ask(asked.url_for(context), False, page), *(Ask(url, True, page) for url in urls)]
            chains.append(Chain(f"https://www.bilibili.com/video/{video.bvid}", video.bvid, asks))
            ids.append(video.bvid)
    return Work(asked.name, chains, ids)


def written(path: Path) -> list[str]:
    """Return the ids of the videos in a file of JSON lines; a failure, or a video without its streams, has none."""
    ids = []
    for line in path.read_bytes().splitlines():
        envelope = json.loads(line)
        data = envelope["data"]
        whole = envelope["router"].endswith("fetch_user_post_videos") or (data.get("video_data") or {}).get("streams")
        ids.append(data["video_id"] if envelope["code"] == 200 and whole else "")
    return ids
