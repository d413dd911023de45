"""Parse and check the arguments of a crawl (`-a name=value`) before any request is sent."""

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from types import MappingProxyType

from scraper.inputs import parameters, policy, router_names, with_argument
from scraper.inputs.ask import DEFAULT_SORT, Ask
from scraper.inputs.asked_targets import AskedTargets, Row, Unread
from scraper.inputs.parameters import COUNT
from scraper.inputs.policy import TAGS, Policies
from scraper.inputs.share_text import find, find_all
from scraper.inputs.standard_input import STANDARD_INPUT, NotYet, as_they_arrive
from scraper.inputs.target_files import check_columns, lines_of, rows_in
from scraper.inputs.target_rows import TargetRow
from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.platform.targets import UNKNOWN, Target
from scraper.responses.catch_all import attempt
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import enumerated

BUDGET = "max_requests"
OURS = (
    "url",
    "file",
    "router",
    "with",
    "max_pages",
    "max_items",
    BUDGET,
    "sort",
    "since",
    "until",
    TAGS,
    "due",
    "dry_run",
)
"""The arguments of every crawl."""
_SCRAPYD = ("_job",)  # added by Scrapyd to every run; the run's report keeps it
_SORTS = (DEFAULT_SORT, "time")
_SWITCH = ("0", "1")
_LARGEST_COUNT = 100
_SIMILAR = 0.7  # a slip of the keyboard; below, `sec_uid` would mean `ep_id`, and `user` would mean `router`
_SHOWN = 300  # characters of a line that cannot be read
_NO_COOKIE = (
    "do not pass a cookie as an argument, which other users of this machine can see: "
    "scrapy update_cookie --service … --cookie -"
)


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """The parsed arguments of a crawl: its targets, and the `Ask` that applies to each.

    :param named: targets given by parameters, and the fixed targets of endpoints that need none
    :param max_requests: limit for all requests of the crawl
    :param dry_run: whether to request first pages only, and to write nothing
    :param due: whether to take only the rows whose `every` has passed
    :param now: epoch seconds, from which `7d` counts back
    """

    lines: Sequence[str] = ()
    file: str | None = None
    named: Sequence[Target] = ()
    ask: Ask = Ask()
    max_requests: int | None = None
    dry_run: bool = False
    due: bool = False
    now: float = field(default_factory=time.time)

    def targets(self, atlas: Atlas, copy: Path | None = None) -> AskedTargets:
        """Return the targets, to be read during the crawl. The caller closes them.

        :param copy: where a copy of standard input is kept, if it is read
        """
        if self.file is None:
            return AskedTargets(self._given(atlas), UNKNOWN)
        read = rows_in(lines_of(self.file, copy), self.file, atlas.id_names)
        rows = as_they_arrive(read) if self.file == STANDARD_INPUT else read
        return AskedTargets(self._in_file(rows, atlas), UNKNOWN, Policies(self.ask, atlas, self.now))

    def lone_target(self, atlas: Atlas) -> Target | None:
        """Return the only target; None if there are others, or there may be."""
        targets = [] if self.file is not None else [*self._given(atlas)]
        return targets[0] if len(targets) == 1 and isinstance(targets[0], Target) else None

    def _given(self, atlas: Atlas) -> Generator[Target | Unread | NotYet, None, None]:
        yield from self.named
        yield from map(self._asked, find_all(self.lines, atlas.patterns, atlas.bare_ids, atlas.link_hosts))

    def _in_file(
        self, rows: Generator[TargetRow | NotYet, None, None], atlas: Atlas
    ) -> Generator[Target | Row | Unread | NotYet, None, None]:
        """Yield all targets as they come. An input that cannot be read costs no other one."""
        with closing(rows):
            while (row := attempt(partial(next, rows, None))) is not None:
                if isinstance(row, Exception):  # the rest of the file is lost
                    yield Unread(f"file={self.file}", row)
                    return
                if isinstance(row, NotYet):
                    yield row
                else:
                    yield from self._in_row(row, atlas)

    def _in_row(self, row: TargetRow, atlas: Atlas) -> Iterator[Target | Row | Unread]:
        if row.problem:
            yield Unread(row.text, ArgumentError(row.problem), row.policy)
            return
        targets = attempt(lambda: [*find(row.text, atlas.patterns, atlas.bare_ids, atlas.link_hosts)])
        if isinstance(targets, Exception):
            yield Unread(row.text[:_SHOWN], targets, row.policy)
            return
        for target in targets:
            asked = target.without_page() if "router" in row.policy else self._asked(target)
            yield Row(asked, row.policy) if row.policy else asked

    def _asked(self, target: Target) -> Target:
        return target.without_page() if self.ask.routers else target


def writable(arguments: Mapping[str, str]) -> dict[str, str]:
    """Return arguments as valid UTF-8 text: Python decodes other bytes from a shell as lone surrogates."""
    return {name: str(value).encode("utf-8", "replace").decode() for name, value in arguments.items()}


