"""Build the commands in remedies and summaries: they crawl one target, or continue a list."""

import shlex
from collections.abc import Iterator
from string import ascii_lowercase

from scraper.inputs import with_argument
from scraper.inputs.ask import DEFAULT_SORT
from scraper.inputs.parameters import COUNT, alternatives
from scraper.jobs.job import Job
from scraper.platform import Endpoint, Param
from scraper.platform.atlas import Atlas
from scraper.platform.targets import Target, match


def naming(endpoint: Endpoint, target: Target) -> dict[str, str]:
    """Return the parameters of an endpoint that identify a target, its id first; empty if they cannot."""
    identifying: dict[str, str] = {}
    for group in sorted(alternatives(endpoint), key=lambda params: bool(params[0].narrows)):
        value = target.get(group[0].narrows) if group[0].narrows else target.id
        named = next(_named(group, value, target), None)
        if named:
            identifying |= [named]
        elif not (value == endpoint.singleton if value else any(param.optional for param in group)):
            return {}
    return identifying


def _named(group: list[Param], value: str, target: Target) -> Iterator[tuple[str, str]]:
    """Yield the parameters, of a group of alternatives, that accept a value, without a prefix added to it."""
    telling = {name for param in group for name in param.sets}
    hints = {name: kept for name in telling if (kept := target.get(name))}
    for param in group:
        for text in (value, value.rpartition("/")[2], value.lstrip(ascii_lowercase)):
            if param.sets == hints and param.read(text) == value:
                yield param.name, text


def arguments(job: Job, cursor: str, atlas: Atlas) -> dict[str, str]:
    """Return the arguments that crawl one list from a cursor ("" for its beginning); empty if there are none.

    A target that no parameter can name is given by the user's link; a list that exists only once, such as a board, by
    its router. Options such as the sort order and the page size are kept, since a cursor depends on them.
    """
    endpoint, target = atlas.endpoints[job.router], job.target
    options = naming(endpoint, target)
    if not (options or endpoint.singleton or job.followed) and target.kind == endpoint.kind:
        options = {"url": _link(target, atlas)}
    starts = {param.name: cursor for param in endpoint.params if param.cursor and param.read(cursor) == cursor}
    if not (options or endpoint.singleton) or (cursor and not starts):
        return {}
    return {"router": endpoint.name, **options, **(starts if cursor else {}), **_tuned(endpoint, job, atlas)}


def _link(target: Target, atlas: Atlas) -> str:
    """Return the link that the user gave, without its query if that makes no difference."""
    plain = target.given.partition("?")[0]
    same = match(plain, atlas.patterns)
    return plain if same and same.key == target.key else target.given


def _tuned(endpoint: Endpoint, job: Job, atlas: Atlas) -> dict[str, str]:
    """Return the user's arguments that change a list: its order, filters and pages, and what is followed from it."""
    ask = job.ask
    options = dict(ask.tuned.get(endpoint.router, {}))
    if ask.count is not None and endpoint.pagination:
        options[COUNT] = str(ask.count)
    led = with_argument.endpoints(atlas, job.target.platform, ask.follow)
    own = (endpoint.record, *endpoint.also)
    onward = any(followed.follow and followed.follow.record in own for followed in led if followed is not endpoint)
    if onward:
        options["with"] = ",".join(sorted(followed.follow.name for followed in led if followed.follow))
    if ask.sort != DEFAULT_SORT and (endpoint.sorted or onward):
        options["sort"] = ask.sort
    return options


def command(job: Job, cursor: str, atlas: Atlas) -> str:
    """Return the command that continues a job's list, "" if there is none."""
    named = arguments(job, cursor, atlas)
    options = [f"-a {shlex.quote(f'{name}={value}')}" for name, value in named.items()]
    return f"scrapy crawl {job.target.platform} {' '.join(options)}" if options else ""
