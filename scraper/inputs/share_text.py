"""Find the links and ids in a text. Pure: the caller supplies the patterns.

A link may contain unencoded words (`/tag/café`, `?q=猫`), and text may follow it without a space, as in Chinese
share texts. Where it ends depends on what it points at: see `_read`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, takewhile
from typing import NamedTuple
from urllib.parse import unquote

from scraper.platform.atlas import Atlas
from scraper.platform.targets import (
    NO_CONTENT,
    UNKNOWN,
    UNTRIMMED,
    BareId,
    Link,
    Pattern,
    Target,
    bare_id,
    match,
    parse_link,
)

Understood = Callable[[str], Target | None]

# Invisible marks, whitespace, quotation marks, brackets and Chinese punctuation never occur in a link.
_ENDS = (
    "\x00-\x20\"'<>\\\\^`{}\x7f-\xa0\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff"
    "«»“”…，。！？、；：（）［］｛｝【】〖〗《》〈〉「」『』"
)
_CHAR = rf"(?:[^{_ENDS}]|(?<=[^\x00-\x2f])'(?=[^\x00-\x40{_ENDS}]))"  # an apostrophe, not a quotation mark
_LINK = re.compile(
    rf"https?://{_CHAR}+|(?<![a-z0-9+.\-])[a-z][a-z0-9+.\-]{{2,30}}(?<!http)(?<!https)://{_CHAR}+|(?<![\w:./\-])//[a-z0-9]{_CHAR}+|"
    rf"(?<![A-Za-z0-9@._\-/])(?:[a-z0-9\-]+\.)+[a-z]{{2,}}(?:/{_CHAR}*)?",
    re.I | re.A,
)
_NEXT = re.compile(r"(?<![=?&#@:%])https?://", re.I | re.A)  # after these characters it is part of the link before it
_ALPHABETS = "\u00c0-\u0dff\u1e00-\u1fff"  # words in these are separated by spaces, so `@josé` is not `@jos`
_RUN = re.compile(rf"(?:'|[^\x00-\x7f{_ALPHABETS}]|(?<=/)[^\x00-\x7f])[^\x00-\x7f]*")
_MOST_RUNS = 100
_TITLED = re.compile(r"\[([^\s\[\]]{1,2000})\]\((?=\1)")  # Markdown: a link whose text is the link itself
_TRAILING = ".,;:!?*|#&@$+~=(['’—～"  # without - and _, which ids and handles may end in
_BRACKETS = {")": "(", "]": "["}


class Reading(NamedTuple):
    """
    :param url: the link, without adjacent punctuation
    :param end: the position after it and that punctuation
    """

    url: str
    target: "Target | None"
    end: int


def links(text: str, understood: "Understood") -> Iterator[tuple[str, "Target | None"]]:
    """Yield every link in a text with its target.

    >>> [url for url, _ in links("看【标题】https://b.test/abc，快来(https://c.test/d).", lambda url: None)]
    ['https://b.test/abc', 'https://c.test/d']
    >>> [url for url, _ in links('<iframe src="//player.test/p.html?id=1">', lambda url: None)]
    ['//player.test/p.html?id=1']
    >>> [url for url, _ in links("[https://b.test/a](https://b.test/a)https://c.test/é", lambda url: None)]
    ['https://b.test/a', 'https://c.test/é']
    """
    text, at = _TITLED.sub("(", text), 0
    while link := _LINK.search(text, at):
        reading = _read(_first(link[0], understood), understood)
        at = link.start() + reading.end
        if reading.url.rstrip("/") not in ("http:", "https:", ""):
            yield reading.url, reading.target


def _first(raw: str, understood: "Understood") -> str:
    """Return the first of several concatenated links. After a "/", a link may be part of another."""
    for other in _NEXT.finditer(raw, 1):
        before = raw[: other.start()]
        if not before.endswith("/") or understood(before):
            return before
    return raw


def _read(raw: str, understood: "Understood") -> Reading:
    """Return the end of a link that is followed by non-ASCII text, each run of which may belong to the link.

    It ends after the last run that is in its id (`/tag/café`) or before its id (`/music/été-72…`). If there is no
    such run, it ends as soon as it is recognised. A link that is never recognised includes all runs.
    """
    runs = list(islice(_RUN.finditer(raw), _MOST_RUNS))
    readings = []
    for end in (*(run.start() for run in runs), len(raw)):
        url = _trimmed(raw[:end])
        readings.append(Reading(url, understood(url), end))
    for run, reading in zip(reversed(runs), reversed(readings), strict=False):
        if reading.target and _is_part(reading.url[slice(*run.span())], reading.url[run.start() :], reading.target.id):
            return reading
    return next((reading for reading in readings if reading.target), readings[-1])


def _is_part(run: str, rest: str, ident: str) -> bool:
    """Return whether a run of non-ASCII text belongs to the link.

    :param rest: the rest of the link, from the run on
    """
    ident, rest = ident.casefold(), rest.casefold()
    return run.casefold() in ident or any(f"{sign}{ident}" in rest for sign in "/-=")


def _trimmed(url: str) -> str:
    """Return a link without surrounding punctuation and brackets."""
    while url and (
        url[-1] in _TRAILING or (url[-1] in _BRACKETS and url.count(_BRACKETS[url[-1]]) < url.count(url[-1]))
    ):
        url = url[:-1]
    return url


_SEPARATORS = re.compile(r"[\s,;，、；|]+")
_ENCODED = re.compile(r"https?%3A%2F%2F[^\s]+", re.I | re.A)


_SHOWN = 200
_OF_LINES = 4  # digits of a number that may count the lines of a list


def find(line: str, patterns: Iterable[Pattern], bare: Iterable[BareId], hosts: Iterable[str]) -> Iterator[Target]:
    """Yield the targets of one line: its ids and links if it consists of them, else its links.

    An unrecognised link becomes an UNKNOWN target, and so does a line without links and ids. If the line has a link to
    content, a platform's advertisements are ignored; in a text with other words, so are links to other sites.

    :param hosts: hosts whose links are recognised without a scheme, so that `v1.2 of readme.md` is not a link
    """
    line = line.strip()
    words = [word for word in _SEPARATORS.split(line) if word]
    bare, patterns, hosts = list(bare), list(patterns), set(hosts)
    ids = [bare_id(word, bare) for word in words]
    if "#" in line and words and not all(ids):  # ids followed by a comment
        head = [word for word in _SEPARATORS.split(re.split(r"(?:^|\s)#", line)[0]) if word]
        ids = in_head if (in_head := [bare_id(word, bare) for word in head]) and all(in_head) else ids
        words = head if all(ids) else words
    if words and all(ids):
        yield from filter(None, ids)
        return
    if any(ids) and all(map(lambda word, ident: _is_id(word, ident) or _is_link(word, hosts), words, ids)):
        of_links = {target.id for target in _linked(line, patterns, hosts)}
        for word, ident in zip(words, ids, strict=True):
            if ident is None:
                yield from _linked(word, patterns, hosts)
            elif ident.id not in of_links:  # a link with its own id is one target
                yield ident
        return
    targets = _linked(unquote(line) if _ENCODED.fullmatch(line) else line, patterns, hosts)
    is_text = len(words) > len(targets)
    if any(target.kind not in (UNKNOWN, NO_CONTENT) for target in targets):
        targets = [target for target in targets if not _is_aside(target, is_text, hosts)]
    yield from targets or [Target(UNKNOWN, line[:_SHOWN], line[:_SHOWN])]


def target_of(text: str, atlas: Atlas) -> Target | None:
    """Return the first target of a link or id, None if there is none."""
    return next(find(text, atlas.patterns, atlas.bare_ids, atlas.link_hosts), None)


def find_all(
    lines: Iterable[str], patterns: Iterable[Pattern], bare: Iterable[BareId], hosts: Iterable[str]
) -> list[Target]:
    """Return the targets of a text of several lines, without advertisements if there is other content."""
    patterns, bare, hosts = list(patterns), list(bare), list(hosts)
    targets = [target for line in lines for target in find(line, patterns, bare, hosts)]
    content = [target for target in targets if target.kind != NO_CONTENT]
    return content if any(target.kind != UNKNOWN for target in content) else targets


def _is_id(word: str, ident: Target | None) -> bool:
    """Return whether a word next to links is an id, and not the number of a line."""
    return ident is not None and not (word.isdigit() and len(word) <= _OF_LINES)


def _is_link(word: str, hosts: set[str]) -> bool:
    """Return whether a word is one link to a known host and nothing else."""
    link = parse_link(word)
    return bool(link and link.host in hosts and _LINK.fullmatch(word))


def _linked(line: str, patterns: list[Pattern], hosts: set[str]) -> list[Target]:
    """Return the targets of the links in a line."""
    targets: list[Target] = []
    for url, target in links(line, lambda url: match(url, patterns)):
        link = parse_link(url)
        if "://" in url or (link and link.host in hosts):
            targets.append(
                _checked(line, url, target, patterns) or Target(UNKNOWN, url, url, platform=_owner(link, patterns))
            )
    return targets


def _checked(line: str, url: str, target: Target | None, patterns: list[Pattern]) -> Target | None:
    """Return a target whose id may have lost its trailing punctuation; a link alone on its line keeps it.

    Elsewhere the longer id is added as a hint, so that the answer can show which id was meant.
    """
    start = line.find(url)
    tail = "".join(takewhile(_TRAILING.__contains__, line[start + len(url) :]))
    whole = match(url + tail, patterns) if tail else None
    if whole is None or (target and target.id == whole.id):
        return target
    if line == url + tail:
        return whole
    return target.with_hints({UNTRIMMED: whole.id}) if target else None


def _is_aside(target: Target, is_text: bool, hosts: set[str]) -> bool:
    """Return whether a link is not content: an advertisement or, in a text, a home page or another site."""
    if target.kind != UNKNOWN or not is_text:
        return target.kind == NO_CONTENT
    link = parse_link(target.given)
    return link is None or link.host not in hosts or (link.path == "/" and not link.query)


def _owner(link: Link | None, patterns: Iterable[Pattern]) -> str:
    """Return the platform of a link's host, "" if there is none."""
    return next((pattern.platform for pattern in patterns if link and link.host in pattern.hosts), "")
