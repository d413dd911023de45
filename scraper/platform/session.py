"""What a platform wants before it answers: device ids, signing keys. The base wants nothing."""

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
    """One per identity. A platform overrides what it needs.

    :cvar scheme: the name of its signature, "" where it has none
    :ivar keys: names the signing keys in use, so that a refusal can be told from one of older keys
    """

    scheme: ClassVar[str] = ""
    keys: str = ""

    async def ready(self, identity: SessionOwner, signed: bool, fetch: Fetch) -> None:
        """Obtain what the next request needs. Called before each, so it must be quick when there is nothing to do.

        :param signed: whether the next request will be signed
        :param fetch: asks the platform, at the identity's pace
        :raises scraper.responses.exceptions.Refused: where the platform does not give it
        """

    def sign(self, url: str, now: float) -> str:
        """Return the URL with its signature. Called last, just before the request is sent."""
        return url

    def renew(self, keys: str) -> None:
        """Forget the keys, unless they were renewed since the refused request was signed with `keys`."""
