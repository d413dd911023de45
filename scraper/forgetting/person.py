"""A person to forget: its ids, what is its own, and what names it."""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

_IDS = ("uid", "sec_uid", "unique_id", "short_id", "mid", "user_id")  # the last two in dialects, which have numbers
_OWNERS = ("author", "owner")
POINTERS = ("item_key", "src_key", "dst_key", "evidence_key", "video_key")
_BOUND = r"[\w\-]"
FORGOTTEN = "forgotten"
"""What is written in place of an id."""


class Person:
    """
    :param platform: its name
    :param ids: what the person is known by: numbers, handles
    :param token: returns the token that stands for an id where ids were hidden, if the key of PRIVACY is known
    :ivar keys: those of its own records
    """

    def __init__(self, platform: str, ids: Iterable[str], token: Callable[[str], str] | None = None):
        self.platform, self._token = platform, token
        self.ids: set[str] = set()
        self._tokens: set[str] = set()
        self._add(ids)
        self.nicknames: set[str] = set()
        self.keys: set[str] = set()

    def learn(self, record: Mapping[str, Any]) -> bool:
        """Take further ids of the person from a record, and return whether there were any."""
        meta = record.get("meta") or {}
        if meta.get("platform") != self.platform:
            return False
        known = len(self.ids)
        for one in _objects(record):
            if self._is(one):
                self._add(_texts(one))
                self.nicknames.update(filter(None, [one.get("nickname") or one.get("name")]))
        if self.owns(record) and meta.get("key"):
            self.keys.add(meta["key"])
        return len(self.ids) > known

    def owns(self, record: Mapping[str, Any]) -> bool:
        """Return whether a record is about the person, or made by it."""
        owners = [record, *(record.get(name) for name in _OWNERS)]
        if any(self._is(owner) for owner in owners) or record.get("sender_hash") in self._hashes:
            return True
        author = record.get("author")  # in a dialect, its number may be none of `_IDS`, and no text
        return isinstance(author, Mapping) and any(type(one) is int and str(one) in self.ids for one in author.values())

    def is_to_go(self, record: Mapping[str, Any]) -> bool:
        """Return whether a record is removed: one of the person, or one that only says where such a record was."""
        meta = record.get("meta") or {}
        if meta.get("platform") not in (self.platform, None):
            return False
        if "error" in record:
            return self.names(str(record))
        pointers = [record.get(name) for name in POINTERS]
        is_pointing = any(key and (key in self.keys or self.names(key)) for key in pointers)
        is_list = meta.get("record_type") in ("listing", "id") and self.names(str(record))
        return self.owns(record) or is_pointing or is_list or meta.get("key") in self.keys

    def names(self, text: str) -> bool:
        """Return whether a text contains an id of the person."""
        return self._named.search(text) is not None

    def is_in(self, data: bytes) -> bool:
        """Return whether packed data contains an id of the person: what is around a text in it says nothing."""
        return any(one.encode() in data for one in self._known | self._hashes)

    def redacted(self, value: Any) -> Any:
        """Return plain values without the person: other ids in texts, and no list elements that are about it."""
        if isinstance(value, str):
            return self.redacted_text(value)
        if isinstance(value, Mapping):
            named = value.get("author_name") or value.get("author")
            return {
                name: self._redacted_of(part, isinstance(named, str) and named in self.nicknames and named)
                for name, part in value.items()
            }
        if isinstance(value, list):
            return [self.redacted(part) for part in value if not (isinstance(part, Mapping) and self._is(part))]
        return value

    def redacted_text(self, text: str) -> str:
        """Return a text without the ids of the person, and without mentions of it by its name."""
        if any(one in text for one in self._known | self._hashes):  # a search for the pattern takes far longer
            text = self._named.sub(FORGOTTEN, text)
        for nickname in (name for name in self.nicknames if name in text):
            mention = rf"@{re.escape(nickname)}(?!\w)"
            text = FORGOTTEN if text == nickname else re.sub(mention, f"@{FORGOTTEN}", text)
        return text

    def _add(self, ids: Iterable[str]) -> None:
        new = {*ids} - self.ids - self._tokens
        self.ids |= new
        self._tokens |= {self._token(one) for one in new} if self._token else set()
        self.__dict__.pop("_named", None)
        self.__dict__.pop("_hashes", None)

    def _redacted_of(self, value: Any, nickname: Any) -> Any:
        """Return a field of an object.

        :param nickname: the name of the person, if the object is a sound that it made
        """
        value = self.redacted(value)
        return value.replace(nickname, FORGOTTEN) if nickname and isinstance(value, str) else value

    def _is(self, value: Any) -> bool:
        return isinstance(value, Mapping) and not self._known.isdisjoint(_texts(value))

    @property
    def _known(self) -> set[str]:
        return self.ids | self._tokens

    @cached_property
    def _hashes(self) -> set[str]:
        """Checksums of numbers, by which senders are named."""
        plain = {f"{zlib.crc32(one.encode()):x}" for one in self.ids if one.isdigit()}
        return plain | {self._token(one) for one in plain} if self._token else plain

    @cached_property
    def _named(self) -> re.Pattern[str]:
        every = sorted(self._known | self._hashes, key=len, reverse=True)
        return re.compile(f"(?<!{_BOUND})(?:{'|'.join(map(re.escape, every))})(?!{_BOUND})")


def _texts(owner: Mapping[str, Any]) -> list[str]:
    """Return the ids in an object."""
    values = [owner.get(name) for name in _IDS]
    return [str(value) for value in values if isinstance(value, str | int) and str(value).strip("0")]


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
    for part in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _objects(part)
