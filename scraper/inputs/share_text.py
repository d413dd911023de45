"""Where the links in a text begin and end. Pure: what is a link to what is told by whoever asks.

A link may hold words as they are read (`/tag/café`, `?q=猫`), and text may follow it with no blank between, as in
Chinese share texts. So it is read as far as it is understood: see `_read`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, takewhile
from typing import NamedTuple
from urllib.parse import unquote

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

# Invisible marks, blanks, quotation marks, brackets, and the marks between Chinese sentences: none is in any link.
_ENDS = (
    "\x00-\x20\"'<>\\\\^`{}\x7f-\xa0\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff\ufeff"
    "«»“”…，。！？、；：（）［］｛｝【】〖〗《》〈〉「」『』"
)
_CHAR = rf"(?:[^{_ENDS}]|(?<=[^\x00-\x2f])'(?=[^\x00-\x40{_ENDS}]))"  # an apostrophe in a word, but no quotation mark
_LINK = re.compile(
    rf"https?://{_CHAR}+|(?<![a-z0-9+.\-])[a-z][a-z0-9+.\-]{{2,30}}(?<!http)(?<!https)://{_CHAR}+|(?<![\w:./\-])//[a-z0-9]{_CHAR}+|"
    rf"(?<![A-Za-z0-9@._\-/])(?:[a-z0-9\-]+\.)+[a-z]{{2,}}(?:/{_CHAR}*)?",
    re.I | re.A,
)
_NEXT = re.compile(r"(?<![=?&#@:%])https?://", re.I | re.A)  # after those, it belongs to the link that it stands in
_ALPHABETS = "\u00c0-\u0dff\u1e00-\u1fff"  # their words are set apart by blanks, so that `@josé` is not `@jos`
_RUN = re.compile(rf"(?:'|[^\x00-\x7f{_ALPHABETS}]|(?<=/)[^\x00-\x7f])[^\x00-\x7f]*")
_MOST_RUNS = 100
_TITLED = re.compile(r"\[([^\s\[\]]{1,2000})\]\((?=\1)")  # Markdown: a link whose text is the link itself
_TRAILING = ".,;:!?*|#&@$+~=(['’—～"  # not - and _, in which ids and handles may end
_BRACKETS = {")": "(", "]": "["}


class Reading(NamedTuple):
    """
    :param url: the link, without the punctuation that is glued to it
    :param end: where it ends, with that punctuation
    """

    url: str
    target: "Target | None"
    end: int


def links(text: str, understood: "Understood") -> Iterator[tuple[str, "Target | None"]]:
    """Yield every link in a text, and what it points at.

    >>> [url for url, _ in links("看【标题】https://b.test/abc，快来(https://c.test/d).", lambda url: None)]
    ['https://b.test/abc', 'https://c.test/d']
    >>> [url for url, _ in links('<iframe src="//player.test/p.html?id=1">', lambda url: None)]
    ['//player.test/p.html?id=1']
    >>> [url for url, _ in links("[https://b.test/a](https://b.test/a)https://c.test/é", lambda url: None)]
    ['https://b.test/a', 'https://c.test/é']
    """
    text, at = _TITLED.sub("(", text), 0
    while found := _LINK.search(text, at):
        reading = _read(_first(found[0], understood), understood)
        at = found.start() + reading.end
        if reading.url.rstrip("/") not in ("http:", "https:", ""):
            yield reading.url, reading.target


def _first(raw: str, understood: "Understood") -> str:
    """Return the first of several links that are glued together. After a "/", one may as well be a part of another."""
    for other in _NEXT.finditer(raw, 1):
        before = raw[: other.start()]
        if not before.endswith("/") or understood(before):
            return before
    return raw


def _read(raw: str, understood: "Understood") -> Reading:
    """Return how far a link reaches where text follows that may be a part of it: each run of what is not ASCII may.

    It reaches over the last run that the id holds (`/tag/café`), or that stands before the id (`/music/été-72…`).
    Without one it ends as soon as it is understood. A link that is not understood anyhow is all of it.
    """
    runs = list(islice(_RUN.finditer(raw), _MOST_RUNS))
    readings = []
    for end in (*(run.start() for run in runs), len(raw)):
        url = _trimmed(raw[:end])
        readings.append(Reading(url, understood(url), end))
    for run, reading in zip(reversed(runs), reversed(readings), strict=False):
        if reading.target and _is_part(reading.url[slice(*run.span())], reading.url[run.start() :], reading.target.id):
            return reading
    return next((each for each in readings if each.target), readings[-1])


def _is_part(run: str, rest: str, ident: str) -> bool:
    """Say whether a run belongs to the link to an id.

    :param rest: of the link, from the run on
    """
    ident, rest = ident.casefold(), rest.casefold()
    return run.casefold() in ident or any(f"{sign}{ident}" in rest for sign in "/-=")


def _trimmed(url: str) -> str:
    """Return a link without the punctuation and the brackets around it."""
    while url and (
        url[-1] in _TRAILING or (url[-1] in _BRACKETS and url.count(_BRACKETS[url[-1]]) < url.count(url[-1]))
    ):
        url = url[:-1]
    return url


_SEPARATORS = re.compile(r"[\s,;，、；|]+")
_ENCODED = re.compile(r"https?%3A%2F%2F[^\s]+", re.I | re.A)


_SHOWN = 200


def find(line: str, patterns: Iterable[Pattern], bare: Iterable[BareId], hosts: Iterable[str]) -> Iterator[Target]:
    """Yield what one line points at: its ids where it holds nothing else, else its links.

    A link that no pattern knows gives an UNKNOWN target, and so does a line that holds nothing at all. Beside a link to
    content, an advertisement of a platform is left aside; in a text with words of its own, so is a link to any other
    site.

    :param hosts: names without a scheme count as links only on these hosts, so that `v1.2 of readme.md` is no link
    """
    line = line.strip()
    words = [word for word in _SEPARATORS.split(line) if word]
    bare, patterns, hosts = list(bare), list(patterns), set(hosts)
    ids = [bare_id(word, bare) for word in words]
    if "#" in line and words and not all(ids):  # ids with a comment behind them
        head = [word for word in _SEPARATORS.split(re.split(r"(?:^|\s)#", line)[0]) if word]
        ids = in_head if (in_head := [bare_id(word, bare) for word in head]) and all(in_head) else ids
        words = head if all(ids) else words
    if words and all(ids):
        yield from filter(None, ids)
        return
    found = _linked(unquote(line) if _ENCODED.fullmatch(line) else line, patterns, hosts)
    is_text = len(words) > len(found)
    if any(each.kind not in (UNKNOWN, NO_CONTENT) for each in found):
        found = [each for each in found if not _is_aside(each, is_text, hosts)]
    yield from found or [Target(UNKNOWN, line[:_SHOWN], line[:_SHOWN])]


def find_all(
    lines: Iterable[str], patterns: Iterable[Pattern], bare: Iterable[BareId], hosts: Iterable[str]
) -> list[Target]:
    """Return what a text of several lines points at, without its advertisements if anything else is content."""
    patterns, bare, hosts = list(patterns), list(bare), list(hosts)
    found = [each for line in lines for each in find(line, patterns, bare, hosts)]
    content = [each for each in found if each.kind != NO_CONTENT]
    return content if any(each.kind != UNKNOWN for each in content) else found


def _linked(line: str, patterns: list[Pattern], hosts: set[str]) -> list[Target]:
    """Return what the links of a line point at."""
    found: list[Target] = []
    for url, target in links(line, lambda url: match(url, patterns)):
        link = parse_link(url)
        if "://" in url or (link and link.host in hosts):
            found.append(
                _checked(line, url, target, patterns) or Target(UNKNOWN, url, url, platform=_owner(link, patterns))
            )
    return found


def _checked(line: str, url: str, target: Target | None, patterns: list[Pattern]) -> Target | None:
    """Return a target whose id may end in punctuation, which was cut off: alone on its line, a link is all of it.

    Elsewhere the longer id is noted as a hint, so that the answer can tell whether the shorter one is meant.
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
    """Say whether a link beside content is none itself: an advertisement; in a text, a home page or any other site."""
    if target.kind != UNKNOWN or not is_text:
        return target.kind == NO_CONTENT
    link = parse_link(target.given)
    return link is None or link.host not in hosts or (link.path == "/" and not link.query)


def _owner(link: Link | None, patterns: Iterable[Pattern]) -> str:
    """Return the platform whose host a link is on, "" where it is nobody's."""
    return next((each.platform for each in patterns if link and link.host in each.hosts), "")
