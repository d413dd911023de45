"""Parse the gift ranking and the products of a broadcast. Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import LiveRank, Product, meta_for
from scraper.responses.values import count, flag, ident, need, obj, rank, text, title, url
from spiders.douyin.ids import PLATFORM
from spiders.douyin.parse_live import owner_ref
from spiders.douyin.streams import best


def parse_rank(raw: dict[str, Any], context: Context) -> LiveRank:
    """Parse an entry of a room's gift ranking. Anonymous users have no number."""
    position, user = rank(raw.get("rank")), obj(raw.get("user"))
    author = owner_ref(user)
    who = (author.uid or author.sec_uid) if author else f"#{need(position, 'rank')}"
    return LiveRank(
        room_id=context.target.id,
        position=position,
        score=count(raw.get("score")),
        author=author,
        fan_level=count(obj(obj(user.get("fans_club")).get("data")).get("level")) or None,
        hidden=flag(raw.get("is_hidden")),
        meta=meta_for(LiveRank, PLATFORM, f"{context.target.id}:{who}"),
    )


def parse_product(raw: dict[str, Any], context: Context) -> Product:
    """Parse a product. Prices are in fen."""
    product_id = need(ident(raw.get("product_id")), "product_id")
    price, highest, cover = count(raw.get("min_price")), count(raw.get("max_price")), raw.get("cover")
    return Product(
        product_id=product_id,
        promotion_id=ident(raw.get("promotion_id")),
        room_id=context.target.id,
        title=title(raw.get("title")),
        url=url(raw.get("detail_url")),
        cover_url=best(obj(cover).get("url_list")) or url(cover),
        currency="CNY" if price is not None or highest is not None else None,
        price_min=price,
        price_max=highest or price,
        stock=count(obj(raw.get("campaign_info")).get("left_stock")),
        in_stock=flag(raw.get("in_stock")),
        shop_id=ident(raw.get("shop_id")),
        shop_name=text(raw.get("shop_name")),
        meta=meta_for(Product, PLATFORM, product_id),
    )
