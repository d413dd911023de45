"""The arguments of a crawl (`-a name=value`), checked before anything is asked."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import msgspec

from scraper.endpoint import Endpoint, Param
from scraper.faults import ArgumentError
from scraper.platform import Atlas
from scraper.targets import Target, find

_OURS = ("url", "file", "router", "with", "max_pages", "max_items", "sort", "since", "until")
_LATER = {"since": "incremental crawls", "until": "incremental crawls"}
_FOLLOWS_LATER = ("danmaku", "subtitles", "author")
_SORTS = ("hot", "time")
_LARGEST_COUNT = 100


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What the user asks for.

    :param routers: the endpoints asked for; none means the natural one of each target
    :param follow: what to follow from each record
    :param cursors: where the walk starts, by router
    """

    lines: Sequence[str] = ()
    file: str | None = None
    target: Target | None = None
    routers: Sequence[Endpoint] = ()
    follow: frozenset[str] = frozenset()
    cursors: Mapping[str, str] = field(default_factory=dict)
    max_pages: int | None = None
    max_items: int | None = None
    count: int | None = None
    sort: str = "hot"

    def targets(self, atlas: Atlas) -> Iterator[tuple[Target, list[Target]]]:
        """Yield what is asked for, one line after the other, each with the further inputs that mean the same.

        The inputs are read twice, so that a long file needs no memory but for its repetitions.
        """
        lines = list(self._file_lines()) if self.file == "-" else None
        seen: set[int] = set()
        repeated: dict[str, list[Target]] = {}
        for target in self._found(atlas, lines):
            if hash(target.key) in seen:
                repeated.setdefault(target.key, []).append(target)
            seen.add(hash(target.key))
        for target in self._found(atlas, lines):
            if hash(target.key) in seen:
                seen.discard(hash(target.key))
                yield target, repeated.pop(target.key, [])

    def _found(self, atlas: Atlas, lines: list[str] | None) -> Iterator[Target]:
        if self.target:
            yield self.target
        for each in (self.lines, self._file_lines() if lines is None else lines):
            for line in each:
                yield from find(line, atlas.patterns, atlas.bare_ids, atlas.link_hosts)

    def _file_lines(self) -> Iterator[str]:
        if self.file is None:
            return
        with sys.stdin.buffer if self.file == "-" else Path(self.file).open("rb") as source:
            for raw in source:
                line = raw.decode("utf-8-sig", "replace").strip()
                if line and not line.startswith("#"):
                    yield line


def parse(given: Mapping[str, str], atlas: Atlas) -> Arguments:
    """Return the arguments, checked.

    :raises ArgumentError: names the argument that is wrong, and shows the right form
    """
    params = _params(atlas)
    _check_names(given, params)
    routers = _routers(given.get("router", ""), atlas)
    naming = {name: value for name, value in given.items() if any(each.kind for each in params.get(name, ()))}
    sources = [name for name in ("url", "file") if name in given] + (["/".join(naming)] if naming else [])
    if len(sources) != 1:
        ways = "-a url=…, -a file=…, or -a router=… with the endpoint's own parameters"
        raise ArgumentError(
            f"{' and '.join(sources)} cannot be given together: give one of {ways}"
            if sources
            else f"nothing to crawl: give {ways}"
        )
    target, routers = _target(naming, routers, atlas) if naming else (None, routers)
    return Arguments(
        lines=_lines(given["url"]) if "url" in given else (),
        file=_file(given["file"]) if "file" in given else None,
        target=target,
        routers=routers,
        follow=_follow(given.get("with", ""), atlas),
        cursors=_cursors(given, routers or list(atlas.endpoints.values()), atlas),
        max_pages=_number(given, "max_pages"),
        max_items=_number(given, "max_items"),
        count=_number(given, "count", _LARGEST_COUNT),
        sort=_one_of(given, "sort", _SORTS),
    )


def _params(atlas: Atlas) -> dict[str, list[Param]]:
    """Return the parameters of all endpoints by name."""
    found: dict[str, list[Param]] = {}
    for endpoint in atlas.endpoints.values():
        for param in endpoint.params:
            found.setdefault(param.name, []).append(param)
    return found


def _check_names(given: Mapping[str, str], params: Mapping[str, object]) -> None:
    known = [*_OURS, *params, "count"]
    for name, value in given.items():
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(set(known)))}"
            raise ArgumentError(f"there is no argument {name}: {hint}")
        if name in _LATER:
            raise ArgumentError(f"{name}={value}: {_LATER[name]} come in a later release; leave {name} out")
        if not isinstance(value, str) or not value.strip():
            raise ArgumentError(f"{name} is empty: give it a value, or leave it out")