def parse(
    arguments: Mapping[str, str],
    atlas: Atlas,
    answer_router: str = "",
    ask_id: int = 0,
    tags: Mapping[str, str] = MappingProxyType({}),
    now: float | None = None,
    ours: Sequence[str] = OURS,
) -> Arguments:
    """Parse the arguments of a crawl.

    :param answer_router: the router of every envelope; "" means the router of the endpoint that answered
    :param ask_id: identifies the ask within its crawler
    :param tags: further tags, see Ask
    :param now: epoch seconds, from which periods count back; None for the present
    :param ours: the arguments of every crawl that the user can give here, which messages list
    :raises ArgumentError: names the wrong argument and shows the right form
    """
    every = list(atlas.endpoints.values())
    asked = router_names.routers(arguments.get("router", ""), atlas, answer_router)
    arguments = {name: value for name, value in arguments.items() if name not in _SCRAPYD}
    arguments = parameters.without_empty(arguments, asked or every)
    _check_names(arguments, every, asked, ours)
    arguments = parameters.renamed(arguments, asked or every)
    own = {name: value for name, value in arguments.items() if name not in OURS or _is_param(name, asked)}
    params = parameters.by_name(every)
    naming = {name: value for name, value in own.items() if any(param.kind for param in params.get(name, ()))}
    named, routers = _named(arguments, naming, asked, atlas)
    tuned = {name: value for name, value in own.items() if name not in naming}
    tuning = parameters.tuning(tuned, routers or every, bool(routers))
    now = time.time() if now is None else now
    parsed = Arguments(
        lines=_lines(arguments["url"]) if "url" in arguments else (),
        file=_file(arguments["file"]) if "file" in arguments else None,
        named=named,
        max_requests=policy.whole_number(BUDGET, arguments[BUDGET]) if BUDGET in arguments else None,
        ask=Ask(
            id=ask_id,
            routers=tuple(endpoint.router for endpoint in routers),
            answer_router=answer_router,
            tags={**(policy.tags(arguments[TAGS]) if TAGS in arguments else {}), **tags},
            follow=with_argument.wanted(arguments.get("with", ""), atlas),
            cursors=tuning.cursors,
            options=tuning.options,
            tuned=tuning.given,
            count=policy.whole_number(COUNT, arguments[COUNT], _LARGEST_COUNT) if COUNT in arguments else None,
            sort=_SORTS[0] if "sort" in own else _one_of(arguments, "sort", _SORTS),
            **policy.limits(arguments, now),
        ),
        dry_run=_one_of(arguments, "dry_run", _SWITCH) == "1",
        due=_one_of(arguments, "due", _SWITCH) == "1",
        now=now,
    )
    policy.check_span(parsed.ask)
    return parsed


def _is_param(name: str, asked: Sequence[Endpoint]) -> bool:
    """Return whether a crawl argument is also a parameter of the requested endpoints, which then takes precedence."""
    return name == "sort" and name in parameters.by_name(asked)


def _named(
    arguments: Mapping[str, str], naming: Mapping[str, str], asked: list[Endpoint], atlas: Atlas
) -> tuple[list[Target], list[Endpoint]]:
    """Return the targets given by parameters, or the fixed targets of the endpoints, and the requested endpoints."""
    sources = [name for name in ("url", "file") if name in arguments] + (["/".join(naming)] if naming else [])
    ways = "-a url=…, -a file=…, or -a router=… with the endpoint's own parameters"
    if len(sources) > 1:
        raise ArgumentError(f"{' and '.join(sources)} cannot be combined: give one of {ways}")
    if naming:
        target, endpoint = parameters.target(naming, asked, atlas)
        return [target], [endpoint]
    alone = [] if sources else parameters.lone_targets(asked, atlas)
    if not sources and not alone:
        needy = next((endpoint for endpoint in asked if not endpoint.singleton), None)
        needs = f"; {needy.name} takes {parameters.form(needy)}" if needy else ""
        raise ArgumentError(f"nothing to crawl: give {ways}{needs}")
    return alone, asked


def _names(endpoints: Sequence[Endpoint], ours: Sequence[str]) -> list[str]:
    """Return the names of all arguments that a crawl of endpoints takes."""
    params = [param for endpoint in endpoints for param in endpoint.params]
    named = dict.fromkeys(name for param in params for name in (param.name, *param.aliases))
    return list(dict.fromkeys([*ours, COUNT, *named]))


def _check_names(
    arguments: Mapping[str, str], every: Sequence[Endpoint], asked: Sequence[Endpoint], ours: Sequence[str]
) -> None:
    known = _names(every, ours)
    for name, value in arguments.items():
        if name not in known:
            if name == "cookie":
                raise ArgumentError(_NO_COOKIE)
            raise ArgumentError(_unknown(name, known, asked, ours))
        if not isinstance(value, str) or not value.strip():
            raise ArgumentError(f"{name} is empty: give it a value or leave it out")


def _unknown(name: str, known: Sequence[str], asked: Sequence[Endpoint], ours: Sequence[str]) -> str:
    """Return the message for an unknown argument: the closest supported one, or else those that the crawl takes."""
    names = _names(asked, ours) if asked else known
    transposed = [argument for argument in names if sorted(argument) == sorted(name)]
    if similar := transposed or get_close_matches(name, names, 1, _SIMILAR):
        return f"unknown argument {name}; did you mean {similar[0]}?"
    listed = _names((), ours)
    if not asked:
        more = "and the parameters of an endpoint (`scrapy routes` lists them)"
        return f"unknown argument {name}; arguments are {', '.join(listed)}, {more}"
    own = [argument for argument in _names(asked, ours) if argument not in (*ours, COUNT)] or ["no parameters"]
    endpoints = list(dict.fromkeys(endpoint.name for endpoint in asked))
    takes = f"{enumerated(endpoints)} {'takes' if len(endpoints) == 1 else 'take'} {', '.join(own)}"
    return f"unknown argument {name}; {takes}; a crawl also takes {', '.join(listed)}"


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _file(name: str) -> str:
    if name != "-" and not Path(name).is_file():
        problem = "not a regular file" if Path(name).exists() else "no such file"
        raise ArgumentError(
            f"file={name}: {problem}; give a text file with one target per line, or - for standard input"
        )
    if name != "-":
        check_columns(name)
    return name


def _one_of(arguments: Mapping[str, str], name: str, allowed: Sequence[str]) -> str:
    value = arguments.get(name, allowed[0]).strip()
    if value not in allowed:
        raise ArgumentError(f"{name}={value}: must be one of {', '.join(allowed)}")
    return value
