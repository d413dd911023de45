"""Live rooms, their categories, rankings and products."""

from typing import Literal

from scraper.records.base import Meta, Piece, Record
from scraper.records.refs import AuthorRef, Category

LiveStatus = Literal["live", "ended", "round", "offline", "unknown"]


class LiveStream(Piece, kw_only=True):
    """One quality of a broadcast in one protocol, such as flv or hls."""

    quality: str | None = None
    protocol: str | None = None
    codec: str | None = None
    url: str | None = None
    expire_time: int | None = None


class Permissions(Piece, kw_only=True):
    """What a viewer may do in a room."""

    chat: bool | None = None
    gift: bool | None = None
    digg: bool | None = None
    share: bool | None = None


class LiveRoom(Record, kw_only=True):
    """A live room, on air or not. `viewers` counts current viewers, `viewers_total` all so far; `alias` is the room's
    number in links. The status `round` means that recordings are played in a loop.
    """

    record_type = "live_room"
    id_field = "room_id"

    room_id: str
    alias: str | None = None
    title: str | None = None
    text: str | None = None
    url: str | None = None
    cover_url: str | None = None
    status: LiveStatus = "unknown"
    started_at: int | None = None
    ended_at: int | None = None
    viewers: int | None = None
    viewers_total: int | None = None
    likes: int | None = None
    category: list[Category] | None = None
    owner: AuthorRef | None = None
    streams: list[LiveStream] | None = None
    permissions: Permissions | None = None
    tags: list[str] | None = None
    portrait: bool | None = None
    meta: Meta


class LiveArea(Record, kw_only=True):
    """A category of live rooms, with its parent category."""

    record_type = "live_area"
    id_field = "area_id"

    area_id: str
    name: str | None = None
    parent_id: str | None = None
    parent_name: str | None = None
    cover_url: str | None = None
    meta: Meta


class LiveRank(Record, kw_only=True):
    """A viewer's place in a broadcast's gift ranking; `score` is in the platform's own unit."""

    record_type = "live_rank"
    id_field = "room_id"

    room_id: str
    position: int | None = None
    score: int | None = None
    author: AuthorRef | None = None
    fan_level: int | None = None
    hidden: bool | None = None
    meta: Meta


class Product(Record, kw_only=True):
    """A product sold in a broadcast. Prices are in hundredths of `currency`."""

    record_type = "product"
    id_field = "product_id"

    product_id: str
    promotion_id: str | None = None
    room_id: str | None = None
    title: str | None = None
    url: str | None = None
    cover_url: str | None = None
    currency: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    stock: int | None = None
    sales: int | None = None
    in_stock: bool | None = None
    shop_id: str | None = None
    shop_name: str | None = None
    meta: Meta
