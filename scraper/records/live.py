"""Live rooms, their categories, rankings and products."""

from __future__ import annotations

from typing import Annotated

from scraper.records.base import Meta, Piece, Record
from scraper.records.describing import P1, P3, about
from scraper.records.refs import AuthorRef, Category, LiveStatus


class LiveStream(Piece, kw_only=True):
    """One quality of a broadcast in one protocol."""

    quality: Annotated[str | None, about("The platform's name of the quality.")] = None
    protocol: Annotated[str | None, about("`flv` or `hls`, with the container if several are offered.")] = None
    codec: Annotated[str | None, about("Video codec: `h264`, `h265`, `av1`.")] = None
    url: Annotated[str | None, about("Address of the stream.")] = None
    expire_time: Annotated[int | None, about("When the address stops working.", null="the address does not say")] = None


class Permissions(Piece, kw_only=True):
    """What a viewer may do in a room."""

    chat: Annotated[bool | None, about("Whether viewers may write.")] = None
    gift: Annotated[bool | None, about("Whether viewers may send gifts.")] = None
    digg: Annotated[bool | None, about("Whether viewers may like.")] = None
    share: Annotated[bool | None, about("Whether viewers may share.")] = None


class LiveRoom(Record, kw_only=True):
    """A live room, on air or not."""

    record_type = "live_room"
    id_field = "room_id"

    room_id: Annotated[str, about("Id of the room or broadcast; its name in links if it has no number.", P1)]
    alias: Annotated[str | None, about("The room's number or name in links, which may be the handle.", P1)] = None
    title: Annotated[str | None, about("Title of the broadcast.", P3)] = None
    text: Annotated[str | None, about("Description of the room.", P3)] = None
    url: Annotated[str | None, about("Page of the room.", P1)] = None
    cover_url: Annotated[str | None, about("Cover picture.", P3)] = None
    status: Annotated[LiveStatus, about("Whether it is on air; `round` means that recordings loop.")] = "unknown"
    start_time: Annotated[int | None, about("When the broadcast began.")] = None
    end_time: Annotated[int | None, about("When the broadcast ended.", null="on air, or not known")] = None
    viewers: Annotated[int | None, about("Viewers now.", unit="count")] = None
    viewers_total: Annotated[int | None, about("Viewers so far.", unit="count")] = None
    likes: Annotated[int | None, about("Likes so far.", unit="count")] = None
    category: Annotated[list[Category] | None, about("Category and sub-category.")] = None
    owner: Annotated[AuthorRef | None, about("Whose room it is.")] = None
    live_streams: Annotated[list[LiveStream] | None, about("Addresses in every quality, best first.")] = None
    permissions: Annotated[Permissions | None, about("What a viewer may do.")] = None
    keywords: Annotated[list[str] | None, about("The room's own tags.", P3)] = None
    portrait: Annotated[bool | None, about("Whether the picture is upright.")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class LiveArea(Record, kw_only=True):
    """A category of live rooms, with its parent category."""

    record_type = "live_area"
    id_field = "area_id"

    area_id: Annotated[str, about("Id of the category.")]
    name: Annotated[str | None, about("Name of the category.")] = None
    parent_id: Annotated[str | None, about("Id of the parent category.", null="it is at the top")] = None
    parent_name: Annotated[str | None, about("Name of the parent category.", null="it is at the top")] = None
    cover_url: Annotated[str | None, about("Cover picture.")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class LiveRank(Record, kw_only=True):
    """A viewer's place in a broadcast's gift ranking."""

    record_type = "live_rank"
    id_field = "room_id"

    room_id: Annotated[str, about("Id of the broadcast.")]
    position: Annotated[int | None, about("Place in the ranking, from 1.", unit="position")] = None
    score: Annotated[int | None, about("Value of the gifts.", unit="the platform's own")] = None
    author: Annotated[AuthorRef | None, about("The viewer.", null="anonymous")] = None
    fan_level: Annotated[int | None, about("Level in the fan club.", unit="level", null="no member")] = None
    hidden: Annotated[bool | None, about("Whether the viewer is hidden in the ranking.")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class Product(Record, kw_only=True):
    """A product sold in a broadcast."""

    record_type = "product"
    id_field = "product_id"

    product_id: Annotated[str, about("Id of the product.")]
    promotion_id: Annotated[str | None, about("Id of the offer.")] = None
    room_id: Annotated[str | None, about("Id of the broadcast.")] = None
    title: Annotated[str | None, about("Name of the product.", P3)] = None
    url: Annotated[str | None, about("Page of the product.")] = None
    cover_url: Annotated[str | None, about("Picture of the product.")] = None
    currency: Annotated[str | None, about("Currency of the prices, by its ISO 4217 code.")] = None
    price_min: Annotated[int | None, about("Lowest price.", unit="hundredths of `currency`")] = None
    price_max: Annotated[int | None, about("Highest price.", unit="hundredths of `currency`")] = None
    stock: Annotated[int | None, about("Pieces that are left.", unit="count")] = None
    in_stock: Annotated[bool | None, about("Whether it can be bought.")] = None
    shop_id: Annotated[str | None, about("Id of the shop.")] = None
    shop_name: Annotated[str | None, about("Name of the shop.")] = None
    meta: Annotated[Meta, about("Context of the record.")]
