"""The declaration of a service: one surface of a platform, with its own hosts, cookies and configuration."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scraper.platform.session import Session


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A cheap request that succeeds unless the platform refuses the session or its IP address.

    :param decode: decodes a body that is not JSON
    :param logged_in: whether the decoded answer shows a logged-in session; None if it does not tell
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    decode: Callable[[bytes], Any] | None = None
    logged_in: Callable[[Any], bool | None] = lambda data: None


@dataclass(frozen=True, kw_only=True)
class Service:
    """One surface of a platform, such as its website, with its own cookie and configuration.

    :param name: the folder under CONFIG_DIR, such as `<platform>_web`
    :param label: its name in messages and commands, usually the platform's name
    :param surface: the value of `meta.surface`: web or app
    :param hosts: the only hosts that requests may go to
    :param cookie_domains: the domains whose cookies are sent and kept
    :param cookie_variable: the environment variable that may hold the cookie
    :param login_cookies: cookie names; a logged-in session has at least one of them
    :param wanted_cookies: names that a complete cookie has; by default one of `login_cookies`
    :param expiry_cookies: names whose values contain the expiry of the login; by default `login_cookies`
    :param home: the page from which browser requests are sent; "" if there are none
    :param login_page: the page on which the user logs in
    :param describe: returns the query parameters that describe the browser of a user agent
    :param refused_agent: from a user agent to why the platform refuses it, "" if it is not known to
    :param probe: the request that finds the cause after every route was refused
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
    refused_agent: Callable[[str], str] = lambda user_agent: ""
    probe: Probe | None = None
    session: type[Session] = Session

    @property
    def credentials(self) -> tuple[str, ...]:
        """The names of the cookies that belong to a login."""
        return (*self.login_cookies, *self.wanted_cookies, *self.expiry_cookies)
