"""Parse the references of a post: author, music, hashtags, products. Pure."""

from msgspec import UNSET

from scraper.records import AuthorRef, Category, Chapter, Commerce, HashtagRef, Mention, MixRef, MusicRef, Place
from scraper.responses.values import duration_ms, ident, title, url
from spiders.douyin.shapes import Anchor, Mark, MixInfo, Music, Post, User
from spiders.douyin.streams import best

USER_URL = "https://www.douyin.com/user/{}"
_MENTION = 0  # type of a marked text
_NO_ANCHOR = Anchor()


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
        author=music.author or None,
        original=True if music.is_original else music.is_original if original is None else original,
        play_url=(best(played.url_list, prefer=()) or url(played.uri)) if played else None,
        duration_ms=duration_ms(music.duration),
    )


def mix_ref(mix: MixInfo | None) -> MixRef | None:
    mix_id = mix and ident(mix.mix_id)
    if not mix or not mix_id:
        return None
    episode = mix.statis.current_episode if mix.statis else None
    return MixRef(id=mix_id, title=title(mix.mix_name), episode=episode or None)


def hashtags(post: Post) -> list[HashtagRef] | None:
    """Return the hashtags in the text, then those that are only listed; None if the answer has neither."""
    if post.text_extra is None and post.cha_list is None:
        return None
    tags = [
        HashtagRef(
            id=ident(mark.hashtag_id),
            name=mark.hashtag_name,
            start=mark.start,
            end=mark.end,
            commerce=mark.is_commerce,
        )
        for mark in post.text_extra or ()
        if mark.hashtag_name
    ]
    names, ids = {tag.name for tag in tags}, {tag.id for tag in tags}
    for entry in post.cha_list or ():
        if entry.cha_name and entry.cha_name not in names and (number := ident(entry.cid)) not in ids:
            tags.append(HashtagRef(id=number, name=entry.cha_name, commerce=entry.is_commerce))
    return tags


def mentions(marks: list[Mark] | None) -> list[Mention] | None:
    """Return the people that a text mentions, from its `text_extra`."""
    if marks is None:
        return None
    people = [
        Mention(
            uid=ident(mark.user_id),
            sec_uid=ident(mark.sec_uid),
            unique_id=ident(mark.unique_id),
            start=mark.start,
            end=mark.end,
        )
        for mark in marks
        if mark.type == _MENTION and not mark.hashtag_name
    ]
    return [person for person in people if person.uid or person.sec_uid]


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
    texts = [label.text for label in post.hybrid_label or ()]
    texts += [label.content for label in (post.item_warn_notification, post.risk_infos) if label]
    return [*dict.fromkeys(label for label in texts if label)]


def chapters(post: Post) -> list[Chapter] | None:
    if post.chapter_list is None:
        return None
    return [
        Chapter(
            start_ms=chapter.start_time if chapter.timestamp is UNSET else chapter.timestamp,
            end_ms=chapter.end_time,
            title=title(chapter.desc) or title(chapter.title),
        )
        for chapter in post.chapter_list
    ]


def commerce(post: Post) -> list[Commerce] | None:
    """Return the products, places and mini programs of a post."""
    if post.anchors is UNSET and post.anchor_info is UNSET and post.promotions is UNSET:
        return None
    items = [
        Commerce(
            kind=None if anchor.type is None else str(anchor.type),
            id=ident(anchor.id),
            title=title(anchor.title) or title(anchor.keyword),
        )
        for anchor in [*(post.anchors or ()), post.anchor_info]
        if anchor and anchor != _NO_ANCHOR
    ]
    for product in post.promotions or ():
        number = ident(product.promotion_id) or ident(product.product_id)
        items.append(Commerce(kind="promotion", id=number, title=title(product.title)))
    return items


def place(post: Post) -> Place | None:
    poi = post.poi_info
    place_id = poi and ident(poi.poi_id)
    if not poi or not place_id:
        return None
    address = (poi.address_info and poi.address_info.simple_addr) or poi.address or None
    return Place(id=place_id, name=poi.poi_name or None, address=address)


def coauthors(post: Post) -> list[AuthorRef] | None:
    creators = post.cooperation_info.co_creators if post.cooperation_info else None
    return [author_ref(creator) for creator in creators] if isinstance(creators, list) else None
