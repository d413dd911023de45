"""Extract the embedded data of Douyin's pages, in the shape of its API. Pure.

A page without such data raises ValueError, like truncated JSON.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from scraper.responses import decode
from scraper.responses.values import MissingError, flag, integer, obj, text

STATE = (b"window._ROUTER_DATA", b'id="RENDER_DATA"', b"self.__pace_f")
REFUSED = "_refused"  # marks an empty answer to an unsigned request

REFUSED_SEARCHES = ("verify_check", "anonymous", "invalid_app", "params_check")
OFFLINE = "_offline"  # marks a room that is not live, as its lack of an owner tells
BARE = "_bare"  # marks a page that is only a code
TRACE = frozenset(
    {"status_code", "statusCode", "error_code", "errorCode", "status_msg", "statusMsg", "message"}
    | {"extra", "log_pb", "filter_list", "is_oversea", "now", "logid"}
)
"""Keys that accompany an answer without being its payload."""

_PUSH = "self.__pace_f.push("
_NEEDS_LOGIN = 8
_ON_AIR = 2  # the status of a room
_DEEPEST = 12


def decode_share(body: bytes) -> dict[str, Any]:
    """Return the post in a mobile share page: `status_code`, `item_list`, `filter_list`."""
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return {}
    if not text.startswith("<"):
        return _object(body)
    _, marker, rest = text.partition("window._ROUTER_DATA")
    if not marker:
        raise ValueError("the page has no _ROUTER_DATA")
    written = rest.partition("</script>")[0].strip().lstrip("=").strip().rstrip(";")
    pages = obj(obj(decode(written.encode("utf-8", "replace"))).get("loaderData"))
    results = [obj(page).get("videoInfoRes") for page in pages.values()]
    return next(({"status_code": 0, **result} for result in results if isinstance(result, dict)), {"status_code": 0})


def decode_profile_page(body: bytes) -> dict[str, Any]:
    """Return the profile in a page: `status_code`, `user`. A page without a profile needs a login."""
    if not body.strip():
        return {}
    if not body.lstrip().startswith(b"<"):
        return _object(body)
    states = list(_states(body.decode("utf-8", "replace")))
    if not states:
        raise ValueError("the page has no data")
    for holder in _holders(states):
        user, code = obj(holder.get("user")), integer(holder.get("statusCode")) or 0
        if user or code:
            return {"status_code": code, "user": user}
    if any(flag(state.get("isLogin")) for state in _dicts(states)):
        return {"status_code": 0}
    return {"status_code": _NEEDS_LOGIN, "status_msg": "the page does not contain the profile"}


def decode_live_page(body: bytes) -> dict[str, Any]:
    """Return the live room in a page: `status_code`, and `room` if there is one."""
    if not body.strip():
        return {}
    states = list(_states(body.decode("utf-8", "replace")))
    if not states:
        raise ValueError("the page has no data")
    rooms = (obj(obj(obj(state.get("roomStore")).get("roomInfo")).get("room")) for state in _dicts(states))
    room_data = next((room for room in rooms if room), None)
    return {"status_code": 0, "room": [room_data] if room_data else []}


def decode_unsigned(body: bytes) -> dict[str, Any]:
    """Return the answer to an unsigned request. An empty one is marked, since it says nothing about the session."""
    data = _object(body) if body.strip() else {}
    return {**data, REFUSED: True} if is_empty_or_denied(data) or nil_of(data) else data


def decode_list(body: bytes) -> dict[str, Any]:
    """Return a page of a list. A bare code is marked, since its meaning depends on the place in the list."""
    data = _object(body) if body.strip() else {}
    return {**data, BARE: True} if data and is_empty_or_denied(data) else data


def adjacent_owner(room: Mapping[str, Any]) -> dict[str, Any]:
    """Return the owner of a room from the key next to it; {} if it names nobody."""
    user = obj(room.get("user"))
    return user if text(user.get("sec_uid")) or text(user.get("nickname")) else {}


def rooms_of(data: Any) -> list[Any]:
    """Return the rooms of an answer, each with its owner. An answer for an offline room may have only the owner.

    :raises MissingError: the answer has neither a room nor an owner
    """
    holder = obj(obj(data).get("data"))
    rooms, owner = holder.get("data"), adjacent_owner(holder)
    if not isinstance(rooms, list) or not (rooms or owner):
        raise MissingError("data.data")
    if not rooms:
        return [{OFFLINE: True, "id_str": holder.get("enter_room_id"), "owner": owner}]
    return [_with_owner(room, owner) for room in rooms]


def _with_owner(room: Any, owner: dict[str, Any]) -> Any:
    if not isinstance(room, dict) or not owner or obj(room.get("owner")):
        return room
    return {**room, "owner": owner, OFFLINE: integer(room.get("status")) != _ON_AIR}


def is_empty_or_denied(data: dict[str, Any]) -> bool:
    """Return whether an answer reports success without a payload."""
    if integer(data.get("status_code")) or integer(data.get("statusCode")):
        return False
    return all(value in (None, {}, []) for name, value in data.items() if name not in TRACE)


def nil_of(data: Mapping[str, Any]) -> str:
    """Return why a search was refused, or ""."""
    nil_type = text(obj(data.get("search_nil_info")).get("search_nil_type")) or ""
    return nil_type if nil_type in REFUSED_SEARCHES else ""


def _object(body: bytes) -> dict[str, Any]:
    data = decode(body)
    if not isinstance(data, dict):
        raise ValueError("no object")
    return data


def _states(text: str) -> Iterator[Any]:
    """Yield the data in a page's scripts: one value in old pages, many in new ones."""
    _, marker, rest = text.partition('id="RENDER_DATA"')
    if marker:
        written = rest.partition(">")[2].partition("</script>")[0].strip()
        yield decode(unquote(written).encode("utf-8", "replace"))
    for line in "".join(_chunks(text)).split("\n"):
        _, marker, value = line.partition(":")
        if marker and value.startswith(("[", "{")):
            try:
                yield decode(value.encode("utf-8", "replace"))
            except ValueError:
                continue  # code or text, not data


def _chunks(text: str) -> Iterator[str]:
    reader, at = json.JSONDecoder(strict=False), text.find(_PUSH)
    while at >= 0:
        try:
            pushed, _ = reader.raw_decode(text, at + len(_PUSH))
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if isinstance(pushed, list) and len(pushed) > 1 and isinstance(pushed[1], str):
            yield pushed[1]
        at = text.find(_PUSH, at + 1)


def _holders(states: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield candidates for the profile that a page shows; the viewer has another shape."""
    for state in _dicts(states):
        holder = state.get("user")
        if isinstance(holder, dict) and "user" in holder:
            yield holder


def _dicts(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield every object in a value."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _dicts(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _dicts(part, depth + 1)
