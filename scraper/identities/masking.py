"""Mask secrets in texts that leave the program: logs, messages, reports, what commands print. Data is never masked.

Whoever reads or receives a secret keeps it in `SECRETS`; whoever writes a text passes it through `mask`. The log does
so by itself: see `masked_log`.
"""

import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from functools import lru_cache
from threading import Lock
from urllib.parse import unquote

_SHOWN = "…"
_LEAST, _LEAST_MIXED, _LEAST_OTHER = 8, 6, 16  # characters; shorter ones occur in ordinary text
_MOST_RECEIVED, _MOST_PATTERNS, _MOST_NAMES = 500, 64, 1_000
_PLAIN = re.compile(r"[A-Za-z0-9_.~\-]+")  # is never escaped
_NAME = re.compile(  # not `session_id`, which numbers the walk through a list in cursors
    r"sess(?!ion_id$)|_jct$|token$|csrf|passwd$|password$|_pass$|passphrase$|cookie$|secret|authorization$|_ticket|api_?key$|access_?key$",
    re.IGNORECASE,
)
_CREDENTIAL = re.compile(r"^s?sid(_|$)|^uid_tt|sid_tt", re.IGNORECASE)  # further names of cookies
_HANDLE = re.compile(r"[a-z0-9_.]{1,24}")  # of a user
_ALTERNATION = re.compile(r"[a-z](?=[0-9])|[0-9](?=[a-z])")
_RANDOM = 4  # alternations of letters and digits, from which on no person chose it
# A name starts where no other starts, so that no two tries overlap. Values are read only behind secret names, since a
# value may contain further names: url=https://…?token=…
_ASSIGNED = re.compile(r"(?<!\w)(\w{1,80}+)=")
_ASSIGNED_VALUE = re.compile(r"[^&;\s\"']+")
_QUOTED = re.compile(r"""(?<![\w-])([\w-]{1,80}+)(?:\\?["'])?\s?[:=]\s?\[?b?\\?["']""")
_QUOTED_VALUE = re.compile(r"""[^"'\\]+""")
_USER = re.compile(r"""(?<=://)(?!user:pass@)[^\s/?#@"'<>]{1,500}@""")

_AUTHORITY = re.compile(r"[\w+.\-]{1,40}://[^/\s]{1,500}@")


