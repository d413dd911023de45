"""What is written of personal data: the setting PRIVACY says it for each privacy class.

`hmac` writes a token: HMAC-SHA256 with the key in the environment variable PRIVACY_KEY. A value has the same token in
every record, table and run, so that joins still work; without the key nobody can try out all user numbers.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from scraper.identities.masking import SECRETS
from scraper.responses.exceptions import ArgumentError

CLASSES = ("P1", "P2", "P3")
KEEP, HMAC, MASK, DROP = ACTIONS = ("keep", "hmac", "mask", "drop")  # from the least strict one on
MASKED = "***"
_VARIABLE = "PRIVACY_KEY"
_LEAST = 32  # characters of the key
_FORM = "PRIVACY=P1=hmac,P2=drop,P3=keep"
_OF_A_PERSON = {"author", "live_room", "live_rank", "id", "listing", "placement", "edge", "event"}
"""Record types whose id is, or contains, the id of a person or the input."""
_KEYS = {"key", "item_key", "src_key", "dst_key", "evidence_key"}
_NAMING = {"url", "room_id", "alias", "query", "filters", "input", "value", "redirect", "before", "after"}
_OF_THE_INPUT = {"meta.target", "meta.cursor"}
Change = Callable[[str], str | None]
"""Returns what is written in place of a text, None for nothing."""


class Privacy(NamedTuple):
    """
    :ivar actions: by privacy class
    :ivar key: of the tokens
    """

    actions: dict[str, str]
    key: bytes

    @property
    def hides_people(self) -> bool:
        """Whether the ids of people are hidden."""
        return self.actions["P1"] != KEEP

    @property
    def input_action(self) -> str:
        """What is done with an input, which may name a person, or be a text."""
        return max(self.actions["P1"], self.actions["P3"], key=ACTIONS.index)

    def change(self, path: str, privacy: str) -> Change | None:
        """Return what is done with a field, None if it is written as it is.

        A field that may name a person by a part of it, such as a link, has the stricter one of the actions for its
        class and for P1. The keys of people are tokens for every action but `keep`: a record without a key has no row.

        :param path: such as `author.uid`, without brackets
        :param privacy: its class, "" if it has none
        """
        name = path.rpartition(".")[2]
        if name in _KEYS:
            return self.key_token if self.hides_people else None
        actions = [self.actions[privacy]] if privacy else []
        if path in _OF_THE_INPUT or name in _NAMING:
            actions.append(self.actions["P1"])
        return self.by_action(max(actions, key=ACTIONS.index, default=KEEP))

    def by_action(self, action: str) -> Change | None:
        """Return what an action does."""
        return {KEEP: None, HMAC: self.token, MASK: _masked, DROP: _dropped}[action]

    def token(self, text: str) -> str:
        """Return the token of a text."""
        return _token(self.key, text) if text else text

    def key_token(self, key: str) -> str:
        """Return the key of a record with a token in place of the id of a person."""
        platform, _, rest = key.partition(":")
        record_type, _, ident = rest.partition(":")
        return f"{platform}:{record_type}:{self.token(ident)}" if record_type in _OF_A_PERSON else key


def privacy_of(text: str) -> Privacy | None:
    """Read the setting, and the key from the environment. None if everything is written as it is.

    :raises ArgumentError: if it is not in its form, or a key is missing or too short
    """
    actions = dict.fromkeys(CLASSES, KEEP)
    named: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in (text or "").split(","))):
        name, _, action = part.partition("=")
        if name not in CLASSES or action not in ACTIONS:
            raise ArgumentError(
                f"PRIVACY={text}: {part} is no class ({', '.join(CLASSES)}) with an action ({', '.join(ACTIONS)}),"
                f" as in {_FORM}"
            )
        if named.setdefault(name, action) != action:
            raise ArgumentError(f"PRIVACY={text}: {name} has two actions, {named[name]} and {action}: leave out one")
        actions[name] = action
    if set(actions.values()) == {KEEP}:
        return None
    return Privacy(actions, _key() if actions["P1"] != KEEP or HMAC in actions.values() else b"")


def token_if_known() -> Callable[[str], str] | None:
    """Return what makes the tokens of ids, None if the environment has no key."""
    return Privacy({}, _key()).token if os.environ.get(_VARIABLE) else None


def _key() -> bytes:
    """Return the key of the tokens.

    :raises ArgumentError: if it is missing or too short
    """
    key = os.environ.get(_VARIABLE, "")
    if len(key) < _LEAST:
        what = f"has only {len(key)} characters" if key else "is not set"
        raise ArgumentError(
            f"PRIVACY needs a key for its tokens, but the environment variable {_VARIABLE} {what}: set {_LEAST} random"
            " characters or more, such as those of `openssl rand -hex 32`, and keep them for later runs"
        )
    SECRETS.keep(key)
    return key.encode()


@lru_cache(maxsize=65_536)
def _token(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def _masked(text: str) -> str:
    return MASKED


def _dropped(text: str) -> None:
    return None
