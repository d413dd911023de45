"""TikTok's ids (posts, handles, user numbers, secUids) and canonical URLs."""

import re

PLATFORM = "tiktok"
HOME = "https://www.tiktok.com/"

_NOT_ZERO = "(?=0{0,19}[1-9])"
WORK = rf"{_NOT_ZERO}[0-9]{{15,20}}"
SEC_UID = r"(?-i:MS4wLjABAAAA[A-Za-z0-9_.\-]{8,88})"
HANDLE = r"[A-Za-z0-9_.\-]{0,23}[A-Za-z0-9_\-]"  # no point at its end
NUMBER = rf"{_NOT_ZERO}[0-9]{{5,20}}"
_BY_NUMBER = "id/"


def user(text: str) -> str:
    """Return the canonical form of a user name: handles are lower case, a `secUid` is case-sensitive.

    >>> user("Sample.User"), user("MS4wLjABAAAAsample_1")
    ('sample.user', 'MS4wLjABAAAAsample_1')
    """
    return text if is_sec_uid(text) else text.lower()


def is_sec_uid(text: str) -> bool:
    return re.fullmatch(SEC_UID, text) is not None


def is_number(text: str) -> bool:
    """Return whether a user is named by number. Handles are never numeric."""
    return re.fullmatch(NUMBER, text) is not None


def work_url(handle: str | None, ident: str, image: bool = False) -> str:
    """Return the canonical URL of a post. TikTok redirects a URL without a handle.

    >>> work_url("sample.user", "7300000000000000002"), work_url(None, "7300000000000000002", image=True)
    ('https://www.tiktok.com/@sample.user/video/7300000000000000002', 'https://www.tiktok.com/@/photo/7300000000000000002')
    """
    return f"{HOME}@{handle or ''}/{'photo' if image else 'video'}/{ident}"


def profile_url(handle: str | None) -> str | None:
    return f"{HOME}@{handle}" if handle else None


def hashtag(number: str) -> str:
    """Return the id of a hashtag known only by number; names never contain "/".

    >>> hashtag("4001"), hashtag_number("id/4001"), hashtag_number("2024")
    ('id/4001', '4001', '')
    """
    return f"{_BY_NUMBER}{number}"


def hashtag_number(ident: str) -> str:
    return ident.removeprefix(_BY_NUMBER) if ident.startswith(_BY_NUMBER) else ""


def created(ident: str) -> int | None:
    """Return the creation time in an id: epoch seconds in its upper 32 bits.

    >>> created("7300000000000000002"), created("12")
    (1699663698, None)
    """
    seconds = int(ident) >> 32 if ident.isascii() and ident.isdigit() and len(ident) <= 20 else 0
    return seconds if 1_000_000_000 < seconds < 4_000_000_000 else None
