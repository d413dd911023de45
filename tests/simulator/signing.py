"""How the pages of a platform sign, and what goes wrong with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Signing:
    """The switches of one platform; `Notary.signing` may be exchanged while it is served.

    :param open: signed paths are answered unsigned as well
    :param ready_after: seconds from a page's load until its script signs
    :param rotate_after: accepted requests after which the version changes, each time anew
    :param challenges: how many of the next loads of the home page are answered by a challenge (`math.inf`: all)
    :param challenge: `captcha`, or `waf` for the page that a browser passes by itself
    :param wall: what leads to the login page without a good login: `home`, `api` or both
    :param login_after: seconds after which a visitor of any page has logged in, as if by hand
    :param limit: how many signed requests a session has in how many seconds
    :param leave_after: calls after which a page navigates away in the middle of the last
    :param leave_to: where it goes, "" to itself
    :param watched: whether another script, which signs nothing, changes how a page asks as soon as it is there
    """

    open: bool = False
    ready_after: float = 0.0
    rotate_after: int | None = None
    challenges: float = 0
    challenge: str = "captcha"
    wall: Collection[str] = ()
    login_after: float | None = None
    limit: tuple[int, float] | None = None
    leave_after: int | None = None
    leave_to: str = ""
    watched: bool = False


# Most crawls are not about signatures.
OPEN = {name: Signing(open=True) for name in ("douyin", "tiktok")}
