"""What is broadcast live."""

from typing import Literal

from scraper.records.base import Meta, Piece, Record
from scraper.records.refs import AuthorRef, Category

LiveStatus = Literal["live", "ended", "round", "offline", "unknown"]


class LiveStream(Piece, kw_only=True):
    """One quality of a broadcast by one protocol, such as flv or hls."""

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
    """A room, live or not. `viewers` are there now, `viewers_total` came so far; `alias` is its number in links.

    `round` means that a recording is shown in turn.
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
    """A category of rooms; the one that it belongs to is its parent."""

    record_type = "live_area"
    id_field = "area_id"

    area_id: str
    name: str | None = None
    parent_id: str | None = None
    parent_name: str | None = None
    cover_url: str | None = None
    meta: Meta


class LiveRank(Record, kw_only=True):
    """Somebody's place among those who give most in a broadcast; `score` is the platform's own measure."""

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
    """Something that is sold in a broadcast. Prices are in the hundredth part of `currency`."""

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
