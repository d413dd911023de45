"""Which of the handshakes that curl_cffi can make is nearest to that of the browser which a user agent names. Pure."""

from functools import cache
from typing import NamedTuple

from curl_cffi.fingerprints import NATIVE_IMPERSONATE_TARGETS

from scraper.identities import user_agents
from scraper.identities.user_agents import Agent

_SYSTEMS = {"macOS": "Mac OS"}
_FAMILIES = {"Chrome": "Blink", "Edge": "Blink", "Firefox": "Gecko", "Safari": "Safari"}


class Handshake(NamedTuple):
    """
    :param target: what curl_cffi calls it
    :param family: which of the handshakes are comparable by their version
    :param version: such as 150.0 or 18.4
    """

    target: str
    family: str
    name: str
    version: float
    system: str


@cache
def nearest(user_agent: str) -> str:
    """Return curl_cffi's name of the browser with the nearest version; plain `chrome` where none is named.

    What is Chrome, Edge or Firefox by its name is Safari on an iPhone: all browsers there have the system's handshake.

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
    alike = [each for each in _offered() if each.family == family]

    def distance(each: Handshake) -> tuple[float, bool, bool]:
        return abs(each.version - version), each.name != agent.name, each.system != agent.system

    return min(alike, key=distance).target


@cache
def _offered() -> list[Handshake]:
    """Return what curl_cffi brings along, the newest first."""
    found = []
    for each in NATIVE_IMPERSONATE_TARGETS:
        if (name := str(each["browser"])) in _FAMILIES:
            system = _SYSTEMS.get(str(each["os"]), str(each["os"]))
            version = _number(str(each["version"]))
            found.append(Handshake(str(each["target_name"]), _family(name, system), name, version, system))
    return sorted(found, key=lambda each: -each.version)


def _family(name: str, system: str) -> str:
    return "iOS" if system == "iOS" else _FAMILIES[name]


def _version(agent: Agent) -> str:
    """Return the version of what makes the handshake: on an iPhone the system's, which other browsers do not tell."""
    return agent.system_version if agent.system == "iOS" and agent.name != "Safari" else agent.version


def _number(version: str) -> float:
    """Return a version as a number.

    >>> _number("26.0.1"), _number("150.0.0.0"), _number("18.4"), _number("")
    (26.0, 150.0, 18.04, 0.0)
    """
    major, minor, *_ = [int(part or 0) for part in version.split(".")] + [0]
    return major + min(minor, 99) / 100
