"""Recognise what a link or an id points at. Pure: no Scrapy, no network.

A link counts by its parsed host, never by a substring: `https://evil.example/?site` is a link to evil.example.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

SHORT_LINK, UNKNOWN, AMBIGUOUS, NO_CONTENT = "short link", "unknown", "ambiguous id", "no content"

NO_FILTER = "(?i:0*|all)"
"""The regex of the values by which most filters select everything."""

UNTRIMMED = "untrimmed"
"""The name of a hint: the longer id that the link may have meant, because trailing punctuation was cut off."""


class Target(msgspec.Struct, frozen=True):
    """What a link points at: one video, one user, or a short link still to be resolved.

    :param kind: for example `video` or `user`, or one of SHORT_LINK, UNKNOWN, AMBIGUOUS and NO_CONTENT
    :param id: its id in canonical form
    :param given: the link or id as the user gave it, without the text around it
    :param extra: values that narrow it, such as {"p": "2"}
    :param platform: the platform's name, "" if unknown
    :param hints: further information from the link, such as its author, which helps to find the target
    :param router: last segment of the router for what the link shows, if it is not the default of its kind
    :param page: description of what the link shows, unless it is the target itself; unsupported without a router.
    :param instead: what the user can do if it is unsupported, "" if nothing
    :param filters: what the link selects of a list and no endpoint can select, as in its query: `tagid=5`
    """

    kind: str
    id: str
    given: str
    extra: tuple[tuple[str, str], ...] = ()
    platform: str = ""
    hints: tuple[tuple[str, str], ...] = ()
    router: str = ""
    page: str = ""
    instead: str = ""
    filters: str = ""

    @property
    def question(self) -> str:
        """Identifies the target and the page of it: two tabs of one user are two questions."""
        return " ".join(filter(None, (self.key, self.page and (self.router or self.page), self.filters)))

    @property
    def key(self) -> str:
        """Identifies the target, whatever the form of its link."""
        key = f"{self.platform}:{self.kind}:{self.id}"
        return ":".join([key, *(f"{name}={value}" for name, value in self.extra)]) if self.extra else key

    def get(self, name: str, default: str = "") -> str:
        """Return one of the `extra` values."""
        return dict(self.extra).get(name, default)

    def hint(self, name: str) -> str:
        """Return one of the hints, "" if there is none."""
        return dict(self.hints).get(name, "")

    def with_hints(self, hints: Mapping[str, str]) -> "Target":
        """Return the same target with more hints."""
        return msgspec.structs.replace(self, hints=tuple(sorted({**dict(self.hints), **hints}.items())))

    def without_page(self) -> "Target":
        """Return the target itself, without the page that the link shows."""
        return msgspec.structs.replace(self, router="", page="", instead="")


class Link(msgspec.Struct, frozen=True):
    """A parsed link.

    :param host: in lower case; for an app link, the scheme with its colon (`snssdk1128:`)
    :param path: with the percent-encoding of letters, digits, `@` and `-._~` removed
    :param query: the first value of each key
    """

    host: str
    path: str
    query: dict[str, str]
    url: str
    fragment: str = ""

    @property
    def unrouted(self) -> "Link":
        """The same link with the path and query of its fragment in their place, if it has any.

        >>> link = parse_link("https://a.test/2#/list?p=1").unrouted
        >>> link.path, link.query, link.fragment
        ('/2/list', {'p': '1'}, '')
        """
        path, _, in_fragment = self.fragment.removeprefix("!").partition("?")
        try:
            query = {**self.query, **_query(in_fragment)}
        except ValueError:
            return self
        return Link(self.host, _path(self.path + path), query, self.url) if path.startswith("/") else self


_PLAIN = re.compile(r"%(?:2[dD]|2[eE]|3[0-9]|4[0-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE])")
_APP = re.compile(r"(?!https?:)([a-z][a-z0-9+.\-]{1,30})://", re.I | re.A)


def parse_link(url: str) -> Link | None:
    """Parse an http(s) link on a standard port without credentials, or an app link; return None for anything else.

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
        query = _query(parts.query)
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


def _query(raw: str) -> dict[str, str]:
    """Return the first value of each key.

    :raises ValueError: there are too many
    """
    return {name.removeprefix("amp;"): values[0] for name, values in parse_qs(raw, max_num_fields=100).items()}


