"""Parse the references of a post: author, music, hashtags, products. Pure."""

from typing import Any

from scraper.records import AuthorRef, Category, Chapter, Commerce, HashtagRef, Mention, MixRef, MusicRef, Place
from scraper.responses.values import count, duration_ms, flag, ident, integer, obj, objs, text, title, url
from spiders.douyin.streams import best

USER_URL = "https://www.douyin.com/user/{}"
_MENTION = 0  # type of a marked text


def author_ref(raw: dict[str, Any]) -> AuthorRef:
    """Return the author. The counters in the same object are dummies."""
    sec_uid = ident(raw.get("sec_uid"))
    return AuthorRef(
        uid=ident(raw.get("uid")),
        sec_uid=sec_uid,
        unique_id=ident(raw.get("unique_id")) or ident(raw.get("short_id")),
        nickname=text(raw.get("nickname")),
        avatar_url=avatar(raw),
        verified=verified(raw),
        url=USER_URL.format(sec_uid) if sec_uid else None,
    )


def avatar(raw: dict[str, Any]) -> str | None:
    names = ("avatar_larger", "avatar_300x300", "avatar_medium", "avatar_thumb")
    urls = (best(obj(raw.get(name)).get("url_list")) for name in names)
    return next((address for address in urls if address), None)


def verified(raw: dict[str, Any]) -> bool | None:
    """Return whether a user is verified, from the verification text."""
    reasons = [raw.get(name) for name in ("custom_verify", "enterprise_verify_reason") if name in raw]
    return any(text(reason) for reason in reasons) if reasons else None


def music_ref(raw: dict[str, Any]) -> MusicRef | None:
    music_id = ident(raw.get("id_str")) or ident(raw.get("mid")) or ident(raw.get("id"))
    if not music_id:
        return None
    played = obj(raw.get("play_url"))
    original = [flag(raw.get(name)) for name in ("is_original_sound", "is_original")]
    return MusicRef(
        music_id=music_id,
        title=title(raw.get("title")) or title(raw.get("music_name")),
        author=text(raw.get("author")),
        original=True if True in original else next((value for value in original if value is not None), None),
        play_url=best(played.get("url_list"), prefer=()) or url(played.get("uri")),
        duration_ms=duration_ms(raw.get("duration")),
    )


def mix_ref(raw: dict[str, Any]) -> MixRef | None:
    if not ident(raw.get("mix_id")):
        return None
    episode = count(obj(raw.get("statis")).get("current_episode")) or None
    return MixRef(id=ident(raw.get("mix_id")), title=title(raw.get("mix_name")), episode=episode)


def hashtags(raw: dict[str, Any]) -> list[HashtagRef] | None:
    """Return the hashtags in the text, then those that are only listed; None if the answer has neither."""
    marked, listed = raw.get("text_extra"), raw.get("cha_list")
    if not isinstance(marked, list) and not isinstance(listed, list):
        return None
    tags = [
        HashtagRef(
            id=ident(mark.get("hashtag_id")),
            name=text(mark.get("hashtag_name")),
            start=count(mark.get("start")),
            end=count(mark.get("end")),
            commerce=flag(mark.get("is_commerce")),
        )
        for mark in objs(marked)
        if text(mark.get("hashtag_name"))
    ]
    names, ids = {tag.name for tag in tags}, {tag.id for tag in tags}
    for entry in objs(listed):
        name, number = text(entry.get("cha_name")), ident(entry.get("cid"))
        if name and name not in names and number not in ids:
            tags.append(HashtagRef(id=number, name=name, commerce=flag(entry.get("is_commerce"))))
    return tags


def mentions(raw: dict[str, Any]) -> list[Mention] | None:
    marked = raw.get("text_extra")
    if not isinstance(marked, list):
        return None
    people = (
        Mention(
            uid=ident(mark.get("user_id")),
            sec_uid=ident(mark.get("sec_uid")),
            unique_id=ident(mark.get("unique_id")),
            start=count(mark.get("start")),
            end=count(mark.get("end")),
        )
        for mark in objs(marked)
        if integer(mark.get("type")) == _MENTION and not text(mark.get("hashtag_name"))
    )
    return [person for person in people if person.uid or person.sec_uid]


def categories(raw: dict[str, Any]) -> list[Category] | None:
    if not isinstance(raw.get("video_tag"), list):
        return None
    return [
        Category(id=ident(tag.get("tag_id")), name=text(tag.get("tag_name")), level=count(tag.get("level")))
        for tag in objs(raw["video_tag"])
        if ident(tag.get("tag_id"))
    ]


def labels(raw: dict[str, Any]) -> list[str] | None:
    """Return Douyin's warnings and labels, such as "AI-generated"."""
    names = ("hybrid_label", "item_warn_notification", "risk_infos")
    if not any(name in raw for name in names):
        return None
    texts = [text(label.get("text")) for label in objs(raw.get("hybrid_label"))]
    texts += [text(obj(raw.get(name)).get("content")) for name in names[1:]]
    return list(dict.fromkeys(label for label in texts if label))


def chapters(raw: dict[str, Any]) -> list[Chapter] | None:
    if not isinstance(raw.get("chapter_list"), list):
        return None
    return [
        Chapter(
            start_ms=count(chapter.get("timestamp")) if "timestamp" in chapter else count(chapter.get("start_time")),
            end_ms=count(chapter.get("end_time")),
            title=title(chapter.get("desc")) or title(chapter.get("title")),
        )
        for chapter in objs(raw["chapter_list"])
    ]


def commerce(raw: dict[str, Any]) -> list[Commerce] | None:
    """Return the products, places and mini programs of a post."""
    anchors = [*objs(raw.get("anchors")), *objs([raw.get("anchor_info")])]
    promoted = list(objs(raw.get("promotions")))
    if not any(name in raw for name in ("anchors", "anchor_info", "promotions")):
        return None
    items = [
        Commerce(
            kind=str(kind) if (kind := integer(anchor.get("type"))) is not None else None,
            id=ident(anchor.get("id")),
            title=title(anchor.get("title")) or title(anchor.get("keyword")),
        )
        for anchor in anchors
        if anchor
    ]
    for product in promoted:
        number = ident(product.get("promotion_id")) or ident(product.get("product_id"))
        items.append(Commerce(kind="promotion", id=number, title=title(product.get("title"))))
    return items


def place(raw: dict[str, Any]) -> Place | None:
    poi = obj(raw.get("poi_info"))
    if not ident(poi.get("poi_id")):
        return None
    address = text(obj(poi.get("address_info")).get("simple_addr")) or text(poi.get("address"))
    return Place(id=ident(poi.get("poi_id")), name=text(poi.get("poi_name")), address=address)


def coauthors(raw: dict[str, Any]) -> list[AuthorRef] | None:
    made = obj(raw.get("cooperation_info")).get("co_creators")
    return [author_ref(raw_author) for raw_author in objs(made)] if isinstance(made, list) else None
