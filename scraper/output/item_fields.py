"""Let Scrapy's tools read and change envelopes and records by field name, as they do with any other item.

`ItemAdapter(envelope)["data"]["title"] = "…"` changes the record, and `ItemAdapter(envelope.data)` works as well.
"""

from collections.abc import Iterator, KeysView, MutableMapping
from typing import Any, NoReturn

import msgspec
from itemadapter.adapter import AdapterInterface, ItemAdapter

from scraper.output.envelope import Envelope, EnvelopePage, Error, Failure
from scraper.records import Record
from scraper.records.base import Piece

_OURS = (Envelope, Failure, Error, Record, Piece)


class FieldDict(dict[str, Any]):
    """The fields of a struct, as a real dict, because tools check for one. Changes are also made in the struct."""

    def __init__(self, struct: msgspec.Struct):
        super().__init__((name, by_name(getattr(struct, name))) for name in struct.__struct_fields__)
        self._struct = struct

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self:
            raise KeyError(f"{type(self._struct).__name__} has no field {name}")
        setattr(self._struct, name, value)
        super().__setitem__(name, by_name(value))

    def __delitem__(self, name: str) -> None:
        raise KeyError(f"{type(self._struct).__name__} keeps its fields: set {name} to None")

    def __ior__(self, other: Any) -> "FieldDict":  # type: ignore[override,misc]  # it keeps its fields, unlike what | makes
        self.update(other)
        return self

    update = MutableMapping.update  # dict's own bypasses __setitem__
    setdefault = MutableMapping.setdefault
    pop = MutableMapping.pop
    popitem = MutableMapping.popitem
    clear = MutableMapping.clear


class FixedList(list[Any]):
    """A list of structs as dicts. It is a copy: to change its length, set the field to a new list."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this list is a copy: set the field to a new list instead")

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse


def by_name(value: Any) -> Any:
    """Replace the structs in a value by dicts of their fields."""
    if isinstance(value, msgspec.Struct):
        return FieldDict(value)
    if isinstance(value, list) and any(isinstance(element, msgspec.Struct) for element in value):
        return FixedList(by_name(element) for element in value)
    return value


class StructAdapter(AdapterInterface):
    """Makes `ItemAdapter` take envelopes, records and their parts."""

    def __init__(self, item: Any):
        super().__init__(item.envelopes[-1] if isinstance(item, EnvelopePage) else item)

    @classmethod
    def is_item_class(cls, item_class: type) -> bool:
        return issubclass(item_class, (*_OURS, EnvelopePage))

    @classmethod
    def get_field_names_from_class(cls, item_class: type) -> list[str]:
        return list(item_class.__struct_fields__)  # type: ignore[attr-defined]

    def __getitem__(self, name: str) -> Any:
        if name not in self.item.__struct_fields__:
            raise KeyError(name)
        return by_name(getattr(self.item, name))

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self.item.__struct_fields__:
            raise KeyError(f"{type(self.item).__name__} has no field {name}")
        setattr(self.item, name, value)

    def __delitem__(self, name: str) -> None:
        raise KeyError(f"{type(self.item).__name__} keeps its fields: set {name} to None")

    def __iter__(self) -> Iterator[str]:
        return iter(self.item.__struct_fields__)

    def __len__(self) -> int:
        return len(self.item.__struct_fields__)

    def field_names(self) -> KeysView[str]:
        return dict.fromkeys(self.item.__struct_fields__).keys()


ItemAdapter.ADAPTER_CLASSES.appendleft(StructAdapter)  # type: ignore[attr-defined]
