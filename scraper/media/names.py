"""Names of media files: a template and a file's values become a relative path that every file system accepts.

Paths are unique by construction: the id, the role and the rank of a file are never cut. On a case-insensitive file
system two ids may still share a name, so a name has a second form with a hash: see `NameTemplate.candidates`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath
from string import Formatter
from typing import NamedTuple

from pathvalidate import ValidationError, sanitize_filename, validate_filename
from pathvalidate.handler import ReservedNameHandler
from wcwidth import iter_graphemes

from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

DEFAULT_TEMPLATE = "{platform}/{author}/{date}_{id}_{title}.{ext}"
FIELDS = ("platform", "author", "date", "id", "title", "role", "rank", "ext")
MAX_BYTES = 240  # of 255, so that `.part` or `.json` can follow
_MAX_ID_BYTES = 80
_MAX_LITERAL_BYTES = 60
_ENDING = ".{ext}"
_YEAR_10000 = 253_402_300_800
_MAIN = "video"  # the role that needs no mention in a name
_UNKNOWN = "unknown"
_RESERVED = ("CONIN$", "CONOUT$")  # pathvalidate has the others
_JOINER = "\u200d"  # holds an emoji together
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_BRACED = [f"{{{field}}}" for field in FIELDS]


class _Part(NamedTuple):
    """A part of a template between two slashes."""

    prefix: str
    fields: tuple[tuple[str, str], ...]  # the literal before the field, and its name
    suffix: str

    def joined(self, texts: dict[str, str]) -> str:
        """Return the part with its values. An empty value takes the literal before it away.

        >>> _part("{date}_{id}_{title}!", "").joined({"date": "", "id": "1", "title": ""})
        '1!'
        """
        joined = ""
        for literal, field in self.fields:
            joined += (literal if joined else "") + texts[field] if texts[field] else ""
        return f"{self.prefix}{joined}{self.suffix}"


@dataclass(frozen=True)
class NameValues:
    """What a name is made of. Texts may be anything that a platform returned."""

    platform: str
    id: str
    role: str
    ext: str
    rank: int | None = None  # place among the files of the same role, from 1; None if there is only one
    author: str | None = None
    title: str | None = None
    create_time: int | None = None  # epoch seconds


class NameTemplate:
    """A checked template such as `{platform}/{author}/{date}_{id}_{title}.{ext}`."""

    def __init__(self, text: str) -> None:
        """
        :raises ArgumentError: if a placeholder is unknown, `{id}` or the ending is missing, or a part is no valid name
        """
        if not text.endswith(_ENDING):
            raise ArgumentError(f"MEDIA_NAME must end in {_ENDING}: {text}")
        self._parts = [_part(part, text) for part in text.removesuffix(_ENDING).split("/")]
        self._fields = {field for part in self._parts for _, field in part.fields}
        if "ext" in self._fields:
            raise ArgumentError(f"MEDIA_NAME may contain {{ext}} only at its end: {text}")
        if "id" not in {field for _, field in self._parts[-1].fields}:
            raise ArgumentError(
                f"MEDIA_NAME needs {{id}} in the file's name, or files would overwrite each other: {text}"
            )

    def candidates(self, values: NameValues) -> Iterator[PurePosixPath]:
        """Yield the relative path of a file, then the same with a hash of what identifies the file.

        Take the first whose `folded` form belongs to no other file.
        """
        yield self._path(values, "")
        yield self._path(values, f"_{_hash(values.platform, values.id, values.role, str(values.rank))}")

    def _path(self, values: NameValues, suffix: str) -> PurePosixPath:
        texts = _texts(values)
        *folders, name = self._parts
        ext = values.ext.lower() if _EXTENSION.fullmatch(values.ext.lower()) else "bin"
        parents = [_component(part, texts, "") for part in folders]
        return PurePosixPath(*parents, _component(name, texts, f"{self._role(values, texts)}{suffix}.{ext}"))

    def _role(self, values: NameValues, texts: dict[str, str]) -> str:
        """Return what tells a file from the others of its post, unless the template has it."""
        role = "" if "role" in self._fields or values.role == _MAIN else f"_{texts['role']}"
        return role + ("" if "rank" in self._fields or not texts["rank"] else f"_{texts['rank']}")


def folded(path: PurePosixPath) -> str:
    """Return what is equal for paths that some file system takes for the same file.

    >>> folded(PurePosixPath("A/É.mp4")) == folded(PurePosixPath("a/e\u0301.MP4"))
    True
    """
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFD", str(path)).casefold())
    return "".join(char for char in text if unicodedata.category(char) != "Cf")


def cut(text: str, size: int) -> str:
    """Return the beginning of a text, at most `size` bytes in UTF-8, without splitting what is read as one character.

    >>> cut("añb", 2), cut("añb", 3), cut("👩\u200d👧!", 10)
    ('a', 'añ', '👩')
    """
    if len(text.encode()) <= size:
        return text
    kept, used = [], 0
    for grapheme in iter_graphemes(text):
        used += len(grapheme.encode())
        if used > size:
            break
        kept.append(grapheme)
    return ("".join(kept) or text.encode()[:size].decode("utf-8", "ignore")).rstrip(_JOINER)


def clean(text: str) -> str:
    """Return a text from a platform without what a file name must not contain.

    >>> clean(" a/b\\r\\nc:\u202ed.. ")
    'a_b c_d'
    """
    text = unicodedata.normalize("NFC", text)
    kept = (" " if char.isspace() else char for char in text if char.isspace() or _is_kept(char))
    words = cut(" ".join("".join(kept).split()), MAX_BYTES)
    keep_reserved = ReservedNameHandler.as_is  # `CON` is reserved only as a whole part of a path
    return str(sanitize_filename(words, "_", "universal", reserved_name_handler=keep_reserved)).strip(" .")


def _is_kept(char: str) -> bool:
    """Return whether a character is visible: not a control, bidi, private or unassigned one, or half of a pair."""
    return char == _JOINER or not unicodedata.category(char).startswith("C")


def _texts(values: NameValues) -> dict[str, str]:
    seconds = values.create_time or 0
    time = datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _YEAR_10000 else None
    return {
        "platform": clean(values.platform),
        "author": clean(values.author or ""),
        "date": time.strftime("%Y-%m-%d") if time else "",
        "id": _safe_id(values.id),
        "title": clean(values.title or ""),
        "role": clean(values.role),
        "rank": "" if values.rank is None else f"{values.rank:02}",
    }


def _safe_id(ident: str) -> str:
    """Return an id as it is, or with a hash if a name cannot contain all of it."""
    safe = cut(clean(ident), _MAX_ID_BYTES)
    return safe if safe == ident else f"{safe}_{_hash(ident)}"


def _hash(*values: str) -> str:
    return sha256("\0".join(values).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def _component(part: _Part, texts: dict[str, str], ending: str) -> str:
    """Return one part of a path, with an ending that is never cut; titles are cut first, then authors."""
    for field in ("title", "author"):
        if (excess := len(f"{part.joined(texts)}{ending}".encode()) - MAX_BYTES) > 0:
            texts = texts | {field: cut(texts[field], max(0, len(texts[field].encode()) - excess)).strip(" .")}
    name = part.joined(texts).strip(" .") or _UNKNOWN
    return str(sanitize_filename(f"{name}{ending}", "_", "universal", additional_reserved_names=_RESERVED))


def _part(text: str, template: str) -> _Part:
    """Return one part of a template.

    :raises ArgumentError: if it has an unknown placeholder, or is no valid name
    """
    literals, fields = [""], []
    try:
        for literal, field, spec, conversion in Formatter().parse(text):
            literals[-1] += literal
            if field is None:
                continue
            if spec or conversion or field in fields:
                raise ArgumentError(f"MEDIA_NAME: write {{{field}}} once, and without a format: {template}")
            if field not in FIELDS:
                raise ArgumentError(f"MEDIA_NAME: {unknown('placeholder', f'{{{field}}}', _BRACED)}: {template}")
            literals.append("")
            fields.append(field)
    except ArgumentError:
        raise
    except ValueError as error:
        raise ArgumentError(f"MEDIA_NAME: {error}: {template}") from None
    _check_literals("x".join(literals), template)
    return _Part(
        literals[0], tuple(zip(["", *literals[1:-1]], fields, strict=False)), "" if not fields else literals[-1]
    )


def _check_literals(sample: str, template: str) -> None:
    """
    :raises ArgumentError: if a part of a template, with its placeholders filled, is no valid name
    """
    try:
        validate_filename(sample, "universal", max_len=_MAX_LITERAL_BYTES, fs_encoding="utf-8")
        valid = sample not in (".", "..")
    except ValidationError:
        valid = False
    if not valid:
        raise ArgumentError(
            f"MEDIA_NAME: a part between slashes is no valid name of a file or folder on every system: {template}"
        )
