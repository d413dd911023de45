"""Parse what a post refers to: author, music, hashtags, products. Pure."""

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
    found = (best(obj(raw.get(name)).get("url_list")) for name in names)
    return next((each for each in found if each), None)


def verified(raw: dict[str, Any]) -> bool | None:
    """Say whether a user is verified, from the verification text."""
    reasons = [raw.get(name) for name in ("custom_verify", "enterprise_verify_reason") if name in raw]
    return any(text(each) for each in reasons) if reasons else None


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
        original=True if True in original else next((each for each in original if each is not None), None),
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
    found = [
        HashtagRef(
            id=ident(each.get("hashtag_id")),
            name=text(each.get("hashtag_name")),
            start=count(each.get("start")),
            end=count(each.get("end")),
            commerce=flag(each.get("is_commerce")),
        )
        for each in objs(marked)
        if text(each.get("hashtag_name"))
    ]
    names, ids = {each.name for each in found}, {each.id for each in found}
    for each in objs(listed):
        name, number = text(each.get("cha_name")), ident(each.get("cid"))
        if name and name not in names and number not in ids:
            found.append(HashtagRef(id=number, name=name, commerce=flag(each.get("is_commerce"))))
    return found


def mentions(raw: dict[str, Any]) -> list[Mention] | None:
    marked = raw.get("text_extra")
    if not isinstance(marked, list):
        return None
    found = (
        Mention(
            uid=ident(each.get("user_id")),
            sec_uid=ident(each.get("sec_uid")),
            unique_id=ident(each.get("unique_id")),
            start=count(each.get("start")),
            end=count(each.get("end")),
        )
        for each in objs(marked)
        if integer(each.get("type")) == _MENTION and not text(each.get("hashtag_name"))
    )
    return [each for each in found if each.uid or each.sec_uid]


def categories(raw: dict[str, Any]) -> list[Category] | None:
    if not isinstance(raw.get("video_tag"), list):
        return None
    return [
        Category(id=ident(each.get("tag_id")), name=text(each.get("tag_name")), level=count(each.get("level")))
        for each in objs(raw["video_tag"])
        if ident(each.get("tag_id"))
    ]


def labels(raw: dict[str, Any]) -> list[str] | None:
    """Return Douyin's warnings and labels, such as "AI-generated"."""
    names = ("hybrid_label", "item_warn_notification", "risk_infos")
    if not any(name in raw for name in names):
        return None
    found = [text(each.get("text")) for each in objs(raw.get("hybrid_label"))]
    found += [text(obj(raw.get(name)).get("content")) for name in names[1:]]
    return list(dict.fromkeys(each for each in found if each))


def chapters(raw: dict[str, Any]) -> list[Chapter] | None:
    if not isinstance(raw.get("chapter_list"), list):
        return None
    return [
        Chapter(
            start_ms=count(each.get("timestamp")) if "timestamp" in each else count(each.get("start_time")),
            end_ms=count(each.get("end_time")),
            title=title(each.get("desc")) or title(each.get("title")),
        )
        for each in objs(raw["chapter_list"])
    ]


def commerce(raw: dict[str, Any]) -> list[Commerce] | None:
    """Return the products, places and mini programs of a post."""
    anchors = [*objs(raw.get("anchors")), *objs([raw.get("anchor_info")])]
    promoted = list(objs(raw.get("promotions")))
    if not any(name in raw for name in ("anchors", "anchor_info", "promotions")):
        return None
    found = [
        Commerce(
            kind=str(kind) if (kind := integer(each.get("type"))) is not None else None,
            id=ident(each.get("id")),
            title=title(each.get("title")) or title(each.get("keyword")),
        )
        for each in anchors
        if each
    ]
    for each in promoted:
        number = ident(each.get("promotion_id")) or ident(each.get("product_id"))
        found.append(Commerce(kind="promotion", id=number, title=title(each.get("title"))))
    return found


def place(raw: dict[str, Any]) -> Place | None:
    poi = obj(raw.get("poi_info"))
    if not ident(poi.get("poi_id")):
        return None
    address = text(obj(poi.get("address_info")).get("simple_addr")) or text(poi.get("address"))
    return Place(id=ident(poi.get("poi_id")), name=text(poi.get("poi_name")), address=address)


def coauthors(raw: dict[str, Any]) -> list[AuthorRef] | None:
    made = obj(raw.get("cooperation_info")).get("co_creators")
    return [author_ref(each) for each in objs(made)] if isinstance(made, list) else None
