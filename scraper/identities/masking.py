"""Mask cookie values that a platform repeats in its answers.

This happens before anything reads the answer, so that no message, record, log line or stat can contain a secret.
"""

import re
from collections.abc import Collection
from urllib.parse import unquote

from scraper.identities.cookie_jar import Jar

_LEAST, _LEAST_OF_ANY = 8, 16  # minimum characters of login cookies, and of other cookies
_PLAIN = re.compile(r"[A-Za-z0-9_.~\-]+")  # is never escaped


class Mask:
    """The secrets of one identity: its cookie values, except short ones and numbers, which occur in ordinary text.

    :param known: names of the login cookies
    """

    def __init__(self, jar: Jar, known: Collection[str]):
        self._jar, self._known = jar, known
        self._changes = -1
        self._secrets: dict[str, bytes] = {}

    def blank(self, body: bytes) -> bytes:
        """Replace the secrets in a body by asterisks of the same length, however they are escaped."""
        if self._changes != self._jar.changes:
            self._changes, self._secrets = self._jar.changes, self._read()
        for secret, part in self._secrets.items():
            if part in body:
                body = re.sub(_pattern(secret), lambda found: b"*" * len(found[0]), body)
        return body

    def _read(self) -> dict[str, bytes]:
        """Return the secrets, the longest first, each with its longest part that is never escaped."""
        found = {}
        values = {(each["name"], unquote(each["value"].strip('"'))) for each in self._jar.all()}
        for name, value in sorted(values, key=lambda each: len(each[1]), reverse=True):
            least = _LEAST if name in self._known else _LEAST_OF_ANY
            if len(value) >= least and not value.isdigit() and (parts := _PLAIN.findall(value)):
                found[value] = max(parts, key=len).encode()
        return found


def _pattern(secret: str) -> bytes:
    """Return a pattern for a secret as it is, or escaped once or twice as in JSON or a URL."""
    return b"".join(re.escape(each.encode()) if _PLAIN.match(each) else _escaped(each) for each in secret)


def _escaped(char: str) -> bytes:
    raw = char.encode("utf-8", "replace")
    quoted = b"".join(b"%%(?:25)?(?i:%02x)" % byte for byte in raw)
    return rb"(?:\\?%s|%s|\\u(?i:%04x))" % (re.escape(raw), quoted, ord(char))
