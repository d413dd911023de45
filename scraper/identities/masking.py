"""What an answer repeats of the cookies that it was asked with is blanked before anyone reads it.

So no message, record, log line or stat can hold it, wherever the platform put it.
"""

import re
from collections.abc import Collection
from urllib.parse import unquote

from scraper.identities.cookie_jar import Jar

_LEAST, _LEAST_OF_ANY = 8, 16  # characters: of what makes a login, of every other cookie
_PLAIN = re.compile(r"[A-Za-z0-9_.~\-]+")  # stands for itself in every form of a text


class Mask:
    """The secrets of one identity: the values of its cookies. What is short, or a number, is in many a text.

    :param known: names of the cookies that make a login
    """

    def __init__(self, jar: Jar, known: Collection[str]):
        self._jar, self._known = jar, known
        self._changes = -1
        self._secrets: dict[str, bytes] = {}

    def blank(self, body: bytes) -> bytes:
        """Return a body with as many asterisks where a secret was, in whatever escapes."""
        if self._changes != self._jar.changes:
            self._changes, self._secrets = self._jar.changes, self._read()
        for secret, part in self._secrets.items():
            if part in body:
                body = re.sub(_pattern(secret), lambda found: b"*" * len(found[0]), body)
        return body

    def _read(self) -> dict[str, bytes]:
        """Return the secrets, the longest first, each with the longest part of it that no escape changes."""
        found = {}
        values = {(each["name"], unquote(each["value"].strip('"'))) for each in self._jar.all()}
        for name, value in sorted(values, key=lambda each: len(each[1]), reverse=True):
            least = _LEAST if name in self._known else _LEAST_OF_ANY
            if len(value) >= least and not value.isdigit() and (parts := _PLAIN.findall(value)):
                found[value] = max(parts, key=len).encode()
        return found


def _pattern(secret: str) -> bytes:
    """Return what finds a secret as it is, or escaped as in JSON or in a URL, once or twice."""
    return b"".join(re.escape(each.encode()) if _PLAIN.match(each) else _escaped(each) for each in secret)


def _escaped(char: str) -> bytes:
    raw = char.encode("utf-8", "replace")
    quoted = b"".join(b"%%(?:25)?(?i:%02x)" % byte for byte in raw)
    return rb"(?:\\?%s|%s|\\u(?i:%04x))" % (re.escape(raw), quoted, ord(char))
