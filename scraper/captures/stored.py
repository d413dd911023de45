"""Envelopes that an index holds as the crawl wrote them, since no answer has them."""

import msgspec

from scraper.output.envelope import Envelope, Failure
from scraper.records import RECORDS, Record
from scraper.responses.outcomes import Outcome

_OK = Outcome.OK.value


class _Kind(msgspec.Struct):
    record_type: str


class _Record(msgspec.Struct):
    meta: _Kind


class _Stored(msgspec.Struct):
    code: int
    router: str
    data: msgspec.Raw


def decode_stored(line: msgspec.Raw) -> Envelope:
    """
    :raises msgspec.ValidationError: if it does not fit today's records
    """
    stored = msgspec.json.decode(line, type=_Stored)
    if stored.code != _OK:
        return Envelope(stored.code, stored.router, msgspec.json.decode(stored.data, type=Failure))
    return Envelope(stored.code, stored.router, decode_record(stored.data))


def decode_record(encoded: msgspec.Raw) -> Record:
    """
    :raises msgspec.ValidationError: if it does not fit today's records
    """
    kind = msgspec.json.decode(encoded, type=_Record).meta.record_type
    if kind not in RECORDS:
        raise msgspec.ValidationError(f"there are no records of type {kind} any more")
    return msgspec.json.decode(encoded, type=RECORDS[kind])
