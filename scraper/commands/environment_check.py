"""Environment checks that need no network: proxy, TLS, browser, configuration, cookies."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from scraper.commands.finding import NOTE, OK, WRONG, Finding
from scraper.identities import user_agents
from scraper.identities.cookie_report import inspect
from scraper.identities.service_config import ConfigFile, Credentials, Loaded, example_user_agent, own_headers
from scraper.network.browser.launch_options import find
from scraper.network.browser.page_scripts import SENT_HEADERS
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError, MissingBrowserError
from scraper.responses.wording import counted

_OLDEST = {"Chrome": 120, "Edge": 120, "Firefox": 115, "Safari": 16}  # major versions of 2023


def network(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Check the environment's proxy and TLS variables."""
    proxy = getproxies_environment().get("https", "")
    yield Finding("proxy", OK, f"https_proxy is {without_password(proxy)}" if proxy else "none in the environment")
    authority = environ.get("SSL_CERT_FILE", "")
    if not authority:
        yield Finding("TLS", OK, "certificates are verified against the system's authorities")
        return
    try:
        ssl.create_default_context(cafile=authority)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it contains no certificate"
        remedy = "set SSL_CERT_FILE to a PEM file, or unset it"
        yield Finding("TLS", WRONG, f"SSL_CERT_FILE={authority} cannot be used: {why}", remedy)
        return
    yield Finding("TLS", OK, f"certificates are verified against SSL_CERT_FILE={authority}")


def browser(services: Sequence[Service]) -> Iterator[Finding]:
    """Check for a browser, if a service has endpoints that work only through its own page."""
    if not any(service.home for service in services):
        return
    try:
        yield Finding("browser", OK, find())
    except MissingBrowserError as error:
        yield Finding("browser", NOTE, "no browser found: browser routes do not work", str(error))


def without_password(proxy: str) -> str:
    """Return a proxy URL without its credentials.

    >>> without_password("http://me:secret@proxy.test:8080/"), without_password("nonsense")
    ('http://…@proxy.test:8080', '(not shown: unexpected form)')
    """
    try:
        parts = urlsplit(proxy)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if not parts.hostname:
        return "(not shown: unexpected form)"
    return f"{parts.scheme}://{'…@' if '@' in parts.netloc else ''}{parts.hostname}{port}"


def configuration(service: Service, folder: Path, now: float) -> Iterator[Finding]:
    """Check the configuration file of a service and its identities."""
    check = f"{service.name} configuration"
    try:
        config = ConfigFile(service, folder)
    except ArgumentError as error:
        yield Finding(check, WRONG, str(error), "correct the configuration as the message says")
        return
    pace, identities = config.loaded.pace, counted(len(config.loaded.credentials), "identity", "identities")
    from_ = config.path if config.path.exists() else "no config.yaml: using the example's values"
    pace_text = f"{pace.delay_s:g} s between requests, {pace.concurrency} at once"
    yield Finding(check, OK, f"{from_}, {identities}, {pace_text}")
    yield from _headers(service, config.loaded)
    for credentials in config.loaded.credentials:
        slot = f"{service.name}:{credentials.name}"
        if credentials.proxy:
            yield Finding(f"{slot} proxy", OK, without_password(credentials.proxy))
        yield _user_agent(slot, credentials, service)
        login = inspect(service, credentials.cookies, credentials.expires, now, credentials.name)
        renew = f"scrapy update_cookie --service {service.label} --cookie -"
        state = OK if login.logged_in else WRONG if login.expired else NOTE
        yield Finding(f"{slot} cookie", state, login.words(now), "" if login.logged_in else renew)


def _headers(service: Service, loaded: Loaded) -> Iterator[Finding]:
    """Name the configured headers that the browser routes of a service do not send."""
    unsent = [name for name in own_headers(service, loaded) if name.title() not in SENT_HEADERS]
    if service.home and unsent:
        says = (
            f"sent with plain requests only: {', '.join(unsent)}; on browser routes, the browser sends its own headers"
        )
        yield Finding(f"{service.name} headers", NOTE, says)


def _user_agent(slot: str, credentials: Credentials, service: Service) -> Finding:
    """Check the user agent of an identity against its cookie."""
    check, agent = f"{slot} user agent", user_agents.read(credentials.user_agent)
    source = "the user agent of the browser that you copied the cookie from"
    own = f"set user_agent in the configuration of {service.label} to {source}"
    if not agent.version:
        return Finding(check, WRONG if credentials.cookies else NOTE, "missing, or not a browser's", own)
    says = f"{agent.name} {agent.major} on {agent.system}"
    if refused := service.refused_agent(credentials.user_agent):
        return Finding(check, WRONG, f"{says}: {refused}", own)
    if agent.major < _OLDEST.get(agent.name, 0):
        return Finding(check, NOTE, f"{says}: an old version, which platforms may refuse", own)
    if credentials.cookies and credentials.user_agent == example_user_agent(service):
        return Finding(check, NOTE, f"{says}: from the example, but the cookie is your own", own)
    return Finding(check, OK, says)
