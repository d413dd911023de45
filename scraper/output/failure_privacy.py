"""Write failures without the ids of people: their input, and what their message and remedy repeat of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from scraper.output.privacy import Privacy

_PARTS = re.compile(r"[^\w.\-]+")
_HOST = re.compile(r"(?:https?://)?(?<![\w\-.])(?:[\w\-]++\.)+[a-z]{2,}(?=/|$)", re.IGNORECASE)
_ORDINARY = re.compile(r"[a-z\-_]*")  # a word of a link, such as `video`
_LEAST = 3  # characters
_COMMAND = "; this alone:"


def of_error(error: Any, meta: Any, privacy: Privacy) -> Any:
    """Return the error of a failure as it is written: without the command, which names the input.

    :param error: an `Error`, or the dict that a pipeline made of it
    """
    values = dict(error) if isinstance(error, Mapping) else msgspec.structs.asdict(error)
    change = privacy.by_action(privacy.input_action) or str
    given, key = str(values.get("input") or ""), _field(meta, "key") or ""
    hidden = sorted({*_identifying(given), *_identifying(_field(meta, "target") or ""), *_of_key(key)}, key=len)
    for name in ("message", "remedy"):
        text = str(values.get(name) or "").partition(_COMMAND)[0]
        for part in reversed(hidden):
            text = text.replace(part, change(part) or "…")
        values[name] = text
    values["input"] = change(given) or ""
    return values if isinstance(error, Mapping) else type(error)(**values)


def _identifying(given: str) -> Iterator[str]:
    """Yield an input, and the parts of it that may name a person.

    >>> sorted(_identifying("https://www.example.com/@alice/video/7300000000000000001?lang=en"), key=len)
    ['alice', '7300000000000000001', 'https://www.example.com/@alice/video/7300000000000000001?lang=en']
    """
    if not given:
        return
    yield given
    rest = _HOST.sub("", given, count=1)
    for match in _PARTS.finditer(f"{rest}/") if rest != given else ():
        part = _PARTS.split(rest[: match.start()])[-1]
        marked = rest[: match.start() - len(part)].endswith("@")
        if len(part) >= _LEAST and (marked or not _ORDINARY.fullmatch(part)):
            yield part


def _of_key(key: str) -> Iterator[str]:
    """Yield the id in the key of a record."""
    if ident := key.partition(":")[2].partition(":")[2]:
        yield ident


def _field(meta: Any, name: str) -> str | None:
    value = meta.get(name) if isinstance(meta, Mapping) else getattr(meta, name, None)
    return value if isinstance(value, str) else None
