"""Write a session to a service's config.yaml, after checking it. Its values are never shown."""

import sys
import time
from collections.abc import Mapping
from os import environ
from pathlib import Path
from typing import NamedTuple

import yaml

from scraper import directories
from scraper.identities import cookie_formats, file_lock, user_agents, yaml_editing, yaml_reading
from scraper.identities.cookie_report import Login, inspect
from scraper.identities.masking import keep_cookies
from scraper.identities.service_config import ConfigFile, check_folder
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted


class ServiceCookies(NamedTuple):
    """Cookies of a service, ready to be written.

    :param header: the new value of `cookie:`
    :param names: names of the cookies in it
    :param left_out: names of cookies that a header cannot contain
    """

    header: str
    names: list[str]
    left_out: list[str]
    login: Login

    def summary(self) -> str:
        """Return a description without values."""
        lines = [f"{self.login.service}: {counted(len(self.names), 'cookie')}, {self.login.words(time.time())}"]
        if not self.login.logged_in:
            lines.append("without a login, less is visible: log in with your browser and copy the cookie again")
        if self.left_out:
            lines.append(f"omitted, because a header cannot contain them: {', '.join(self.left_out)}")
        return "\n".join(lines)


class Written(NamedTuple):
    """What happened to a file.

    :param notes: what the user has to know, as sentences
    :param problems: why it was not written, or cannot be used
    """

    is_written: bool
    notes: list[str]
    problems: list[str]


def read_cookies(service: Service, text: str) -> ServiceCookies:
    """Return the cookies in a text of any supported format.

    :raises ValueError: if there are none; the message never quotes the text
    """
    cookies = cookie_formats.parse(text, service.cookie_domains)
    kept = cookie_formats.parse(header := cookie_formats.header(cookies), service.cookie_domains)
    if not kept:
        raise ArgumentError("no cookie found: give the value of a request's Cookie header")
    keep_cookies(cookies, service.credentials)
    login = inspect(service, kept, cookie_formats.expiries(text, service.cookie_domains), time.time())
    return ServiceCookies(header, list(kept), sorted(cookies.keys() - kept.keys()), login)


class SessionFile:
    """The config.yaml of a service, which may not exist yet.

    :param folder: CONFIG_DIR
    :param identity: the name of one of its `identities`, "" if it has none
    :raises ArgumentError: if the user set the folder and it is missing
    """

    def __init__(self, service: Service, folder: str, identity: str):
        check_folder(folder)
        self.service, self.folder, self.identity = service, folder, identity
        self.path = Path(folder) / service.name / "config.yaml"

    def changed(self, values: Mapping[str, str]) -> str:
        """Return its text with new values. A new file starts as a copy of the example.

        :raises ArgumentError: if it cannot be changed, or has no such identity
        """
        try:
            text = self.path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            text = (directories.EXAMPLES / self.service.name / "config.example.yaml").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise ArgumentError(f"{self.path} cannot be read: fix it by hand first") from None
        if (names := _identities(text)) and not self.identity:
            raise ArgumentError(f"{self.path} has several identities: select one with --identity: {', '.join(names)}")
        try:
            return yaml_editing.with_values(text, values, self.identity)
        except ValueError as error:
            raise ArgumentError(f"{self.path}: {error}") from None

    def update(self, values: Mapping[str, str]) -> int:
        """Write new values, print the result, and return the exit code: 0, or 1 if the file could not be written.

        :raises ArgumentError: see `changed`
        """
        written = self.write(values)
        for line in written.notes:
            print(line)
        for line in written.problems:
            print(line, file=sys.stderr)
        return 0 if written.is_written else 1

    def write(self, values: Mapping[str, str]) -> Written:
        """Write new values. Concurrent updates by other programs wait for each other.

        :raises ArgumentError: see `changed`
        """
        try:
            with file_lock.held(self.path.with_name(".config.lock")):
                return self._write(self.changed(values))
        except OSError as error:
            return Written(False, [], [f"{self.path} could not be locked ({error.strerror}): it is untouched"])

    def _write(self, text: str) -> Written:
        try:
            yaml_editing.write(self.path, text)
        except OSError as error:
            problem = f"{self.path} could not be written ({error.strerror}): the old file is unchanged"
            return Written(False, [], [problem])
        notes = [f"written to {self.path}; a running crawl uses it for its next request"]
        if environ.get(self.service.cookie_variable):
            notes.append(f"but {self.service.cookie_variable} is set in the environment and overrides it: unset it")
        try:
            ConfigFile(self.service, self.folder)
        except ArgumentError as error:
            return Written(True, notes, [f"the file has another error, which a crawl will reject: {error}"])
        return Written(True, notes, [])


def _identities(text: str) -> list[str]:
    try:
        identities = (yaml_reading.load(text) or {}).get("identities") or []
        return [str(identity.get("name", "default")) for identity in identities]
    except (yaml.YAMLError, AttributeError, TypeError):
        return []  # `changed` reports the error


def checked_user_agent(text: str) -> str:
    """Return a user agent without surrounding white space.

    :raises ArgumentError: if it is not a browser's
    """
    agent = text.strip()
    if agent and not (agent.isprintable() and agent.startswith("Mozilla/") and user_agents.read(agent).version):
        raise ArgumentError("this is not a browser's user agent: it begins with Mozilla/5.0 and names a version")
    return agent
