"""A service: one surface of a platform, with its own hosts, cookies and configuration."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scraper.platform.session import Session


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A cheap request that any session is answered, unless the platform refuses the session or its address.

    :param decode: from a body to data, where that is not simply JSON
    :param logged_in: from data to whether the session is a logged-in one, or None where that does not tell
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    decode: Callable[[bytes], Any] | None = None
    logged_in: Callable[[Any], bool | None] = lambda data: None


@dataclass(frozen=True, kw_only=True)
class Service:
    """One surface of a platform, with a cookie and a configuration of its own.

    :param name: the folder under CONFIG_DIR, such as `<platform>_web`
    :param label: its name in messages and commands, mostly that of the platform
    :param surface: what `meta.surface` says: web or app
    :param hosts: every host that may be asked; no request goes anywhere else
    :param cookie_domains: where its cookies go, and whose cookies are kept
    :param cookie_variable: the environment variable that may hold the cookie
    :param login_cookies: names of which one must be there for a session to be a logged-in one
    :param wanted_cookies: names that a whole cookie holds; without them, one of `login_cookies`
    :param expiry_cookies: names whose values tell when the login ends; without them, `login_cookies`
    :param home: the page in which a browser asks, "" where none does
    :param login_page: where a person logs in
    :param describe: from a user agent to the query parameters that tell of its browser
    :param probe: what is asked where every route was refused, to tell what is wrong
    """

    name: str
    label: str
    surface: str
    hosts: Sequence[str]
    cookie_domains: Sequence[str]
    cookie_variable: str
    login_cookies: Sequence[str]
    wanted_cookies: Sequence[str] = ()
    expiry_cookies: Sequence[str] = ()
    home: str = ""
    login_page: str = ""
    describe: Callable[[str], Mapping[str, Any]] = lambda user_agent: {}
    probe: Probe | None = None
    session: type[Session] = Session
