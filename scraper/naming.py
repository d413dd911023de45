"""From a target back to the parameters that name it, so that whoever reads a line can go on from there."""

import shlex
from collections.abc import Iterator
from string import ascii_lowercase

from scraper.endpoint import Endpoint, Param
from scraper.parameters import alternatives
from scraper.targets import Target


def naming(endpoint: Endpoint, target: Target) -> dict[str, str]:
    """Return the parameters of an endpoint that name a target, its id first, none where they cannot."""
    found: dict[str, str] = {}
    for group in sorted(alternatives(endpoint), key=lambda params: bool(params[0].narrows)):
        value = target.get(group[0].narrows) if group[0].narrows else target.id
        named = next(_named(group, value, target), None)
        if named:
            found |= [named]
        elif value != endpoint.alone and not (not value and any(param.optional for param in group)):
            return {}
    return found


def _named(group: list[Param], value: str, target: Target) -> Iterator[tuple[str, str]]:
    """Yield the parameters, of those that mean the same, that read as a value. What was put before it is left out."""
    telling = {name for param in group for name in param.sets}
    told = {name: kept for name in telling if (kept := target.get(name))}
    for param in group:
        for given in (value, value.rpartition("/")[2], value.lstrip(ascii_lowercase)):
            if param.sets == told and param.read(given) == value:
                yield param.name, given


def arguments(endpoint: Endpoint, target: Target, cursor: str) -> dict[str, str]:
    """Return what asks for a target alone, from a cursor on ("" for its beginning), nothing where that cannot be given.

    What there is one of, such as a board, is named by its router.
    """
    found = naming(endpoint, target)
    starts = {param.name: cursor for param in endpoint.params if param.cursor and param.read(cursor) == cursor}
    if not (found or endpoint.alone) or (cursor and not starts):
        return {}
    return {"router": endpoint.name, **found, **(starts if cursor else {})}


def command(endpoint: Endpoint, target: Target, cursor: str) -> str:
    """Return the command that does so, "" where none does."""
    given = [f"-a {shlex.quote(f'{name}={value}')}" for name, value in arguments(endpoint, target, cursor).items()]
    return f"scrapy crawl {target.platform} {' '.join(given)}" if given else ""
