"""From whatever a person pastes to what it points at. Pure: no Scrapy, no network.

A link counts by its parsed host, never by a substring: `https://evil.example/?site` is a link to evil.example.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

SHORT_LINK, UNKNOWN, AMBIGUOUS, NO_CONTENT = "short link", "unknown", "ambiguous id", "no content"

UNTRIMMED = "untrimmed"
"""A hint: the longer id that the link may have meant, since punctuation behind it was cut off."""


class Target(msgspec.Struct, frozen=True):
    """What a link points at: one video, one user, or a short link still to be resolved.

    :param kind: such as `video`, `user`, or one of SHORT_LINK, UNKNOWN, AMBIGUOUS and NO_CONTENT
    :param id: its id in canonical form
    :param given: the link or id as the user gave it, without the text around it
    :param extra: what narrows it, such as {"p": "2"}
    :param platform: whose it is, "" where that is not known
    :param hints: what else the link says, such as whose it is: it helps to find the thing, and makes it no other
    :param router: the endpoint that gives what the link shows, if that is not the default of its kind; its last segment
    :param page: what the link shows, in words, if that is not the thing itself; without a router no endpoint has it
    """

    kind: str
    id: str
    given: str
    extra: tuple[tuple[str, str], ...] = ()
    platform: str = ""
    hints: tuple[tuple[str, str], ...] = ()
    router: str = ""
    page: str = ""

    @property
    def question(self) -> str:
        """The same for every link that asks for the same: two tabs of one user are two questions."""
        return f"{self.key} {self.router or self.page}" if self.page else self.key

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

    def without_page(self) -> "Target":
        """Return the thing itself, whatever the link shows of it."""
        return msgspec.structs.replace(self, router="", page="")


class Link(msgspec.Struct, frozen=True):
    """A parsed link.

    :param host: in lower case; the scheme with its colon for a link that opens an app (`snssdk1128:`)
    :param path: without percent-encoding of letters, digits, `@` and `-._~`, where that says nothing
    :param query: the first value of each key
    """

    host: str
    path: str
    query: dict[str, str]
    url: str
    fragment: str = ""


_PLAIN = re.compile(r"%(?:2[dD]|2[eE]|3[0-9]|4[0-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE])")
_APP = re.compile(r"(?!https?:)([a-z][a-z0-9+.\-]{1,30})://", re.I | re.A)


def parse_link(url: str) -> Link | None:
    """Return the parts of an http(s) link on a standard port, without user and password, or of one that opens an app.

    >>> parse_link("HTTPS://A.test/Video/%31?p=2&p=3#c")
    Link(host='a.test', path='/Video/1', query={'p': '2'}, url='HTTPS://A.test/Video/%31?p=2&p=3#c', fragment='c')
    >>> parse_link("app1128://video/1").host, parse_link("app1128://video/1").path
    ('app1128:', '/video/1')
    >>> parse_link("https://site.test@evil.example/") is None
    True
    """
    try:
        parts = urlsplit(url if "://" in url else f"https://{url.removeprefix('//')}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
        query = {name.removeprefix("amp;"): each[0] for name, each in parse_qs(parts.query, max_num_fields=100).items()}
    except ValueError:
        return None
    if parts.username is not None:
        return None
    if _APP.match(url):
        return Link(f"{parts.scheme.lower()}:", _path(f"/{parts.netloc}{parts.path}"), query, url, parts.fragment)
    standard = {"http": (None, 80, 443), "https": (None, 443)}.get(parts.scheme.lower(), ())
    if not host or port not in standard:
        return None
    return Link(host, _path(parts.path), query, url, parts.fragment)


def _path(raw: str) -> str:
    """Return a path in one of its spellings: `/%40a//b` is `/@a/b`."""
    return re.sub(r"/{2,}", "/", _PLAIN.sub(lambda found: unquote(found[0]), raw)) or "/"


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A form of link. Its example is its test, and its row in the documentation.

    :param platform: whose form it is
    :param path: matched against the whole path without regard to case; its groups are passed to `make`. What has case
        says so: `(?-i:…)`
    :param query: keys that must be there, each with the pattern of its value; their groups are passed on as well
    :param make: from the groups to (id, extra), or None where the id is not valid
    :param keep: keys of the query that are passed to `make` if they are there; "#" is the fragment
    :param hints: the groups that are hints
    :param router: see `Target`
    :param page: see `Target`; it may name groups in braces
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
    router: str = ""
    page: str = ""

    def match(self, link: Link, given: str) -> Target | None:
        """Return the target, or None where the link is of another form."""
        groups = self._groups(link) if link.host in self.hosts else None
        made = self.make(groups) if groups is not None else None
        if groups is None or not made:
            return None
        hints = {name: groups[name] for name in self.hints if name in groups}
        extra, page = tuple(sorted(made[1].items())), self.page.format_map({"id": made[0], **groups})
        target = Target(self.kind, made[0], given, extra, self.platform, router=self.router, page=page)
        return target.with_hints(hints)

    def _groups(self, link: Link) -> dict[str, str] | None:
        """Return what the patterns find in a link, None if one of them does not fit."""
        if not (found := re.fullmatch(self.path, link.path, re.ASCII | re.IGNORECASE)):
            return None
        groups = {name: value for name, value in found.groupdict().items() if value is not None}
        for key, pattern in self.query.items():
            value = link.query.get(key, "")
            in_query = re.fullmatch(pattern, value, re.ASCII) or re.fullmatch(pattern, value.rstrip("/"), re.ASCII)
            if not in_query:
                return None
            groups |= {name: value for name, value in in_query.groupdict().items() if value is not None}
        fragment = {"#": link.fragment} if "#" in self.keep else {}
        return groups | {key: link.query[key] for key in self.keep if key in link.query} | fragment


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
