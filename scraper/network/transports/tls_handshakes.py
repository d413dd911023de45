"""Choose the curl_cffi handshake closest to the browser in a user agent. Pure."""

from functools import cache
from typing import NamedTuple

from curl_cffi.fingerprints import NATIVE_IMPERSONATE_TARGETS

from scraper.identities import user_agents
from scraper.identities.user_agents import Agent

_SYSTEMS = {"macOS": "Mac OS"}
_FAMILIES = {"Chrome": "Blink", "Edge": "Blink", "Firefox": "Gecko", "Safari": "Safari"}


class Handshake(NamedTuple):
    """
    :param target: curl_cffi's name for it
    :param family: versions are comparable within a family
    :param version: such as 150.0 or 18.04
    """

    target: str
    family: str
    name: str
    version: float
    system: str


@cache
def nearest(user_agent: str) -> str:
    """Return curl_cffi's name for the browser with the closest version; `chrome` if the user agent names no browser.

    On an iPhone, Chrome, Edge and Firefox count as Safari: all browsers there use the system's handshake.

    >>> nearest("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0")
    'chrome150'
    >>> nearest("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15")
    'safari184'
    >>> nearest("com.site.app/2023501030 (Linux; U; Android 13)")
    'chrome'
    """
    agent = user_agents.read(user_agent)
    if not agent.version:
        return "chrome"
    family, version = _family(agent.name, agent.system), _number(_version(agent))
    candidates = [handshake for handshake in _available() if handshake.family == family]

    def distance(handshake: Handshake) -> tuple[float, bool, bool]:
        return abs(handshake.version - version), handshake.name != agent.name, handshake.system != agent.system

    return min(candidates, key=distance).target


@cache
def _available() -> list[Handshake]:
    """Return curl_cffi's handshakes, newest first."""
    handshakes = []
    for target in NATIVE_IMPERSONATE_TARGETS:
        if (name := str(target["browser"])) in _FAMILIES:
            system = _SYSTEMS.get(str(target["os"]), str(target["os"]))
            version = _number(str(target["version"]))
            handshakes.append(Handshake(str(target["target_name"]), _family(name, system), name, version, system))
    return sorted(handshakes, key=lambda handshake: -handshake.version)


def _family(name: str, system: str) -> str:
    return "iOS" if system == "iOS" else _FAMILIES[name]


def _version(agent: Agent) -> str:
    """Return the version that determines the handshake: on an iPhone, the system's version."""
    return agent.system_version if agent.system == "iOS" and agent.name != "Safari" else agent.version


def _number(version: str) -> float:
    """Return a version as a number.

    >>> _number("26.0.1"), _number("150.0.0.0"), _number("18.4"), _number("")
    (26.0, 150.0, 18.04, 0.0)
    """
    major, minor, *_ = [int(part or 0) for part in version.split(".")] + [0]
    return major + min(minor, 99) / 100
