"""Parse user agents, so that request parameters that describe the browser match them. Pure."""

import re
from typing import NamedTuple

_BROWSERS = [
    ("Edge", r"Edg(?:A|iOS)?/([\d.]+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/([\d.]+)"),
    ("Chrome", r"(?:Chrome|CriOS|Chromium)/([\d.]+)"),
    ("Safari", r"Version/([\d.]+).{0,100}Safari/"),
]
_ENGINES = {"Edge": "Blink", "Chrome": "Blink", "Firefox": "Gecko", "Safari": "WebKit"}
_SYSTEMS = [
    ("Windows", "Win32", r"Windows NT ([\d.]+)"),
    ("Android", "Linux armv8l", r"Android ([\d.]+)"),
    ("iOS", "iPhone", r"(?:iPhone|CPU) OS ([\d_]+)"),
    ("Mac OS", "MacIntel", r"Mac OS X ([\d_.]+)"),
    ("Linux", "Linux x86_64", r"Linux()"),
]
_BRANDS = {"Chrome": "Google Chrome", "Edge": "Microsoft Edge"}
_HINTED_SYSTEMS = {"Mac OS": "macOS"}
_HINTED_FROM = 105
_GREASE, _GREASE_VERSIONS = " (:-./);=?_", ("8", "99", "24")
_ORDERS = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))


class Agent(NamedTuple):
    """The browser that a user agent names.

    :param name: Chrome, Edge, Firefox or Safari
    :param version: such as 139.0.0.0
    :param engine: Blink, Gecko or WebKit
    :param system: Windows, Mac OS, Linux, Android or iOS
    :param system_version: such as 10 or 10.15.7, "" if unknown
    :param platform: the value of `navigator.platform`
    """

    name: str
    version: str
    engine: str
    system: str
    system_version: str
    platform: str

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.partition(".")[0] or 0)


def read(user_agent: str) -> Agent:
    """Parse a user agent; unknown parts default to Chrome on Windows.

    >>> read("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36")
    Agent(name='Chrome', version='139.0.0.0', engine='Blink', system='Windows', system_version='10', platform='Win32')
    >>> read("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15")[:2]
    ('Safari', '18.5')
    >>> read("")
    Agent(name='Chrome', version='', engine='Blink', system='Windows', system_version='10', platform='Win32')
    """
    browsers = ((name, re.search(pattern, user_agent)) for name, pattern in _BROWSERS)
    name, version = next(((name, match[1]) for name, match in browsers if match), ("Chrome", ""))
    systems = ((system, platform, re.search(pattern, user_agent)) for system, platform, pattern in _SYSTEMS)
    system, platform, number = next(((*of, match[1]) for *of, match in systems if match), ("Windows", "Win32", "10"))
    return Agent(name, version, _ENGINES[name], system, re.sub(r"\.0$", "", number.replace("_", ".")), platform)


def hints(user_agent: str) -> dict[str, str]:
    """Return the client hints that Chrome and Edge send with every request; no other browser has any.

    Their order and the fake brand among them depend on the version, as in Chromium since version 105.

    >>> found = hints("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36")
    >>> found["sec-ch-ua"], found["sec-ch-ua-platform"]
    ('"Not;A=Brand";v="8", "Chromium";v="150", "Google Chrome";v="150"', '"Windows"')
    """
    agent = read(user_agent)
    if agent.name not in _BRANDS or agent.system == "iOS" or agent.major < _HINTED_FROM:
        return {}
    first, second = (_GREASE[(agent.major + step) % len(_GREASE)] for step in (0, 1))
    made_up = f'"Not{first}A{second}Brand";v="{_GREASE_VERSIONS[agent.major % len(_GREASE_VERSIONS)]}"'
    brands = [made_up, *(f'"{name}";v="{agent.major}"' for name in ("Chromium", _BRANDS[agent.name]))]
    places = _ORDERS[agent.major % len(_ORDERS)]
    return {
        "sec-ch-ua": ", ".join(brands[places.index(place)] for place in range(len(brands))),
        "sec-ch-ua-mobile": "?1" if " Mobile " in user_agent else "?0",
        "sec-ch-ua-platform": f'"{_HINTED_SYSTEMS.get(agent.system, agent.system)}"',
    }