def _path(raw: str) -> str:
    """Return a path in canonical form: `/%40a//b` is `/@a/b`."""
    return re.sub(r"/{2,}", "/", _PLAIN.sub(lambda match: unquote(match[0]), raw)) or "/"


def _matches(regex: str, value: str) -> bool:
    return re.fullmatch(regex, value, re.ASCII) is not None


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A form of link. Its example is used as its test and in the documentation.

    :param platform: the platform it belongs to
    :param path: regex for the whole path; its groups are passed to `make`. Ignores case, except in `(?-i:…)`
    :param query: required query keys, each with a regex for its value; their groups are passed to `make` too
    :param make: returns (id, extra) for the groups, or None if the id is invalid
    :param keep: optional query keys that are passed to `make`; "#" is the fragment
    :param passed: query keys that select a part of the list, each with a regex for the values that become part of
        `Target.extra`; values like NO_FILTER do not, and a link with another value is rejected
    :param filters: query keys that select a part of the list that no endpoint can select, each with a regex for the
        values that select everything; a link with another value is rejected
    :param routed: whether older links have the end of their path, and their query, in the fragment: `/2#/video?pn=1`
    :param hints: names of the groups that become hints
    :param router: see `Target`
    :param page: see `Target`; it may name groups in braces
    :param instead: see `Target`
    """

    kind: str
    hosts: Sequence[str]
    path: str
    example: str
    query: dict[str, str] = field(default_factory=dict)
    make: Callable[[dict[str, str]], tuple[str, dict[str, str]] | None] = lambda groups: (groups["id"], {})
    keep: Sequence[str] = ()
    passed: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    routed: bool = False
    hints: Sequence[str] = ()
    platform: str = ""
    router: str = ""
    page: str = ""
    instead: str = ""

    @cached_property
    def _path_regex(self) -> re.Pattern[str]:
        return re.compile(self.path, re.ASCII | re.IGNORECASE)

    def match(self, link: Link, given: str) -> Target | None:
        """Return the target, or None if the link has another form."""
        link = link.unrouted if self.routed else link
        groups = self._groups(link) if link.host in self.hosts else None
        made = self.make(groups) if groups is not None else None
        if groups is None or not made:
            return None
        hints = {name: groups[name] for name in self.hints if name in groups}
        passed, rejected = self._selected(link)
        extra, page = tuple(sorted((made[1] | passed).items())), self.page.format_map({"id": made[0], **groups})
        target = Target(self.kind, made[0], given, extra, self.platform, (), self.router, page, self.instead)
        return msgspec.structs.replace(target, filters=rejected).with_hints(hints)

    def _selected(self, link: Link) -> tuple[dict[str, str], str]:
        """Return the filters of a link that are passed on, and those that are not supported, as in its query."""
        given = {name: link.query[name] for name in (*self.passed, *self.filters) if name in link.query}
        selecting = {
            name: value for name, value in given.items() if not _matches(self.filters.get(name, NO_FILTER), value)
        }
        passed = {
            name: value
            for name, value in selecting.items()
            if name in self.passed and _matches(self.passed[name], value)
        }
        return passed, "&".join(f"{name}={value}" for name, value in selecting.items() if name not in passed)

    def _groups(self, link: Link) -> dict[str, str] | None:
        """Return the groups of all patterns, None if one of them does not match."""
        if not (path_match := self._path_regex.fullmatch(link.path)):
            return None
        groups = {name: value for name, value in path_match.groupdict().items() if value is not None}
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
    """The form of an id without a link, such as a number."""

    kind: str
    regex: str
    example: str
    make: Callable[[str], str | None] = str
    platform: str = ""

    def match(self, word: str) -> Target | None:
        """Return the target, or None if the word is not such an id."""
        made = self.make(word) if re.fullmatch(self.regex, word, re.ASCII) else None
        return Target(self.kind, made, word, (), self.platform) if made else None


def match(url: str, patterns: Iterable[Pattern], given: str = "") -> Target | None:
    """Return the target of a link, by the first pattern that matches; None if none does.

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
    """Return the target of an id; AMBIGUOUS if several platforms have ids of this form, None if none has."""
    targets = [target for pattern in bare if (target := pattern.match(word))]
    if len({target.platform for target in targets}) > 1:
        return Target(AMBIGUOUS, word, word)
    return targets[0] if targets else None
