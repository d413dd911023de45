"""The parameters of endpoints, as the user gave them: what they name, where a list starts, and what they tune."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from scraper.platform import Endpoint, Param
from scraper.platform.atlas import Atlas
from scraper.platform.targets import Target
from scraper.responses.exceptions import ArgumentError

COUNT = "count"


class Tuning(NamedTuple):
    """What does not name a target, by router.

    :param cursors: where the walk starts
    :param options: by name
    :param given: the same as the user gave them
    """

    cursors: dict[str, str]
    options: dict[str, dict[str, str]]
    given: dict[str, dict[str, str]]


def by_name(endpoints: Iterable[Endpoint]) -> dict[str, list[Param]]:
    """Return the parameters of endpoints, by the name that is used now."""
    found: dict[str, list[Param]] = {}
    for endpoint in endpoints:
        for param in endpoint.params:
            found.setdefault(param.name, []).append(param)
    return found


def without_empty(given: Mapping[str, str], endpoints: Sequence[Endpoint]) -> dict[str, str]:
    """Return what was given without the empty values of parameters that may be left out."""
    known = by_name(endpoints)
    optional = {name for name, params in known.items() if any(param.optional or not param.kind for param in params)}
    return {name: value for name, value in given.items() if name not in optional or str(value).strip()}


def renamed(given: Mapping[str, str], endpoints: Sequence[Endpoint]) -> dict[str, str]:
    """Return what was given, with older names of parameters replaced by those of today.

    :raises ArgumentError: where both are given, or an older name means several things
    """
    today = by_name(endpoints)
    found: dict[str, str] = {}
    for name, value in given.items():
        now = name if name in today else _renamed(name, value, endpoints)
        if now in found:
            raise ArgumentError(f"{name} means the same as {now}: give one of them")
        found[now] = value
    return found


def _renamed(name: str, value: str, endpoints: Sequence[Endpoint]) -> str:
    """Return the name of today for another name of a parameter: the one that can read the value."""
    meant = [(each, param) for each in endpoints for param in each.params if name in param.aliases]
    meant = [pair for pair in meant if pair[1].read(value) is not None] or meant
    meant = [pair for pair in meant if pair[0].default] or meant
    names = list(dict.fromkeys(param.name for _, param in meant))
    if len(names) > 1:
        raise ArgumentError(f"{name}={value} may be {' or '.join(names)}: give one of these, a router=…, or a link")
    return names[0] if names else name


def target(naming: Mapping[str, str], routers: list[Endpoint], atlas: Atlas) -> tuple[Target, Endpoint]:
    """Return the target that an endpoint's own parameters name, and the endpoint that takes it.

    :raises ArgumentError: where one is missing, too many or ill-formed
    """
    if len({each.name for each in routers}) == 1:  # of several platforms, the one that has such parameters
        taking = [each for each in routers if set(naming) <= {param.name for param in each.params}]
        routers = (taking if len(taking) == 1 else None) or routers
    if len(routers) > 1:
        raise ArgumentError("endpoint parameters need exactly one router: give one router=…, or a url=…")
    endpoint = routers[0] if routers else _fitting(naming, atlas)
    values = _values(naming, endpoint)
    extra = tuple(sorted((name, value) for name, value in values.items() if name and value))
    ident = values.get("") or endpoint.singleton
    if not ident:
        raise ArgumentError(f"{endpoint.name} needs more than {', '.join(naming)}: {form(endpoint)}")
    return _of(endpoint, atlas, Target(endpoint.kind, ident, next(iter(naming.values())).strip(), extra)), endpoint


def lone_targets(routers: Sequence[Endpoint], atlas: Atlas) -> list[Target]:
    """Return the targets of endpoints that need none to be named, none where one of them does."""
    if not all(each.singleton for each in routers):
        return []
    return [_of(each, atlas, Target(each.kind, each.singleton, each.name)) for each in routers]


def _of(endpoint: Endpoint, atlas: Atlas, named: Target) -> Target:
    """Return a target as one of the endpoint's platform."""
    return msgspec.structs.replace(named, platform=atlas.platform(named, endpoint.router).name)


