"""Leave fields of items out, and change personal data, as the settings FIELDS, DROP and PRIVACY say.

Items are copied: spiders, pipelines and signals keep theirs as they are. A crawl without these settings does nothing
of this.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from scrapy.settings import BaseSettings

from scraper.output.encoding import is_clean, plain
from scraper.output.envelope import Envelope, Failure
from scraper.output.failure_privacy import of_error
from scraper.output.privacy import Change, Privacy, privacy_of
from scraper.output.selection import Selection, patterns
from scraper.records import RECORDS, Meta, Record
from scraper.responses.wording import enumerated

logger = logging.getLogger(__name__)


class _Object(NamedTuple):
    """What is done with an object.

    :param omitted: fields that are left out. For a table, which needs an object, with the same for its fields
    :param changed: fields whose texts are changed
    :param objects: fields that hold objects in which something is done
    """

    omitted: "tuple[tuple[str, _Object | None], ...]"
    changed: tuple[tuple[str, Change], ...]
    objects: "tuple[tuple[str, _Object], ...]"

    def applied(self, value: Any, absent: Any) -> Any:
        """Return a changed copy of an object, or of a list of them.

        :param absent: what is in place of a field that is left out: UNSET, or None in outputs that need a value
        """
        if value is None or value is UNSET:
            return value
        if isinstance(value, list):
            return [self.applied(element, absent) for element in value]
        if not isinstance(value, msgspec.Struct | Mapping):
            return absent  # a pipeline of the user put it there, and nothing is known about it
        get, put, changed = _access(value)
        for name, blank in self.omitted:
            put(name, blank.applied(get(name), absent) if blank and absent is None else absent)
        for name, change in self.changed:
            put(name, _text(change, get(name), absent))
        for name, object_ in self.objects:
            put(name, object_.applied(get(name), absent))
        return changed


class RecordChanges:
    """Makes the copies of items that are written."""

    def __init__(self, selection: Selection, privacy: Privacy | None):
        self._selection, self._privacy = selection, privacy
        self._objects = {name: self._object(record) for name, record in RECORDS.items()}
        self._meta = self._object(Meta, "meta.")
        self._is_foreign_noted = False

    def note_exceptions(self, database: str | None, webhook: str | None) -> None:
        """Log which outputs name the inputs, which may be people, although they are hidden in records."""
        tables = ["the tables run, list_run, failure, ledger_* and watched_list of the database"] if database else []
        places = [*tables, *(["what RUN_WEBHOOK gets"] if webhook else [])]
        if self._privacy and self._privacy.hides_people and places:
            logger.warning("PRIVACY changes records only: %s still name your inputs", enumerated(places))

    def of(self, items: Sequence[Any], absent: Any) -> list[Any]:
        """Return copies of items.

        :param absent: see `_Object.applied`
        """
        return [self._item(item, absent) for item in items]

    def _item(self, item: Any, absent: Any) -> Any:
        if isinstance(item, Envelope):
            return Envelope(item.code, item.router, self._data(item.data, absent))
        if isinstance(item, Mapping) and "code" in item and isinstance(item.get("data"), Mapping | msgspec.Struct):
            return {**item, "data": self._data(item["data"], absent)}
        if not self._is_foreign_noted:
            self._is_foreign_noted = True
            logger.warning(
                "Items without `code` and `data` (%s) are written as they are: FIELDS, DROP and PRIVACY change records"
                " only",
                type(item).__name__,
            )
        return item

    def _data(self, data: Any, absent: Any) -> Any:
        get, put, changed = _access(data)
        if isinstance(data, Failure) or get("error") is not None:
            if self._privacy and self._privacy.hides_people:
                put("error", of_error(get("error"), get("meta"), self._privacy))
            put("meta", self._meta.applied(get("meta"), absent))
            return changed
        record_type = get("record_type") or _access(get("meta") or {})[0]("record_type")
        if absent is None:
            data = _readable(data, record_type)
        return self._objects[record_type].applied(data, absent) if record_type in self._objects else data

    def _object(self, struct: type[msgspec.Struct], prefix: str = "", privacy: str = "") -> _Object:
        """Return what is done with the objects of a type."""
        from scraper.records.definition import members  # evaluates annotations, which other crawls do not need

        omitted: list[tuple[str, _Object | None]] = []
        changed: list[tuple[str, Change]] = []
        objects: list[tuple[str, _Object]] = []
        for member in members(struct):
            path, own = f"{prefix}{member.name}", member.privacy or privacy
            if member.struct:
                object_ = self._object(member.struct, f"{path}.", own)
                if len(object_.omitted) == len(members(member.struct)):
                    omitted.append((member.name, None if member.is_nullable or member.is_list else object_))
                elif any(object_):
                    objects.append((member.name, object_))
            elif self._selection.omits(path):
                omitted.append((member.name, None))
            elif self._privacy and (change := self._privacy.change(path, own)):
                changed.append((member.name, change))
        return _Object(tuple(omitted), tuple(changed), tuple(objects))


def changes_of(settings: BaseSettings) -> RecordChanges | None:
    """Read the settings. None if records are written as they are.

    :raises ArgumentError: if a setting names something unknown, or the key of PRIVACY is missing
    """
    selection = Selection(patterns(settings["FIELDS"]), patterns(settings["DROP"]))
    privacy = privacy_of(settings["PRIVACY"])
    if not any(selection) and privacy is None:
        return None
    selection.check(_paths())
    return RecordChanges(selection, privacy)


def _paths() -> dict[str, None]:
    """Return the paths of all fields and objects."""
    from scraper.records.definition import leaves  # see above

    paths: dict[str, None] = {}
    for record in RECORDS.values():
        for leaf, _ in leaves(record):
            parts = leaf.replace("[]", "").split(".")
            paths.update((".".join(parts[:number]), None) for number in range(1, len(parts) + 1))
    return paths


def _access(value: Any) -> tuple[Callable[[str], Any], Callable[[str, Any], None], Any]:
    """Return a copy of an object, with how to get a field of it and how to set one."""
    if isinstance(value, msgspec.Struct):
        changed = copy(value)
        return lambda name: getattr(value, name, None), lambda name, new: setattr(changed, name, new), changed
    fields = dict(value)

    def put(name: str, new: Any) -> None:
        if new is UNSET:
            fields.pop(name, None)
        elif name in fields:
            fields[name] = new

    return value.get, put, fields


def _text(change: Change, value: Any, absent: Any) -> Any:
    """Return a changed text, or list of texts. Numbers and other values are left out: no token stands for them."""
    if isinstance(value, str):
        text = change(value)
        return absent if text is None else text
    if isinstance(value, list) and all(isinstance(element, str) for element in value):
        texts = [text for element in value if (text := change(element)) is not None]
        return texts if texts or not value else absent
    return value if value is None or value is UNSET else absent


def _readable(data: Any, record_type: str) -> Any:
    """Return a record that a table can take, even if a pipeline made a dict of it, while no field is left out yet."""
    if isinstance(data, Record) and is_clean([data]):
        return data
    try:
        return msgspec.convert(plain(data), RECORDS[record_type], strict=False)
    except (msgspec.ValidationError, KeyError, TypeError):
        return data  # the database says what is wrong with it
