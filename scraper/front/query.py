"""Read the parameters of a call."""

from collections.abc import Collection

from fastapi import Request

from scraper.front.replies import Refusal, bad_input
from scraper.inputs import rejections
from scraper.inputs.parameters import example
from scraper.inputs.share_text import find_all
from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas
from scraper.platform.targets import AMBIGUOUS, NO_CONTENT, SHORT_LINK, UNKNOWN, Target
from scraper.responses.outcomes import FOLLOW_MESSAGE
from scraper.responses.wording import enumerated, unknown

DIALECT, MINIMAL, LINK = "dialect", "minimal", "url"
_UNDECIDED = (SHORT_LINK, UNKNOWN, AMBIGUOUS, NO_CONTENT)
_SWITCH = dict.fromkeys(("true", "1", "yes", "y", "t", "on"), True)
_SWITCH |= dict.fromkeys(("false", "0", "no", "n", "f", "off"), False)


def arguments_of(request: Request, taken: Collection[str]) -> dict[str, str]:
    """Return the parameters that have a value, without surrounding white space.

    :raises Refusal: if one is unknown or is given twice
    """
    arguments: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in taken:
            raise bad_input(unknown("parameter", name, taken))
        if name in arguments:
            raise bad_input(f"{name} is given twice: give it once")
        arguments[name] = value.strip()
    return {name: value for name, value in arguments.items() if value}


async def no_parameters(request: Request) -> None:
    """
    :raises Refusal: if the URL of a call has parameters
    """
    for name in request.query_params:
        remedy = "see /docs for what its body takes" if request.method == "POST" else "leave it out"
        raise bad_input(f"unknown parameter {name}: this call takes no parameters in its URL", remedy=remedy)


def switch(name: str, value: str) -> bool:
    """Return the value of a parameter that is true or false.

    :raises Refusal: if it is neither
    """
    if value.lower() not in _SWITCH:
        raise bad_input(f"{name}={value}: must be true or false")
    return _SWITCH[value.lower()]


def one_target(text: str, atlas: Atlas) -> Target:
    """Return the target of a text that has one link or id.

    :raises Refusal: if it has several
    """
    targets = find_all(text.splitlines(), atlas.patterns, atlas.bare_ids, atlas.link_hosts)
    if len(targets) > 1:
        raise bad_input(f"the text has {len(targets)} links: give one, or send all to POST /api/batch", given=text)
    return targets[0]


def ambiguous(target: Target, atlas: Atlas) -> Refusal:
    """Return the refusal of an id that several platforms may have. It names the call of each."""
    owned = [own for bare in atlas.bare_ids if (own := bare.match(target.given))]
    endpoints = [endpoint for own in owned if (endpoint := atlas.default(own))]
    calls = [f"{endpoint.router}?{next(iter(example(endpoint)))}={target.given}" for endpoint in endpoints]
    problem = rejections.ambiguous(target, atlas, {}).problem
    return bad_input(f"{problem}, or call {enumerated(calls, 'or')}", remedy=FOLLOW_MESSAGE, given=target.given)


def kind_of(target: Target) -> str:
    """Return the kind of a target, "" if that is not known before a request."""
    return "" if target.kind in _UNDECIDED else target.kind


def wrong_kind(target: Target, path: str, kind: str, fitting: Endpoint | None, platform: str = "") -> Exception:
    """Return the refusal of a link of another kind.

    :param kind: what the call takes
    :param platform: of the call, "" if it takes those of all platforms
    :param fitting: the endpoint for the link
    """
    remedy = f"call {fitting.router} for it" if fitting and fitting.router != path else ""
    taken = f"'{kind}' ({platform})" if platform else f"'{kind}'"
    problem = f"this is a link of kind '{target.kind}' ({target.platform}), and {path} takes {taken}"
    return bad_input(problem, remedy=remedy, given=target.given)
