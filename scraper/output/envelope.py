"""What leaves a spider: envelopes, a page of them at a time."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from itemadapter.adapter import AdapterInterface, ItemAdapter

from scraper.jobs.job import Job
from scraper.records import Meta, Record
from scraper.responses.outcomes import Outcome


class Error(msgspec.Struct, kw_only=True):
    """Why there is no record.

    :param message: what happened, in plain words
    :param remedy: what the user can do next
    :param retry_after: seconds to wait before asking again, where the platform or the back-off names them
    :param input: the link or id that this is about
    """

    name: str
    message: str
    remedy: str
    retryable: bool
    retry_after: float | None
    input: str


class Failure(msgspec.Struct, kw_only=True):
    error: Error
    meta: Meta


class Envelope(msgspec.Struct):
    """One line of a feed: `{"code": 200, "router": "/api/…", "data": {…}}`."""

    code: int
    router: str
    data: Record | Failure

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.code)

    @property
    def failed(self) -> bool:
        return self.code != Outcome.OK

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts and lists."""
        return msgspec.to_builtins(self)


class Batch(msgspec.Struct):
    """The envelopes of one page. It is the item that Scrapy sees: one page costs one walk through the pipelines.

    `job` is what the page answers; `job.ask` says for whom.
    A pipeline that wants single envelopes derives from `pipelines.envelopes.EnvelopePipeline`.
    """

    envelopes: list[Envelope]
    job: Job | None = None

    def __iter__(self) -> Iterator[Envelope]:
        return iter(self.envelopes)

    def __len__(self) -> int:
        return len(self.envelopes)

    def __str__(self) -> str:
        return f"{len(self)} of {self.envelopes[0].router}" if self.envelopes else "nothing"


_LINE = msgspec.json.Encoder()


def to_lines(envelopes: Iterable[Envelope]) -> bytes:
    """Return JSON lines in UTF-8, one envelope each."""
    return _LINE.encode_lines(envelopes)


class EnvelopeAdapter(AdapterInterface):
    """Lets `ItemAdapter(envelope)` read code, router and data, as for any other item."""

    @classmethod
    def is_item_class(cls, item_class: type) -> bool:
        return item_class is Envelope

    @classmethod
    def get_field_names_from_class(cls, item_class: type) -> list[str]:
        return list(item_class.__struct_fields__)

    def __getitem__(self, name: str) -> Any:
        if name not in self.item.__struct_fields__:
            raise KeyError(name)
        return msgspec.to_builtins(getattr(self.item, name))

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self.item.__struct_fields__:
            raise KeyError(name)
        setattr(self.item, name, value)

    def __delitem__(self, name: str) -> None:
        raise KeyError(f"an envelope keeps its three keys: {name}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.item.__struct_fields__)

    def __len__(self) -> int:
        return len(self.item.__struct_fields__)

    def field_names(self) -> Any:
        return self.item.__struct_fields__


ItemAdapter.ADAPTER_CLASSES.appendleft(EnvelopeAdapter)
