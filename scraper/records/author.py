"""Creators' profiles."""

from __future__ import annotations

from typing import Annotated

from scraper.records.base import Meta, Piece, Record
from scraper.records.describing import P1, P2, about
from scraper.records.refs import LiveRef


class AuthorStatistics(Piece, kw_only=True):
    """Counts of a profile. Lists that send users with empty counters give null."""

    follower_count: Annotated[int | None, about("Followers.")] = None
    following_count: Annotated[int | None, about("Accounts that the user follows.")] = None
    friend_count: Annotated[int | None, about("Accounts that follow each other with the user.")] = None
    total_favorited: Annotated[int | None, about("Likes that the user's posts received.", unit="count")] = None
    favoriting_count: Annotated[int | None, about("Posts that the user likes.")] = None
    video_count: Annotated[int | None, about("Posts of the user.")] = None
    mix_count: Annotated[int | None, about("Mixes or seasons of the user.")] = None
    article_count: Annotated[int | None, about("Articles of the user.")] = None
    audio_count: Annotated[int | None, about("Audio posts of the user.")] = None
    play_total: Annotated[int | None, about("Plays of all videos; needs a login.", unit="count")] = None
    article_view_total: Annotated[int | None, about("Views of all articles; needs a login.", unit="count")] = None


class Author(Record, kw_only=True):
    """A creator's profile."""

    record_type = "author"
    id_field = "uid"

    uid: Annotated[str, about("User number.", P1)]
    sec_uid: Annotated[str | None, about("The long user id that links contain.", P1)] = None
    unique_id: Annotated[str | None, about("Handle.", P1)] = None
    short_id: Annotated[str | None, about("The older short number of the user.", P1)] = None
    nickname: Annotated[str | None, about("Display name.", P1)] = None
    signature: Annotated[str | None, about("Biography.", P1)] = None
    url: Annotated[str | None, about("Profile page.", P1)] = None
    avatar_url: Annotated[str | None, about("Profile picture, in the largest size that was sent.", P1)] = None
    banner_url: Annotated[str | None, about("Picture at the top of the profile.", P1)] = None
    verified: Annotated[bool | None, about("Whether the platform verified the account.")] = None
    verified_type: Annotated[str | None, about("The platform's own type of verification.", null="not verified")] = None
    verified_text: Annotated[str | None, about("Why the account is verified.", P1)] = None
    private: Annotated[bool | None, about("Whether only approved followers see the posts.")] = None
    banned: Annotated[bool | None, about("Whether the platform banned the account.")] = None
    commerce: Annotated[bool | None, about("Whether the user sells or is a business account.")] = None
    gender: Annotated[str | None, about("`male`, `female`, or the platform's own word.", P2)] = None
    birthday: Annotated[str | None, about("Birthday as shown: a date, or month and day.", P2)] = None
    school: Annotated[str | None, about("School or university.", P2)] = None
    country: Annotated[str | None, about("Country as shown.", P2)] = None
    province: Annotated[str | None, about("Province as shown.", P2)] = None
    city: Annotated[str | None, about("City as shown.", P2)] = None
    district: Annotated[str | None, about("District as shown.", P2)] = None
    ip_location: Annotated[str | None, about("Region that the platform derives from the address.", P2)] = None
    language: Annotated[str | None, about("Language of the account or of the biography.", P2)] = None
    level: Annotated[int | None, about("Level of the account.", unit="level")] = None
    membership: Annotated[str | None, about("Paid membership: `none`, or its period.")] = None
    register_time: Annotated[int | None, about("When the account was made.", P2)] = None
    handle_change_time: Annotated[int | None, about("When the handle last changed.", P1)] = None
    name_change_time: Annotated[int | None, about("When the display name last changed.", P1)] = None
    statistics: Annotated[AuthorStatistics, about("Counts of the profile.")]
    likes_public: Annotated[bool | None, about("Whether others may see the liked posts.")] = None
    following_public: Annotated[bool | None, about("Whether others may see whom the user follows.")] = None
    live: Annotated[LiveRef | None, about("The user's live room.", null="none, or not known")] = None
    meta: Annotated[Meta, about("Context of the record.")]
