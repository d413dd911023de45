"""From whatever a person pastes to what it points at. Pure: no Scrapy, no network.

A link counts by its parsed host, never by a substring: `https://evil.example/?site` is a link to evil.example.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import msgspec

SHORT_LINK, UNKNOWN, AMBIGUOUS = "short link", "unknown", "ambiguous id"


class Target(msgspec.Struct, frozen=True):
    """What a link points at: one video, one user, or a short link still to be resolved.

    :param kind: such as `video`, `user`, or one of SHORT_LINK, UNKNOWN and AMBIGUOUS
    :param id: its id in canonical form
    :param given: the link or id as the user gave it, without the text around it
    :param extra: what narrows it, such as {"p": "2"}
    :param platform: whose it is, "" where that is not known
    :param hints: what else the link says, such as whose it is: it helps to find the thing, and makes it no other
    """

    kind: str
    id: str
    given: str
    extra: tuple[tuple[str, str], ...] = ()
    platform: str = ""
    hints: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """The same for every form of the same thing."""
        return ":".join([self.platform, self.kind, self.id, *(f"{name}={value}" for name, value in self.extra)])

    def get(self, name: str, default: str = "") -> str:
        """Return one of the values that narrow it."""
        return dict(self.extra).get(name, default)

    def hint(self, name: str) -> str:
        """Return one of the hints, "" where it is not known."""
        return dict(self.hints).get(name, "")

    def with_hints(self, hints: Mapping[str, str]) -> "Target":
        """Return the same target with more hints."""
        return msgspec.structs.replace(self, hints=tuple(sorted({**dict(self.hints), **hints}.items())))


class Link(msgspec.Struct, frozen=True):
    """A parsed link: the host in lower case, and the first value of each query key."""

    host: str
    path: str
    query: dict[str, str]
    url: str


def parse_link(url: str) -> Link | None:
    """Return the parts of an http(s) link on a standard port, without user and password.

    >>> parse_link("HTTPS://WWW.Site.test/Video/1?p=2&p=3")
    Link(host='www.site.test', path='/Video/1', query={'p': '2'}, url='HTTPS://WWW.Site.test/Video/1?p=2&p=3')
    >>> parse_link("https://site.test@evil.example/") is None
    True
    """
    try:
        parts = urlsplit(url if "://" in url else f"https://{url.removeprefix('//')}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
        query = {name: values[0] for name, values in parse_qs(parts.query, max_num_fields=100).items()}
    except ValueError:
        return None
    standard = {"http": (None, 80, 443), "https": (None, 443)}.get(parts.scheme.lower(), ())
    if not host or port not in standard or parts.username is not None:
        return None
    return Link(host, parts.path or "/", query, url)


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A form of link. Its example is its test, and its row in the documentation.

    :param platform: whose form it is
    :param path: matched against the whole path; its groups are passed to `make`
    :param query: keys that must be there, each with the pattern of its value; their groups are passed on as well
    :param make: from the groups to (id, extra), or None where the id is not valid
    :param hints: the groups that are hints
    """

    kind: str
    hosts: Sequence[str]
    path: str
    example: str
    query: dict[str, str] = field(default_factory=dict)
    make: Callable[[dict[str, str]], tuple[str, dict[str, str]] | None] = lambda groups: (groups["id"], {})
    keep: Sequence[str] = ()
    hints: Sequence[str] = ()
    platform: str = ""

    def match(self, link: Link, given: str) -> Target | None:
        """Return the target, or None where the link is of another form."""
        if link.host not in self.hosts or not (found := re.fullmatch(self.path, link.path, re.ASCII)):
            return None
        groups = {name: value for name, value in found.groupdict().items() if value is not None}
        for key, pattern in self.query.items():
            if not (in_query := re.fullmatch(pattern, link.query.get(key, ""), re.ASCII)):
                return None
            groups |= in_query.groupdict()
        groups |= {key: link.query[key] for key in self.keep if key in link.query}
        made = self.make(groups)
        hints = {name: groups[name] for name in self.hints if name in groups}
        if not made:
            return None
        return Target(self.kind, made[0], given, tuple(sorted(made[1].items())), self.platform).with_hints(hints)


@dataclass(frozen=True, kw_only=True)
class BareId:
    """An id without a link, such as a line of nothing but numbers."""

    kind: str
    regex: str
    example: str
    make: Callable[[str], str | None] = str
    platform: str = ""

    def match(self, word: str) -> Target | None:
        """Return the target, or None where the word is no such id."""
        made = self.make(word) if re.fullmatch(self.regex, word, re.ASCII) else None
        return Target(self.kind, made, word, (), self.platform) if made else None


def match(url: str, patterns: Iterable[Pattern], given: str = "") -> Target | None:
    """Return the target of the first pattern that knows the link.

    >>> video = Pattern(kind="video", hosts=["site.test"], path=r"/v/(?P<id>\\w+)", example="https://site.test/v/a1")
    >>> match("https://site.test/v/a1?from=share", [video]).id
    'a1'
    >>> match("https://elsewhere.test/?site.test/v/a1", [video]) is None
    True
    """
    link = parse_link(url)
    if not link:
        return None
    return next((target for pattern in patterns if (target := pattern.match(link, given or url))), None)


def bare_id(word: str, bare: Iterable[BareId]) -> Target | None:
    """Return the target of an id, AMBIGUOUS where several platforms have ids like it."""
    found = [target for each in bare if (target := each.match(word))]
    if len({target.platform for target in found}) > 1:
        return Target(AMBIGUOUS, word, word)
    return found[0] if found else None
