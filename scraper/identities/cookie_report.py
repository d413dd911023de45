"""Describe a cookie without showing its values: whether it is logged in, when it expires, what is missing. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

import msgspec

from scraper.platform.service import Service

_PARTS = re.compile(r"[,|]")
_EPOCH = re.compile(r"[1-4][0-9]{9}")
_LIFETIME = re.compile(r"[1-9][0-9]{2,8}")
_DAY_S = 86400.0


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """What a cookie shows about its login.

    :param logged_in: whether it has an unexpired login cookie; the platform may have ended the login earlier
    :param expires: epoch seconds, None if unknown
    """

    service: str
    identity: str
    present: bool
    logged_in: bool
    expired: bool
    expires: int | None
    missing: list[str]

    def words(self, now: float) -> str:
        """Return a description for the user."""
        if not self.present:
            return f"no cookie; a login needs {', '.join(self.missing)}" if self.missing else "no cookie"
        text = "logged in" if self.logged_in else "login expired" if self.expired else "not logged in"
        if self.expires is not None:
            days = (self.expires - now) / _DAY_S
            left = f"{days:.0f} days left" if days >= 2 else f"{days * 24:.0f} hours left" if days > 0 else "ended"
            text += f", until {datetime.fromtimestamp(self.expires, UTC):%Y-%m-%d %H:%M} UTC ({left})"
        elif self.logged_in:
            text += ", expiry unknown"
        return text + (f"; missing: {', '.join(self.missing)}" if self.missing else "")


def inspect(
    service: Service, cookies: Mapping[str, str], ends: Mapping[str, int], now: float, identity: str = "default"
) -> Login:
    """Describe the cookies of a service.

    :param ends: the expiry of each cookie, if the file has it
    """
    has = [name for name in service.login_cookies if cookies.get(name)]
    expires = _expires(service, cookies, ends, has)
    expired = bool(has) and expires is not None and expires <= now
    missing = [name for name in service.wanted_cookies if not cookies.get(name)]
    if not service.wanted_cookies and not has:
        missing = [" or ".join(service.login_cookies)]
    return Login(
        service=service.label, identity=identity, present=bool(cookies), logged_in=bool(has) and not expired,
        expired=expired, expires=expires, missing=[name for name in missing if name],
    )  # fmt: skip


def _expires(service: Service, cookies: Mapping[str, str], ends: Mapping[str, int], has: list[str]) -> int | None:
    """Return the expiry of the login. An expiry within a cookie's value takes precedence over that in the file."""
    in_values = [end for name in service.expiry_cookies or has if (end := end_in(cookies.get(name, "")))]
    return min(in_values, default=None) or max((ends[name] for name in has if name in ends), default=None)


def end_in(value: str) -> int | None:
    """Return the expiry within a cookie's value, in epoch seconds: a single time, or a start time and a lifetime.

    >>> end_in("ab12cd34%2C1893456000%2Cef56*78"), end_in("ab12%7C1893400000%7C56000%7CThu")
    (1893456000, 1893456000)
    >>> end_in("0123456789abcdef"), end_in("a,12,b") is None
    (None, True)
    """
    return next(_ends(_PARTS.split(unquote(value))), None)


def _ends(parts: list[str]) -> Iterator[int]:
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        if _EPOCH.fullmatch(part):
            yield int(part) + (int(following) if _LIFETIME.fullmatch(following) else 0)