class Secrets:
    """The secrets that this process knows.

    What the user configured is kept for good; of what platforms set, the latest are kept.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Forget all secrets, as a new process knows none."""
        self._configured: dict[str, None] = {}
        self._received: dict[str, None] = {}
        self._parts: dict[str, str] | None = None

    def keep(self, secret: str) -> None:
        """Keep a secret that the user configured."""
        with self._lock:
            self._configured[secret] = None
            self._parts = None

    def receive(self, secret: str) -> None:
        """Keep a secret that a platform set."""
        with self._lock:
            if secret in self._configured:
                return
            if secret in self._received:
                del self._received[secret]  # to be the latest
            else:
                self._parts = None
            self._received[secret] = None
            if len(self._received) > _MOST_RECEIVED:
                del self._received[next(iter(self._received))]

    def mask(self, text: str) -> str:
        """Replace the secrets in a text, however they are escaped."""
        for secret, part in (self._parts or self._read()).items():
            if part in text:
                text = _pattern(secret).sub(_SHOWN, text)
        return text

    def mask_bytes(self, body: bytes) -> bytes:
        """Replace the secrets in UTF-8 text, or in other bytes."""
        if not any(part.encode() in body for part in (self._parts or self._read()).values()):
            return body
        return self.mask(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def _read(self) -> dict[str, str]:
        """Return each secret with its longest part that is never escaped, the longest secret first."""
        with self._lock:
            known = sorted([*self._configured, *self._received], key=len, reverse=True)  # one may contain another
            self._parts = {secret: max(_PLAIN.findall(secret), key=len, default="") for secret in known}
            return self._parts


SECRETS = Secrets()


def mask(text: str) -> str:
    """Return a text without the secrets that are known, the values of names such as `token`, and users in URLs.

    >>> mask("GET https://me:pw@proxy.test/?token=abc&a=1 {'Cookie': 'b'}")
    "GET https://…@proxy.test/?token=…&a=1 {'Cookie': '…'}"
    """
    text = SECRETS.mask(text)
    if "://" in text:
        text = _USER.sub(f"{_SHOWN}@", text)
    return _mask_values(_mask_values(text, _ASSIGNED, _ASSIGNED_VALUE), _QUOTED, _QUOTED_VALUE)


def keep_cookies(cookies: Mapping[str, str], credentials: Collection[str]) -> None:
    """Keep the cookies of a configuration that are secrets.

    :param credentials: names of the cookies of a login
    """
    for name, value in cookies.items():
        if secret := secret_cookie(name, value, credentials):
            SECRETS.keep(secret)


def secret_cookie(name: str, value: str, credentials: Collection[str]) -> str:
    """Return the value of a cookie as text, if it is a secret that ordinary text does not contain, else "".

    The values of a login's cookies are, from 8 characters on, or 6 if they do not consist of letters alone. Others are
    from 16 on, unless they are a link or what may be a user's handle. Numbers never are: they may be ids.

    >>> secret_cookie("sid", "a1b2c3d4", ()), secret_cookie("theme", "darkmode", ()), secret_cookie("n", "abcd" * 5, ())
    ('a1b2c3d4', '', '')
    """
    value = unquote(value.strip('"'))
    if value.isdigit() or not any(map(str.isalnum, value)):
        return ""
    if name in credentials or is_secret_name(name) or _CREDENTIAL.search(name):
        return value if _is_distinct(value) else ""
    return value if len(value) >= _LEAST_OTHER and not _is_ordinary(value) else ""


def _is_distinct(secret: str) -> bool:
    return len(secret) >= (_LEAST if secret.isalpha() or secret.isdigit() else _LEAST_MIXED)


def _is_ordinary(value: str) -> bool:
    if "://" in value:
        return True
    return bool(_HANDLE.fullmatch(value)) and len(_ALTERNATION.findall(value)) < _RANDOM


def keep_url(url: str) -> None:
    """Keep the password in a URL, such as a proxy's, and the header that it is sent in. Some take a key as the user."""
    user, _, password = (url.partition("://")[2] or url).rpartition("@")[0].partition(":")
    user, password = unquote(user), unquote(password)
    secret = password or user
    if "/" in user or not secret:  # a path may hold an @, a user does not hold a /
        return
    if _is_distinct(secret):
        SECRETS.keep(secret)
    sent = b64encode(f"{user}:{password}".encode()).decode().rstrip("=")
    SECRETS.keep(sent if _is_distinct(sent) else f"Basic {sent}")


def keep_named(values: Mapping[str, object]) -> None:
    """Keep the values of settings or headers whose names say that they are secret, and the passwords in URLs."""
    for name, value in values.items():
        for text in (value, *(value if isinstance(value, Mapping) else ())):
            if isinstance(text, str) and _AUTHORITY.match(text):
                keep_url(text)
        if isinstance(value, str) and is_secret_name(name) and _is_distinct(value):
            SECRETS.keep(value)
            SECRETS.keep(value.removeprefix("Bearer "))


def _mask_values(text: str, names: re.Pattern[str], values: re.Pattern[str]) -> str:
    """Mask the values behind secret names.

    :param names: matches a name, which is its group, up to where the value begins
    """
    pieces, at = [], 0
    for name in names.finditer(text):
        if name.start() >= at and is_secret_name(name[1]) and (value := values.match(text, name.end())):
            pieces += [text[at : name.end()], _SHOWN]
            at = value.end()
    return "".join([*pieces, text[at:]]) if pieces else text


@lru_cache(_MOST_NAMES)
def is_secret_name(name: str) -> bool:
    """Return whether a name says that its value is secret."""
    return bool(_NAME.search(name.replace("-", "_")))


@lru_cache(_MOST_PATTERNS)
def _pattern(secret: str) -> re.Pattern[str]:
    """Return a pattern for a secret as it is, or escaped once or twice as in JSON, a URL, HTML or the text of bytes."""
    return re.compile("".join(re.escape(char) if _PLAIN.match(char) else _escaped(char) for char in secret))


def _escaped(char: str) -> str:
    encoded = char.encode("utf-8", "replace")
    quoted = "".join(f"%(?:25)?(?i:{byte:02x})" for byte in encoded)
    in_bytes = "".join(rf"\\x{byte:02x}" for byte in encoded)
    named = {"&": "|&amp;", '"': "|&quot;", "<": "|&lt;", ">": "|&gt;", "'": "|&\\#39;"}.get(char, "")
    coded = rf"\\u(?i:{ord(char):04x})|&\#0?{ord(char)};|&\#x(?i:{ord(char):x});"
    return rf"(?:\\?{re.escape(char)}|{quoted}|{in_bytes}|{coded}{named})"
