"""Read the policy of targets: the limits and options given by arguments or by the columns of a target file.

A row's policy is a mapping of texts by column; a tag `team` is the column `tags.team`. `Policies` turns it into an Ask.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec

from scraper.inputs import router_names, times, with_argument
from scraper.inputs.ask import Ask
from scraper.platform.atlas import Atlas
from scraper.responses.exceptions import ArgumentError

Policy = Mapping[str, str]
NO_POLICY: Policy = MappingProxyType({})
PRIORITY, EVERY, CRON, TAGS = "priority", "every", "cron", "tags"
TAG = f"{TAGS}."
COLUMNS = ("router", "since", "until", "max_items", "max_pages", "with", PRIORITY, EVERY, CRON, TAGS)
_SIMILAR = 0.8  # `max_item`; below, `title` would mean `until`
_KEPT = 1_000  # asks, so that rows with the same policy share one
_TAGS_FORM = "must be name=value, several separated by ;"
_NO_CRON = "workers of a fleet visit targets at fixed times (`scrapy watch add`); for a crawl, give every instead"
_PRIORITY = re.compile(r"[+-]?\d{1,6}", re.ASCII)


def limits(arguments: Mapping[str, str], now: float) -> dict[str, Any]:
    """Return the limits of each list as fields of an Ask, those that are given.

    >>> limits({"max_items": "20", "since": "1d"}, 90_000)
    {'max_items': 20, 'since': 3600}

    :param now: epoch seconds, from which periods count back
    :raises ArgumentError: names the argument and shows the right form
    """
    fields: dict[str, Any] = {
        name: whole_number(name, arguments[name]) for name in ("max_pages", "max_items") if name in arguments
    }
    if "since" in arguments:
        fields["since"] = times.since(arguments["since"].strip(), now)
    if "until" in arguments:
        fields["until"] = times.until(arguments["until"].strip(), now)
    return fields


def check_span(ask: Ask) -> None:
    """Refuse an Ask that no item can meet.

    :raises ArgumentError: names the arguments
    """
    if isinstance(ask.since, int) and ask.until is not None and ask.since >= ask.until:
        raise ArgumentError("since must be before until: no item can be between them")
    if ask.since == times.LAST and ask.cursors:
        raise ArgumentError("since=last walks a list from its top: leave out the cursor")


def whole_number(name: str, text: str, most: int | None = None) -> int:
    """Return a whole number from 1.

    :raises ArgumentError: shows the right form
    """
    text = text.strip()
    if not re.fullmatch(r"[1-9]\d{0,8}", text, re.ASCII) or (most and int(text) > most):
        limit = f" up to {most}" if most else ""
        raise ArgumentError(f"{name}={text}: must be a whole number from 1{limit}, such as {name}=20")
    return int(text)


def tags_of(cell: str) -> dict[str, str]:
    """Return the columns of the tags in a cell; the cell itself if it cannot be read.

    >>> tags_of("team=a; region = north"), tags_of("cat, dog")
    ({'tags.team': 'a', 'tags.region': 'north'}, {'tags': 'cat, dog'})
    """
    columns = {}
    for tag in filter(str.strip, cell.split(";")):
        name, equals, value = tag.partition("=")
        if not equals or not name.strip():
            return {TAGS: cell}
        columns[f"{TAG}{name.strip()}"] = value.strip()
    return columns


def tags(text: str) -> dict[str, str]:
    """Return the tags of an argument.

    >>> tags("team=a; region = north")
    {'team': 'a', 'region': 'north'}

    :raises ArgumentError: shows the right form
    """
    columns = tags_of(text)
    if TAGS in columns or not columns:
        raise ArgumentError(f"tags={text}: {_TAGS_FORM}")
    return {name.removeprefix(TAG): value for name, value in columns.items()}


def tags_text(tags: Mapping[str, str]) -> str:
    """Return tags as the argument that `tags` reads.

    >>> tags_text({"team": "a", "region": "north"})
    'team=a;region=north'

    :raises ArgumentError: if they cannot be written as one text
    """
    text = ";".join(f"{name}={value}" for name, value in tags.items())
    columns = {f"{TAG}{name}": value for name, value in tags.items()}
    if tags_of(text) != columns:
        raise ArgumentError(f"tags={text}: a name must not contain = or ;, and a value no ; and no space at its ends")
    return text


def similar_column(name: str) -> str:
    """Return the column that a name probably misspells, "" if there is none.

    >>> similar_column("max_item"), similar_column("tag"), similar_column("title")
    ('max_items', 'tags', '')
    """
    return next(iter(get_close_matches(name, COLUMNS, 1, _SIMILAR)), "")


def priority_of(policy: Policy) -> int:
    """Return the priority of a row, 0 if it has none or a wrong one, which `Policies.ask` refuses."""
    text = policy.get(PRIORITY, "")
    return int(text) if _PRIORITY.fullmatch(text) else 0


def identity(policy: Policy) -> str:
    """Return a text that is equal for policies that ask for the same: all but the priority."""
    content = sorted((name, value) for name, value in policy.items() if name != PRIORITY)
    return msgspec.json.encode(content).decode() if content else ""


class Policies:
    """Makes the Ask of each row: the arguments, with the changes of the row.

    :param base: the Ask of the arguments
    :param now: epoch seconds, from which periods count back
    """

    def __init__(self, base: Ask, atlas: Atlas, now: float):
        self._base, self._atlas, self._now = base, atlas, now
        self._shared = lru_cache(_KEPT)(self._made)

    def ask(self, policy: Policy) -> Ask:
        """Return the Ask of a policy. Rows with the same policy share one.

        :raises ArgumentError: names the column and shows the right form
        """
        return self._shared(tuple(sorted(policy.items()))) if policy else self._base

    def _made(self, columns: tuple[tuple[str, str], ...]) -> Ask:
        policy, base = dict(columns), self._base
        fields = limits(policy, self._now)
        if "router" in policy:
            named = router_names.routers(policy["router"], self._atlas, base.answer_router)
            fields["routers"] = tuple(endpoint.router for endpoint in named)
        if "with" in policy:
            fields["follow"] = with_argument.wanted(policy["with"], self._atlas)
        if EVERY in policy:
            fields["every"] = times.every(policy[EVERY])
        if PRIORITY in policy and not _PRIORITY.fullmatch(policy[PRIORITY]):
            raise ArgumentError(f"priority={policy[PRIORITY]}: must be a whole number of up to 6 digits, such as 10")
        if TAGS in policy:
            raise ArgumentError(f"tags={policy[TAGS]}: {_TAGS_FORM}")
        if CRON in policy:
            raise ArgumentError(f"cron={policy[CRON]}: {_NO_CRON}")
        ask = msgspec.structs.replace(self.tagged(policy), priority=priority_of(policy), **fields)
        check_span(ask)
        return ask

    def tagged(self, policy: Policy) -> Ask:
        """Return the Ask of the arguments with the tags of a policy, for what fails before its other columns count."""
        tags = {name.removeprefix(TAG): value for name, value in policy.items() if name.startswith(TAG)}
        return msgspec.structs.replace(self._base, policy=identity(policy), tags={**self._base.tags, **tags})
