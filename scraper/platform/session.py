"""Session hooks: what a platform requires before it answers, such as device ids and signing keys."""

from collections.abc import Awaitable, Callable
from typing import ClassVar, Protocol

from scraper.responses import Answer

Fetch = Callable[[str], Awaitable[Answer]]


class Jar(Protocol):
    """The cookie jar of an identity, as a session uses it."""

    def names(self) -> set[str]: ...

    def put(self, name: str, value: str) -> None: ...


class SessionOwner(Protocol):
    """The identity that a session belongs to, as a session uses it."""

    logged_in: bool | None

    @property
    def jar(self) -> Jar: ...

    @property
    def login_cookie(self) -> bool: ...

    @property
    def slot(self) -> str: ...


class Session:
    """The session state of one identity. The base class needs no preparation; platforms override the hooks.

    :cvar scheme: the name of its signature scheme; "" for none
    :ivar keys: identifies the current signing keys, so that refusals of older keys can be recognised
    """

    scheme: ClassVar[str] = ""
    keys: str = ""

    async def ready(self, identity: SessionOwner, signed: bool, fetch: Fetch) -> None:
        """Obtain what the next request needs. Called before each request, so it must be fast if nothing is needed.

        :param signed: whether the next request will be signed
        :param fetch: sends a GET request to the platform, at the identity's pace
        :raises scraper.responses.exceptions.Refused: if the platform refuses
        """

    def sign(self, url: str, now: float) -> str:
        """Return the URL with its signature. Called last, just before the request is sent."""
        return url

    def renew(self, keys: str) -> None:
        """Discard the signing keys, unless they were renewed after the refused request was signed with `keys`."""
