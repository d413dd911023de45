"""The session of a browser in which a user logged in with a token: a cookie in place of the Authorization header."""

import hmac
from http.cookies import CookieError, SimpleCookie

COOKIE = "front_session"
_PURPOSE = b"session of the pages"


def session_of(token: str) -> str:
    """Return the session of a token. The token cannot be found from it, and a new token ends it."""
    return hmac.digest(token.encode(), _PURPOSE, "sha256").hex()


def session_in(header: str) -> str:
    """Return the session in a Cookie header, "" if there is none."""
    try:
        cookie = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""