def _values(naming: Mapping[str, str], endpoint: Endpoint) -> dict[str, str]:
    """Return the values of a target's parts in canonical form, its id under ""."""
    accepted = {param.name for param in endpoint.params if param.kind}
    for name in naming:
        if name not in accepted:
            raise ArgumentError(f"{endpoint.name} takes no {name}: it takes {form(endpoint)}")
    values: dict[str, str] = {}
    for group in alternatives(endpoint):
        given = [param for param in group if param.name in naming]
        if len(given) > 1:
            raise ArgumentError(f"{' and '.join(param.name for param in given)} mean the same: give only one")
        if not given and not any(param.optional for param in group):
            names = " or ".join(param.name for param in group)
            raise ArgumentError(f"{endpoint.name} needs {names}: {form(endpoint)}")
        for param in given:
            values |= {**param.sets, param.narrows: _read(param, naming[param.name])}
    return values


def example(endpoint: Endpoint) -> dict[str, str]:
    """Return what names a target, by the parameters' own examples: of those that mean the same, the first."""
    groups = alternatives(endpoint)
    needed = [each for each in groups if not any(param.optional for param in each)]
    chosen = needed or ([] if endpoint.singleton else groups[:1])
    return {each[0].name: each[0].example for each in chosen}


def alternatives(endpoint: Endpoint) -> list[list[Param]]:
    """Return the parameters that name a target, those together that name the same part of it: one of them is given."""
    found: dict[str, list[Param]] = {}
    for param in endpoint.params:
        if param.kind:
            found.setdefault(param.narrows, []).append(param)
    return list(found.values())


def _read(param: Param, given: str) -> str:
    value = param.read(given)
    if value is None:
        raise ArgumentError(f"{param.name}={given} is malformed; example: {param.name}={param.example}")
    return value


def _fitting(naming: Mapping[str, str], atlas: Atlas) -> Endpoint:
    """Return the endpoint that a set of parameters means: the natural one, or else the one that takes just these."""

    def takes(endpoint: Endpoint) -> bool:
        for group in alternatives(endpoint):
            given = sum(param.name in naming for param in group)
            if given > 1 or (not given and not any(param.optional for param in group)):
                return False
        return set(naming) <= {param.name for param in endpoint.params if param.kind}

    fitting = [each for each in atlas.endpoints.values() if takes(each)]
    fitting = [each for each in fitting if each.routes] or fitting  # what asks goes before what only computes
    if natural := [each for each in fitting if each.default]:
        platforms = {atlas.platform(Target("", "", ""), each.router).name for each in natural}
        fitting = natural[:1] if len(platforms) == 1 else natural  # the first of its table
    if len(fitting) != 1:
        which = " or ".join(each.name if len(atlas.platforms) == 1 else each.router for each in fitting)
        raise ArgumentError(
            f"{', '.join(naming)}: choose an endpoint with router=…" + (f": {which}" if which else " (`scrapy routes`)")
        )
    return fitting[0]


def form(endpoint: Endpoint) -> str:
    """Return how the target of an endpoint is given."""
    given = ([f"-a {param.name}={param.example}" for param in each] for each in alternatives(endpoint))
    return " ".join(" or ".join(each) for each in given) or "-a url=…"


def tuning(given: Mapping[str, str], endpoints: Sequence[Endpoint], asked: bool) -> Tuning:
    """Return where lists start and what tunes them.

    :param given: the parameters of endpoints alone, without those that name a target
    :param asked: whether the user named the endpoints; where not, each takes what it understands
    :raises ArgumentError: where no endpoint takes a parameter, or one cannot read its value
    """
    found, known = Tuning({}, {}, {}), by_name(endpoints)
    for name, value in given.items():
        tunes = [param for param in known.get(name, ()) if not param.kind]
        if not tunes and not (name == COUNT and any(each.pagination for each in endpoints)):
            raise ArgumentError(f"{' and '.join(each.name for each in endpoints)} takes no {name}")
        readable = [param for param in tunes if param.read(value) is not None]
        if tunes and (not readable or (asked and len(readable) < len(tunes))):
            _read(next(param for param in tunes if param not in readable), value)
    for endpoint in endpoints:
        for param in endpoint.params:
            read = param.read(given[param.name]) if param.name in given and not param.kind else None
            if read is not None and param.cursor:
                found.cursors[endpoint.router] = read
            elif read is not None:
                found.options.setdefault(endpoint.router, {})[param.name] = read
                found.given.setdefault(endpoint.router, {})[param.name] = given[param.name]
    return found
