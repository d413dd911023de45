"""What the user may change: `config/<service>/config.yaml`, read again when it changes."""

import logging
import os
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from scraper import directories
from scraper.identities.cookie_formats import expiries, parse
from scraper.identities.masked_log import protect_log
from scraper.identities.masking import keep_cookies, keep_named, keep_url
from scraper.identities.quiet_hours import QuietHours
from scraper.identities.yaml_reading import load, read_mapping, read_text
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)

_MOST_PER_HOUR = 100_000
_HEADER = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class Pace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The request rate of each identity.

    :param delay_s: minimum seconds between two requests of one identity
    :param concurrency: maximum number of requests of one identity under way
    :param per_hour: maximum number of requests of one identity in any 60 minutes; None for no limit
    :param quiet_hours: one or several periods in which nothing is sent; see `QuietHours`
    """

    delay_s: float = 3.0
    concurrency: int = 1
    per_hour: int | None = None
    quiet_hours: str | list[str] = []


class IdentityConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of `identities` in the file."""

    name: str = "default"
    cookie: str | None = None
    cookie_file: str | None = None
    user_agent: str | None = None
    proxy: str | None = None


class ServiceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of a configuration file.

    :param impersonate: whether plain HTTPS requests use the TLS handshake of the user agent's browser
    """

    cookie: str | None = None
    cookie_file: str | None = None
    user_agent: str | None = None
    headers: dict[str, str] = {}
    proxy: str | None = None
    pace: Pace = Pace()
    impersonate: bool = False
    identities: list[IdentityConfig] = []


class Credentials(msgspec.Struct, frozen=True):
    """One session with its defaults filled in."""

    name: str
    cookies: dict[str, str]
    user_agent: str
    proxy: str | None
    expires: dict[str, int] = {}


class Loaded(msgspec.Struct, frozen=True):
    headers: dict[str, str]
    pace: Pace
    quiet_hours: QuietHours
    impersonate: bool
    credentials: list[Credentials]


class ConfigFile:
    """The configuration file of one service, reloaded when it changes.

    :param folder: CONFIG_DIR
    :raises ArgumentError: names the file and the wrong key
    """

    def __init__(self, service: Service, folder: str | Path, environ: Mapping[str, str] = os.environ):
        self.service = service
        self._config_dir = folder
        self.folder = Path(folder) / service.name
        self._environ = environ
        self._stamps: dict[Path, tuple[int, int] | None] = {}
        protect_log()
        self.loaded = self._load()

    @property
    def path(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def paths(self) -> list[Path]:
        """The files that were read and may contain a cookie."""
        return [path for path in self._stamps if path.name != "config.example.yaml"]

    def reload(self) -> bool:
        """Read the files again if one changed; return whether the configuration is new.

        If a file becomes unreadable during a crawl, this is reported and the old configuration stays in force.
        """
        if all(_stamp(path) == stamp for path, stamp in self._stamps.items()):
            return False
        try:
            self.loaded = self._load()
        except ArgumentError as error:
            logger.warning("The previous configuration stays in use: %s", error)
            return False
        logger.info("Reloaded the configuration of %s", self.service.label)
        return True

    def _load(self) -> Loaded:
        check_folder(self._config_dir)
        self._stamps = {}
        example = _example(self.service)
        example |= self._read(self.folder / "config.example.yaml")
        own = self._read(self.path)
        merged = example | {name: value for name, value in own.items() if value is not None}
        for nested in ("headers", "pace"):
            if isinstance(own.get(nested), dict) and isinstance(example.get(nested), dict):
                merged[nested] = example[nested] | own[nested]
        return self._loaded(self._convert(merged))

    def _read(self, path: Path) -> dict[str, Any]:
        self._stamps[path] = _stamp(path)
        return read_mapping(path)

    def _convert(self, data: dict[str, Any]) -> ServiceConfig:
        try:
            config = msgspec.convert(data, ServiceConfig)
        except msgspec.ValidationError as error:
            raise ArgumentError(f"{self.path}: {error}; compare it with config.example.yaml") from None
        if not 0 <= config.pace.delay_s <= 3600 or not 1 <= config.pace.concurrency <= 64:
            raise ArgumentError(f"{self.path}: pace needs a delay_s of 0 to 3600 and a concurrency of 1 to 64")
        if config.pace.per_hour is not None and not 1 <= config.pace.per_hour <= _MOST_PER_HOUR:
            raise ArgumentError(f"{self.path}: pace needs a per_hour of 1 to {_MOST_PER_HOUR}, or null for no limit")
        if config.impersonate:
            check_impersonation(self.path)
        return config

    def _loaded(self, config: ServiceConfig) -> Loaded:
        own = IdentityConfig(cookie=config.cookie, cookie_file=config.cookie_file)
        from_environ = self._environ.get(self.service.cookie_variable)
        if from_environ:
            own = IdentityConfig(cookie=from_environ)
        identities = [own] if from_environ or not config.identities else config.identities
        names = [identity.name for identity in identities]
        if len(set(names)) < len(names):
            raise ArgumentError(f"{self.path}: identities need different names, such as {{name: second, cookie: …}}")
        credentials = [self._credentials(identity, config) for identity in identities]
        self._keep_secrets(credentials, config.headers)
        return Loaded(config.headers, config.pace, self._quiet_hours(config.pace), config.impersonate, credentials)

    def _quiet_hours(self, pace: Pace) -> QuietHours:
        periods = [pace.quiet_hours] if isinstance(pace.quiet_hours, str) else pace.quiet_hours
        try:
            return QuietHours(periods)
        except ValueError as error:
            raise ArgumentError(f"{self.path}: pace.quiet_hours: {error}") from None

    def _keep_secrets(self, identities: list[Credentials], headers: dict[str, str]) -> None:
        keep_named(headers)
        for credentials in identities:
            keep_cookies(credentials.cookies, self.service.credentials)
            if credentials.proxy:
                keep_url(credentials.proxy)

    def _credentials(self, identity: IdentityConfig, config: ServiceConfig) -> Credentials:
        user_agent, proxy = identity.user_agent or config.user_agent or "", identity.proxy or config.proxy
        if odd := [name for name in config.headers if not _HEADER.fullmatch(name)]:
            raise ArgumentError(f"{self.path}: {odd[0]!r} is not a header name")
        for name, value in {**config.headers, "user_agent": user_agent, "proxy": proxy or ""}.items():
            if not value.isprintable():
                raise ArgumentError(f"{self.path}: {name} holds a line break or another control character")
        if proxy and not proxy.startswith(("http://", "https://")):
            raise ArgumentError(f"{self.path}: proxy must have the form http://user:pass@host:port")
        cookies, expires = self._cookies(identity)
        return Credentials(identity.name, cookies, user_agent, proxy, expires)

    def _cookies(self, identity: IdentityConfig) -> tuple[dict[str, str], dict[str, int]]:
        where, text = f"the cookie of {self.service.label}", identity.cookie or ""
        if identity.cookie_file and not text:
            path = self._cookie_file(identity.cookie_file)
            self._stamps[path] = _stamp(path)
            where = str(path)
            try:
                text = read_text(path)
            except FileNotFoundError:
                raise ArgumentError(f"{self.path}: cookie_file {path} does not exist") from None
            except ArgumentError as error:
                raise ArgumentError(f"{self.path}: cookie_file {error}") from None
            if not text.strip():
                raise ArgumentError(f"{self.path}: cookie_file {path} is empty")
        try:
            domains = self.service.cookie_domains
            return parse(text, domains), expiries(text, domains)
        except ValueError as error:
            raise ArgumentError(f"{where}: {error}") from None

    def _cookie_file(self, name: str) -> Path:
        if not name.isprintable():
            raise ArgumentError(f"{self.path}: cookie_file holds a control character")
        try:
            return self.folder / Path(name).expanduser()
        except RuntimeError:
            user = name.partition("/")[0]
            raise ArgumentError(f"{self.path}: cookie_file names {user}, and there is no such user") from None


def example_user_agent(service: Service) -> str:
    """Return the user agent of the example, which is sent where the user sets none."""
    return str(_example(service).get("user_agent") or "")


def own_headers(service: Service, loaded: Loaded) -> list[str]:
    """Return the names of the headers that the user configured, other than as in the example."""
    example = _example(service).get("headers") or {}
    return [name for name, value in loaded.headers.items() if example.get(name) != value]


def _example(service: Service) -> dict[str, Any]:
    example: dict[str, Any] = load((directories.EXAMPLES / service.name / "config.example.yaml").read_text("utf-8"))
    return example


def check_folder(folder: str | Path) -> None:
    """Check that a CONFIG_DIR set by the user exists, so that typing errors are noticed.

    :raises ArgumentError: if it is missing
    """
    path = Path(folder)
    if not path.is_dir() and path != directories.config_dir():
        problem = "is not a folder" if path.exists() else "does not exist"
        raise ArgumentError(f"CONFIG_DIR={folder} {problem}; correct its name, or create it first")


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def check_impersonation(path: Path) -> None:
    """Check that the package for `impersonate: true` is installed.

    :param path: the file with this setting
    :raises ArgumentError: says how to install it
    """
    try:
        import_module("scraper.network.transports.impersonate")
    except ImportError as error:
        raise ArgumentError(
            f"{path}: impersonate: true needs an optional extra ({error.name} cannot be imported);"
            ' in the project\'s folder: pip install -e ".[impersonate]"'
        ) from None
