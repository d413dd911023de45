"""Parse the references of a post: author, music, hashtags, products. Pure."""

from msgspec import UNSET

from scraper.records import Anchor, AuthorRef, Category, Chapter, HashtagRef, Mention, MixRef, MusicRef, Place
from scraper.responses.values import duration_ms, ident, title, url
from spiders.douyin import shapes
from spiders.douyin.shapes import Cooperation, Mark, MixInfo, Music, PlaceInfo, Post, User
from spiders.douyin.streams import best

USER_URL = "https://www.douyin.com/user/{}"
_MENTION = 0  # type of a marked text
_NO_ANCHOR = shapes.Anchor()


def author_ref(user: User) -> AuthorRef:
    """Return the author. The counters in the same object are dummies."""
    sec_uid = ident(user.sec_uid)
    return AuthorRef(
        uid=ident(user.uid),
        sec_uid=sec_uid,
        unique_id=ident(user.unique_id) or ident(user.short_id),
        nickname=user.nickname or None,
        avatar_url=avatar(user),
        verified=verified(user),
        url=USER_URL.format(sec_uid) if sec_uid else None,
    )


def owner_ref(user: User) -> AuthorRef | None:
    """Return the author, or None if there is no id."""
    owner = author_ref(user)
    return owner if owner.sec_uid or owner.uid else None


def avatar(user: User) -> str | None:
    for picture in (user.avatar_larger, user.avatar_300x300, user.avatar_medium, user.avatar_thumb):
        if picture and (address := best(picture.url_list)):
            return address
    return None


def verified(user: User) -> bool | None:
    """Return whether a user is verified, from the verification text."""
    if user.custom_verify is UNSET and user.enterprise_verify_reason is UNSET:
        return None
    return bool(user.custom_verify or user.enterprise_verify_reason)


def music_ref(music: Music | None) -> MusicRef | None:
    music_id = music and (ident(music.id_str) or ident(music.mid) or ident(music.id))
    if not music or not music_id:
        return None
    played, original = music.play_url, music.is_original_sound
    return MusicRef(
        music_id=music_id,
        title=title(music.title) or title(music.music_name),
        author_name=music.author or None,
        original=True if music.is_original else music.is_original if original is None else original,
        play_url=(best(played.url_list, prefer=()) or url(played.uri)) if played else None,
        duration_ms=duration_ms(music.duration),
    )


def mix_ref(mix: MixInfo) -> MixRef | None:
    mix_id = ident(mix.mix_id)
    if not mix_id:
        return None
    episode = mix.statis.current_episode if mix.statis else None
    return MixRef(id=mix_id, title=title(mix.mix_name), episode=episode or None)


def hashtags(post: Post) -> list[HashtagRef] | None:
    """Return the hashtags in the text, then those that are only listed; None if the answer has neither."""
    if post.text_extra is None and post.cha_list is None:
        return None
    tags: list[HashtagRef] = []
    names, ids = set(), set()
    for mark in post.text_extra or ():
        if name := mark.hashtag_name:
            number = ident(mark.hashtag_id)
            tags.append(HashtagRef(id=number, name=name, start=mark.start, end=mark.end, commerce=mark.is_commerce))
            names.add(name)
            ids.add(number)
    for entry in post.cha_list or ():
        if entry.cha_name and entry.cha_name not in names and (number := ident(entry.cid)) not in ids:
            tags.append(HashtagRef(id=number, name=entry.cha_name, commerce=entry.is_commerce))
    return tags


def mentions(marks: list[Mark] | None) -> list[Mention] | None:
    """Return the people that a text mentions, from its `text_extra`."""
    if marks is None:
        return None
    people = []
    for mark in marks:
        if mark.type == _MENTION and not mark.hashtag_name:
            uid, sec_uid, unique_id = ident(mark.user_id), ident(mark.sec_uid), ident(mark.unique_id)
            if uid or sec_uid:
                people.append(Mention(uid=uid, sec_uid=sec_uid, unique_id=unique_id, start=mark.start, end=mark.end))
    return people


def categories(post: Post) -> list[Category] | None:
    if post.video_tag is None:
        return None
    return [
        Category(id=tag_id, name=tag.tag_name or None, level=tag.level)
        for tag in post.video_tag
        if (tag_id := ident(tag.tag_id))
    ]


def labels(post: Post) -> list[str] | None:
    """Return Douyin's warnings and labels, such as "AI-generated"."""
    if post.hybrid_label is UNSET and post.item_warn_notification is UNSET and post.risk_infos is UNSET:
        return None
    texts = [label.text for label in post.hybrid_label] if post.hybrid_label else []
    for label in (post.item_warn_notification, post.risk_infos):
        if label:
            texts.append(label.content)
    return [*dict.fromkeys(filter(None, texts))]


def chapters(listed: list[shapes.Chapter]) -> list[Chapter]:
    return [
        Chapter(
            start_ms=chapter.start_time if chapter.timestamp is UNSET else chapter.timestamp,
            end_ms=chapter.end_time,
            title=title(chapter.desc) or title(chapter.title),
        )
        for chapter in listed
    ]


def anchors(post: Post) -> list[Anchor] | None:
    """Return the products, places and mini programs of a post."""
    if post.anchors is UNSET and post.anchor_info is UNSET and post.promotions is UNSET:
        return None
    if not (post.anchors or post.anchor_info or post.promotions):
        return []
    items = [
        Anchor(
            anchor_kind=None if anchor.type is None else str(anchor.type),
            id=ident(anchor.id),
            title=title(anchor.title) or title(anchor.keyword),
        )
        for anchor in [*(post.anchors or ()), post.anchor_info]
        if anchor and anchor != _NO_ANCHOR
    ]
    for product in post.promotions or ():
        number = ident(product.promotion_id) or ident(product.product_id)
        items.append(Anchor(anchor_kind="promotion", id=number, title=title(product.title)))
    return items


def place(poi: PlaceInfo) -> Place | None:
    place_id = ident(poi.poi_id)
    if not place_id:
        return None
    address = (poi.address_info and poi.address_info.simple_addr) or poi.address or None
    return Place(id=place_id, name=poi.poi_name or None, address=address)


def coauthors(cooperation: Cooperation) -> list[AuthorRef] | None:
    creators = cooperation.co_creators
    return [author_ref(creator) for creator in creators] if isinstance(creators, list) else None