def _routers(text: str, atlas: Atlas) -> list[Endpoint]:
    """Return the endpoints of full paths, or of last segments: then of each platform that has one of that name."""
    found: list[Endpoint] = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        named = [endpoint for platform in atlas.platforms if (endpoint := _named(word, platform.endpoints))]
        if not named:
            names = sorted(each.name for each in atlas.endpoints.values())
            close = get_close_matches(word, names, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise ArgumentError(f"router={word}: there is no such endpoint here. {hint}Known are {', '.join(names)}")
        found += named
    return found


def _named(word: str, endpoints: Sequence[Endpoint]) -> Endpoint | None:
    named = [each for each in endpoints if word in (each.router, each.name)]
    return next((each for each in named if "/web/" in each.router), named[0] if named else None)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _file(name: str) -> str:
    if name != "-" and not Path(name).is_file():
        raise ArgumentError(
            f"file={name}: no such file; give a text file with one target a line, or - for standard input"
        )
    return name


def _target(naming: Mapping[str, str], routers: list[Endpoint], atlas: Atlas) -> tuple[Target, list[Endpoint]]:
    """Return the target that an endpoint's own parameters name, and the endpoints that take it."""
    if len({each.name for each in routers}) == 1:  # of several platforms, the one that has such parameters
        taking = [each for each in routers if set(naming) <= {param.name for param in each.params}]
        routers = (taking if len(taking) == 1 else None) or routers
    if len(routers) > 1:
        raise ArgumentError("parameters of an endpoint go with one router: give a single router=…, or a url=…")
    endpoint = routers[0] if routers else _fitting(naming, atlas)
    accepted = {param.name: param for param in endpoint.params if param.kind}
    for name in naming:
        if name not in accepted:
            raise ArgumentError(f"{endpoint.name} takes no {name}: it takes {_form(endpoint)}")
    values: dict[str, str] = {}
    for name, param in accepted.items():
        if name not in naming:
            if not param.optional:
                raise ArgumentError(f"{endpoint.name} needs {name}: {_form(endpoint)}")
            continue
        value = param.read(naming[name])
        if value is None:
            raise ArgumentError(f"{name}={naming[name]} is ill-formed: it looks like {name}={param.example}")
        values |= {**param.sets, param.narrows: value}
    extra = tuple(sorted((name, value) for name, value in values.items() if name and value))
    target = Target(endpoint.kind, values.get("", ""), next(iter(naming.values())).strip(), extra)
    return msgspec.structs.replace(target, platform=atlas.platform(target, endpoint.router).name), [endpoint]


def _fitting(naming: Mapping[str, str], atlas: Atlas) -> Endpoint:
    """Return the endpoint that a set of parameters means: the natural one, or else the one that takes just these."""

    def fits(endpoint: Endpoint) -> bool:
        targets = [param for param in endpoint.params if param.kind]
        needed = {param.name for param in targets if not param.optional}
        return needed <= set(naming) <= {param.name for param in targets}

    fitting = [each for each in atlas.endpoints.values() if fits(each)]
    fitting = [each for each in fitting if each.routes] or fitting  # what asks goes before what only computes
    best = next((each for each in fitting if each.natural), fitting[0] if len(fitting) == 1 else None)
    if not best:
        which = " or ".join(each.name for each in fitting) or ", ".join(each.name for each in atlas.endpoints.values())
        raise ArgumentError(f"{', '.join(naming)}: say which endpoint by router=…: {which}")
    return best


def _form(endpoint: Endpoint) -> str:
    return " ".join(f"-a {param.name}={param.example}" for param in endpoint.params if param.kind) or "-a url=…"


def _cursors(given: Mapping[str, str], endpoints: Sequence[Endpoint], atlas: Atlas) -> dict[str, str]:
    found = {}
    for endpoint in endpoints:
        for param in endpoint.params:
            if not param.cursor or param.name not in given:
                continue
            value = param.read(given[param.name])
            if value is None:
                raise ArgumentError(
                    f"{param.name}={given[param.name]} is ill-formed: it looks like {param.name}={param.example}"
                )
            found[endpoint.router] = value
    tuning = {param.name for each in endpoints for param in each.params if not param.kind}
    if any(each.cursor for each in endpoints):
        tuning.add("count")
    for name in given:
        if (
            name not in (*_OURS, "count")
            and name not in tuning
            and not any(p.kind for p in _params(atlas).get(name, ()))
        ):
            takers = " and ".join(each.name for each in endpoints)
            raise ArgumentError(f"{takers} takes no {name}")
    return found


def _follow(text: str, atlas: Atlas) -> frozenset[str]:
    known = {each.follow.name: each.follow for each in atlas.endpoints.values() if each.follow}
    wanted: set[str] = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        if word in known:
            wanted |= {word, *known[word].implies}
        elif word in _FOLLOWS_LATER:
            raise ArgumentError(f"with={word} comes in a later release; here with takes {', '.join(known)}")
        else:
            raise ArgumentError(f"with={word}: with takes {', '.join(known)}")
    return frozenset(wanted)


def _number(given: Mapping[str, str], name: str, most: int | None = None) -> int | None:
    if name not in given:
        return None
    value = given[name].strip()
    if not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII) or (most and int(value) > most):
        limit = f" up to {most}" if most else ""
        raise ArgumentError(f"{name}={value}: a whole number from 1{limit} is wanted, such as {name}=20")
    return int(value)


def _one_of(given: Mapping[str, str], name: str, allowed: Sequence[str]) -> str:
    value = given.get(name, allowed[0]).strip()
    if value not in allowed:
        raise ArgumentError(f"{name}={value}: it is one of {', '.join(allowed)}")
    return value
