"""Read the user's endpoint parameters: the target they identify, the start of a list, and options."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from scraper.platform import Endpoint, Param
from scraper.platform.atlas import Atlas
from scraper.platform.targets import Target
from scraper.responses.exceptions import ArgumentError

COUNT = "count"


class Tuning(NamedTuple):
    """Parameters that do not identify a target, by router.

    :param cursors: the first cursor of the list
    :param options: values in canonical form, by name
    :param given: the same values as the user gave them
    """

    cursors: dict[str, str]
    options: dict[str, dict[str, str]]
    given: dict[str, dict[str, str]]


def by_name(endpoints: Iterable[Endpoint]) -> dict[str, list[Param]]:
    """Group the parameters of endpoints by their current names."""
    params: dict[str, list[Param]] = {}
    for endpoint in endpoints:
        for param in endpoint.params:
            params.setdefault(param.name, []).append(param)
    return params


def without_empty(arguments: Mapping[str, str], endpoints: Sequence[Endpoint]) -> dict[str, str]:
    """Drop the empty values of optional parameters, and of those that another one replaces."""
    filled = {name: value for name, value in arguments.items() if str(value).strip()}
    known = by_name(endpoints)
    needless = {name for name, params in known.items() if any(param.optional or not param.kind for param in params)}
    for endpoint in endpoints:
        for group in alternatives(endpoint):
            if any(param.name in filled for param in group):
                needless |= {param.name for param in group}
    return {name: value for name, value in arguments.items() if name in filled or name not in {*needless, COUNT}}


def renamed(arguments: Mapping[str, str], endpoints: Sequence[Endpoint]) -> dict[str, str]:
    """Replace aliases of parameters by their current names.

    :raises ArgumentError: if both are given, or an alias is ambiguous
    """
    today = by_name(endpoints)
    current: dict[str, str] = {}
    given: dict[str, str] = {}
    for name, value in arguments.items():
        now = name if name in today else _renamed(name, value, endpoints)
        if now in given:
            raise ArgumentError(f"{name} means the same as {given[now]}: give one of them")
        current[now], given[now] = value, name
    return current


def _renamed(name: str, value: str, endpoints: Sequence[Endpoint]) -> str:
    """Return the current name of an alias; of several, the parameter that can read the value."""
    meant = [(endpoint, param) for endpoint in endpoints for param in endpoint.params if name in param.aliases]
    meant = [pair for pair in meant if pair[1].read(value) is not None] or meant
    meant = [pair for pair in meant if pair[0].default] or meant
    names = list(dict.fromkeys(param.name for _, param in meant))
    if len(names) > 1:
        raise ArgumentError(f"{name}={value} may be {' or '.join(names)}: give one of these, a router=…, or a link")
    return names[0] if names else name


def target(naming: Mapping[str, str], routers: list[Endpoint], atlas: Atlas) -> tuple[Target, Endpoint]:
    """Return the target identified by endpoint parameters, and the endpoint that takes it.

    :raises ArgumentError: if a parameter is missing, superfluous or malformed
    """
    if len({endpoint.name for endpoint in routers}) == 1:  # the same name on several platforms: choose by parameters
        taking = [endpoint for endpoint in routers if set(naming) <= {param.name for param in endpoint.params}]
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
    """Return the fixed targets of endpoints; an empty list if one of them needs a target."""
    if not all(endpoint.singleton for endpoint in routers):
        return []
    return [_of(endpoint, atlas, Target(endpoint.kind, endpoint.singleton, endpoint.name)) for endpoint in routers]


def _of(endpoint: Endpoint, atlas: Atlas, named: Target) -> Target:
    """Return a target with the platform of its endpoint."""
    return msgspec.structs.replace(named, platform=atlas.platform(named, endpoint.router).name)


def _values(naming: Mapping[str, str], endpoint: Endpoint) -> dict[str, str]:
    """Return the values of a target in canonical form, its id under ""."""
    accepted = {param.name for param in endpoint.params if param.kind}
    for name in naming:
        if name not in accepted:
            raise ArgumentError(f"{endpoint.name} takes no {name}: it takes {form(endpoint)}")
    values: dict[str, str] = {}
    for group in alternatives(endpoint):
        named = [param for param in group if param.name in naming]
        if len(named) > 1:
            raise ArgumentError(f"{' and '.join(param.name for param in named)} mean the same: give only one")
        if not named and not any(param.optional for param in group):
            names = " or ".join(param.name for param in group)
            raise ArgumentError(f"{endpoint.name} needs {names}: {form(endpoint)}")
        for param in named:
            values |= {**param.sets, param.narrows: _read(param, naming[param.name], group)}
    return values


def example(endpoint: Endpoint) -> dict[str, str]:
    """Return example parameters that identify a target, one of each group of alternatives."""
    groups = alternatives(endpoint)
    needed = [group for group in groups if not any(param.optional for param in group)]
    chosen = needed or ([] if endpoint.singleton else groups[:1])
    return {group[0].name: group[0].example for group in chosen}


def full_example(endpoint: Endpoint) -> dict[str, str]:
    """Return example parameters that identify a target as narrowly as the endpoint allows."""
    return {group[0].name: group[0].example for group in alternatives(endpoint)}


def alternatives(endpoint: Endpoint) -> list[list[Param]]:
    """Group the parameters that identify a target. Of each group, the user gives one."""
    groups: dict[str, list[Param]] = {}
    for param in endpoint.params:
        if param.kind:
            groups.setdefault(param.narrows, []).append(param)
    return list(groups.values())


def _read(param: Param, text: str, alternative: Sequence[Param]) -> str:
    value = param.read(text)
    if value is None:
        others = "".join(f", or {other.name}={text}" for other in alternative if other.read(text) is not None)
        raise ArgumentError(f"{_malformed(param, text)}{others}")
    return value


def _malformed(param: Param, text: str) -> str:
    return f"{param.name}={text} is malformed; example: {param.name}={param.example}"


def _other_cursor(wrong: Param, value: str, endpoints: Sequence[Endpoint]) -> str:
    """Return the name of another cursor parameter that the value fits, "" if there is none."""
    others = (param for endpoint in endpoints if wrong in endpoint.params for param in endpoint.params if param.cursor)
    return next((param.name for param in others if param.read(value) is not None), "")


def _fitting(naming: Mapping[str, str], atlas: Atlas) -> Endpoint:
    """Return the endpoint for a set of parameters: the default one, or else the only one that takes exactly these."""

    def takes(endpoint: Endpoint) -> bool:
        for group in alternatives(endpoint):
            named = sum(param.name in naming for param in group)
            if named > 1 or (not named and not any(param.optional for param in group)):
                return False
        return set(naming) <= {param.name for param in endpoint.params if param.kind}

    fitting = [endpoint for endpoint in atlas.endpoints.values() if takes(endpoint)]
    fitting = [endpoint for endpoint in fitting if endpoint.routes] or fitting  # those that send requests win
    if natural := [endpoint for endpoint in fitting if endpoint.default]:
        platforms = {atlas.platform(Target("", "", ""), endpoint.router).name for endpoint in natural}
        fitting = natural[:1] if len(platforms) == 1 else natural  # the first in its platform's table
    if len(fitting) != 1:
        which = " or ".join(endpoint.name if len(atlas.platforms) == 1 else endpoint.router for endpoint in fitting)
        raise ArgumentError(
            f"{', '.join(naming)}: choose an endpoint with router=…" + (f": {which}" if which else " (`scrapy routes`)")
        )
    return fitting[0]


def form(endpoint: Endpoint) -> str:
    """Return the arguments that identify a target of an endpoint, as an example for messages."""
    groups = ([f"-a {param.name}={param.example}" for param in group] for group in alternatives(endpoint))
    return " ".join(" or ".join(group) for group in groups) or "-a url=…"


def tuning(arguments: Mapping[str, str], endpoints: Sequence[Endpoint], asked: bool) -> Tuning:
    """Return the first cursors and options that the user set.

    :param arguments: endpoint parameters, without those that identify a target
    :param asked: whether the user named the endpoints; if not, each takes the parameters it knows
    :raises ArgumentError: if no endpoint takes a parameter, or its value is malformed
    """
    result, known = Tuning({}, {}, {}), by_name(endpoints)
    for name, value in arguments.items():
        tunes = [param for param in known.get(name, ()) if not param.kind]
        if not tunes and not (name == COUNT and any(endpoint.pagination for endpoint in endpoints)):
            raise ArgumentError(f"{' and '.join(endpoint.name for endpoint in endpoints)} takes no {name}")
        readable = [param for param in tunes if param.read(value) is not None]
        if tunes and (not readable or (asked and len(readable) < len(tunes))):
            wrong = next(param for param in tunes if param not in readable)
            if wrong.cursor and (other := _other_cursor(wrong, value, endpoints)):
                raise ArgumentError(f"{_malformed(wrong, value)}; the cursor of a page is given as {other}=…")
            raise ArgumentError(_malformed(wrong, value))
    for endpoint in endpoints:
        for param in endpoint.params:
            read = param.read(arguments[param.name]) if param.name in arguments and not param.kind else None
            if read is not None and param.cursor:
                result.cursors[endpoint.router] = (
                    result.cursors.get(endpoint.router) or read
                )  # one may be the first page
            elif read is not None:
                result.options.setdefault(endpoint.router, {})[param.name] = read
                result.given.setdefault(endpoint.router, {})[param.name] = arguments[param.name]
    return result
