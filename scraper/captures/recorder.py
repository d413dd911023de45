"""Capture the answers of a crawl. What is written to disk is written with the commit of the answer, off the loop."""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from scraper.captures.capture import FOLDER, NO_RECORD, Capture, SentBy, Start, index_path
from scraper.captures.raw_answers import RawAnswers, using
from scraper.identities.masking import SECRETS, is_secret_name, mask
from scraper.jobs.dispatch import Dispatch, dispatch_of, job_of, request_of, update
from scraper.jobs.job import Job
from scraper.ledger.compression import COMPRESSIONS
from scraper.ledger.files import CaptureError, local_path
from scraper.ledger.run import Run
from scraper.network.headers import raw_items
from scraper.output.encoding import to_lines
from scraper.output.envelope import Envelope, EnvelopePage
from scraper.output.feed_storage import try_folder
from scraper.output.sinks import OutputError
from scraper.records import Record
from scraper.responses.clock import present_text

_LINES = ("jsonlines", "jsonl", "jl", *COMPRESSIONS)  # formats of feeds
Write = Callable[[], None]


class Recorder:
    """Captures the answers of one run.

    :param output_dir: OUTPUT_DIR
    """

    def __init__(self, output_dir: str, run: Run):
        self.folder = Path(output_dir, FOLDER)
        self._answers, self._index = RawAnswers(Path(output_dir)), index_path(output_dir, run.run_id)
        self._run, self._is_begun = run, False
        self._read: dict[str | None, None] = {}
        self._held = NO_RECORD

    def try_out(self) -> None:
        """Check the folder before the crawl.

        :raises OutputError: if it cannot be written
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try_folder(self.folder)
            if self._index.exists():
                self._index.open("r+b").close()
        except OSError as error:
            raise OutputError(str(self.folder), error) from error

    def begin(self, job: Job) -> None:
        """Begin with an answer, before parsers change the record that its job holds."""
        held = _held_by(job)
        is_unknown = held is not None and not job.source
        self._held = msgspec.Raw(msgspec.json.encode(held)) if is_unknown else NO_RECORD

    def see(self, records: Sequence[Record]) -> None:
        """Note the records that were read from the answer under way."""
        self._read.update((record.meta.key or "", None) for record in records)

    def of_answer(self, job: Job, outputs: Sequence[Request | EnvelopePage], answer: Response | Failure) -> Write:
        """Note what the crawl made of an answer, and return what writes it. Sets `meta.raw_ref`.

        :param outputs: the pages and requests that it led to
        """
        dispatch = dispatch_of(request_of(answer))
        held = _held_by(job)
        if held is not None:
            self._read[held.meta.key or ""] = None
        read, self._read = self._read, {}
        capture = self._capture(job, outputs, read, dispatch)
        if held is not None:
            capture.held = held.meta.key
            capture.record = self._held
        body = None
        if isinstance(answer, Response) and dispatch.purpose in ("page", "hop"):
            body = SECRETS.mask_bytes(answer.body)
            capture.ref, capture.status, capture.url = RawAnswers.ref_of(body), answer.status, mask(answer.url)
            capture.headers = _headers(answer)
        capture.awaiting = list(self._awaiting(outputs, capture))
        envelopes = [envelope for output in outputs if isinstance(output, EnvelopePage) for envelope in output]
        for envelope in envelopes:
            meta = envelope.data.meta
            meta.raw_ref, meta.fetched_at = capture.ref or meta.raw_ref, capture.fetched_at
        waiting = {key for key, _ in capture.awaiting}
        written = {envelope.data.meta.key for envelope in envelopes if not envelope.failed} | waiting
        left_out = [key for key in read if key and key not in written]
        if len(left_out) > len(read) // 2:
            capture.only = [key for key in read if key and key in written]
        else:
            capture.left_out = left_out
        return self._write(capture, envelopes, read, body)

    def of_input(self, job: Job, outputs: Sequence[Request | EnvelopePage]) -> Write | None:
        """Note the envelopes of an input that needed no request, and return what writes them."""
        envelopes = [envelope for output in outputs if isinstance(output, EnvelopePage) for envelope in output]
        if not envelopes:
            return None
        again = [envelope for envelope in envelopes if not envelope.failed and envelope.data.meta.raw_ref]
        capture = Capture(number=-job.input - 1, job=_plain(job), purpose="input")
        capture.again = [(envelope.router, envelope.data.meta.key or "") for envelope in again]
        return self._write(capture, [envelope for envelope in envelopes if envelope not in again], (), None)

    def _capture(
        self, job: Job, outputs: Sequence[Request | EnvelopePage], read: Collection[str | None], dispatch: Dispatch
    ) -> Capture:
        pages = [output for output in outputs if isinstance(output, EnvelopePage)]
        sent = dispatch.sent
        envelopes = [envelope for page in pages for envelope in page if not envelope.failed]
        metas = [envelope.data.meta for envelope in envelopes if envelope.data.meta.key in read]
        targets = [meta.target or "" for meta in metas if meta.key == metas[0].key]
        return Capture(
            number=dispatch.number,
            job=_plain(job),
            purpose=dispatch.purpose if dispatch.purpose in ("page", "hop") else "probe",
            fetched_at=next((page.envelopes[0].data.meta.fetched_at or "" for page in pages), "") or present_text(),
            is_signed=dispatch.is_signed,
            sent=SentBy(sent.identity, sent.login_cookie, sent.logged_in, sent.user_agent) if sent else None,
            kept=len({meta.key for meta in metas}),
            others=targets[1:],
        )

    @staticmethod
    def _awaiting(outputs: Sequence[Request | EnvelopePage], capture: Capture) -> Iterable[tuple[str, int]]:
        """Name the source of the records that requests hold, and yield their keys and the steps of the requests."""
        for output in outputs:
            if isinstance(output, Request) and (record := _held_by(job := job_of(output))) is not None:
                update(output, job=msgspec.structs.replace(job, source=capture.number))
                record.meta.raw_ref = capture.ref or record.meta.raw_ref
                yield record.meta.key or "", job.step

    def _write(
        self, capture: Capture, envelopes: Sequence[Envelope], read: Collection[str | None], body: bytes | None
    ) -> Write:
        stored = [envelope for envelope in envelopes if envelope.failed or envelope.data.meta.key not in read]
        capture.stored = [msgspec.Raw(to_lines([envelope]).rstrip(b"\n")) for envelope in stored]
        line = SECRETS.mask_bytes(msgspec.json.encode(capture)) + b"\n"
        return partial(self._commit, capture.ref, body, line)

    def _commit(self, ref: str | None, body: bytes | None, line: bytes) -> None:
        """Write an answer to disk.

        :raises CaptureError: if that is impossible
        """
        try:
            with using(self.folder.parent):
                if ref is not None and body is not None:
                    self._answers.write(ref, body)
                self._add_line(line)
        except OSError as error:
            raise CaptureError(self.folder, error) from error

    def _add_line(self, line: bytes) -> None:
        if not self._is_begun:
            _end_line(self._index)
            line = msgspec.json.encode(Start(spider=self._run.spider, feeds=_feeds(self._run))) + b"\n" + line
            self._is_begun = True
        with self._index.open("ab") as index:
            index.write(line)
            index.flush()
            os.fsync(index.fileno())


def _feeds(run: Run) -> list[str]:
    """Return the paths of the local feeds of JSON lines. One of a single record type lacks the others."""
    whole = {uri: options for uri, options in run.feeds.items() if "record_type" not in options}
    uris = [uri for uri, options in whole.items() if options.get("format") in _LINES]
    return [str(Path(run.folder, path)) for uri in uris if (path := local_path(uri))]


def _held_by(job: Job) -> Any:
    """Return the record that a job completes."""
    return job.held if job.step else job.poorer


def _plain(job: Job) -> Job:
    return msgspec.structs.replace(job, held=None, poorer=None)


def _headers(response: Response) -> dict[str, str]:
    """Return the headers of an answer, without cookies and tokens."""
    pairs = [(name.decode("latin-1").lower(), values) for name, values in raw_items(response.headers)]
    return {name: mask(b",".join(values).decode("latin-1")) for name, values in pairs if not is_secret_name(name)}


def _end_line(index: Path) -> None:
    """End the last line of an index, which a kill or a full disk may have cut off."""
    if index.exists() and index.stat().st_size:
        with index.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
