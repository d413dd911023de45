"""Extract the embedded data of TikTok's pages. Pure.

Pages since 2023 have scopes in `__UNIVERSAL_DATA_FOR_REHYDRATION__`; older ones have `SIGI_STATE`. Both are converted
to the shape of the corresponding API answer.
"""

import re
from collections.abc import Callable
from typing import Any

from scraper.responses import decode
from scraper.responses.values import dig, obj

# An opening tag. Excluding "<" prevents overlapping matches, so that any page takes linear time.
_OPENING = rb'<script\b[^<>]{0,200}\bid="%s"[^<>]{0,200}>'
_SCOPES = re.compile(_OPENING % rb"__UNIVERSAL_DATA_FOR_REHYDRATION__")
_STATE = re.compile(_OPENING % rb"(?:SIGI_STATE|sigi-persisted-data)")
_ASSIGNED = re.compile(rb"^\s*(?:window\[[^\]]+\]|window\.\w+)\s*=\s*|;\s*window\b.*$|;\s*$", re.S)

_Reader = Callable[[dict[str, Any]], dict[str, Any]]


def has_data(body: bytes) -> bool:
    """Return whether a page has embedded data; captcha pages have none."""
    return _script(_SCOPES, body) is not None or _script(_STATE, body) is not None


def video_data(body: bytes) -> Any:
    """Return the post in a page: {statusCode, statusMsg, itemInfo: {itemStruct}}.

    :raises ValueError: the page does not contain it
    """
    return _data(body, "webapp.video-detail", _item_of)


def user_data(body: bytes) -> Any:
    """Return the profile in a page: {statusCode, statusMsg, userInfo: {user, stats, statsV2}}.

    `viewer` is the session's own user, {uid, …}; empty without a login.

    :raises ValueError: the page does not contain it
    """
    return _data(body, "webapp.user-detail", _user_of, _viewer)


def session_data(body: bytes) -> Any:
    """Return the session in any page: {language, region, wid, user with a login}.

    :raises ValueError: the page does not contain it
    """
    return {"statusCode": 0, **obj(_data(body, "webapp.app-context", lambda state: {}))}


def _data(body: bytes, scope: str, of_state: _Reader, more_keys: _Reader = lambda scopes: {}) -> Any:
    """Return the data in a scope of a page.

    :param of_state: reads an older page
    :param more_keys: returns additional keys from all scopes
    """
    script = _script(_SCOPES, body)
    if script is not None or body.lstrip()[:1] == b"{":
        data = decode(body if script is None else script)
        scopes = dig(data, "__DEFAULT_SCOPE__")
        if scopes is None:
            return data
        own = obj(obj(scopes).get(scope))
        return {**own, **more_keys(obj(scopes))} if own else own
    if (state := _script(_STATE, body)) is not None:
        return of_state(obj(decode(_ASSIGNED.sub(b"", state))))
    raise ValueError("the page has no data")


def _script(opening: re.Pattern[bytes], body: bytes) -> bytes | None:
    """Return the content of a script. If the first match does not end, no later one does."""
    match = opening.search(body)
    end = body.find(b"</script>", match.end()) if match else -1
    return body[match.end() : end] if match and end >= 0 else None


def _viewer(scopes: dict[str, Any]) -> dict[str, Any]:
    around = scopes.get("webapp.app-context")
    return {"viewer": obj(around.get("user"))} if isinstance(around, dict) else {}


def _item_of(state: dict[str, Any]) -> dict[str, Any]:
    """Return a post of the old page state, with its author from another key."""
    items = obj(state.get("ItemModule"))
    item = next((entry for entry in items.values() if isinstance(entry, dict)), None)
    code = dig(state, "VideoPage.statusCode", 0)
    if not item:
        return {"statusCode": code, "itemInfo": {}} if "VideoPage" in state else {}
    author = obj(obj(dig(state, "UserModule.users")).get(str(item.get("author"))))
    return {"statusCode": code, "itemInfo": {"itemStruct": {**item, "author": author or item.get("author")}}}


def _user_of(state: dict[str, Any]) -> dict[str, Any]:
    users, stats = obj(dig(state, "UserModule.users")), obj(dig(state, "UserModule.stats"))
    code = dig(state, "UserPage.statusCode", 0)
    name = next((name for name, user in users.items() if isinstance(user, dict)), None)
    if name is None:
        return {"statusCode": code} if "UserPage" in state else {}
    return {"statusCode": code, "userInfo": {"user": users[name], "stats": obj(stats.get(name))}}
