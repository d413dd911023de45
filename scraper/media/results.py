"""What became of a file: its record, and its failure if there is one."""

import msgspec

from scraper.media.plan import MediaError, Plan, Saved
from scraper.output.emitter import masked
from scraper.output.envelope import Envelope, Error, Failure
from scraper.records import Media, MediaStatus, Meta
from scraper.responses.clock import present_text
from scraper.responses.outcomes import Outcome

_STATUS: dict[Outcome, MediaStatus] = {Outcome.NOT_FOUND: "gone", Outcome.INCOMPLETE: "skipped"}


def of_file(plan: Plan, saved: Saved, attempts: int, status: MediaStatus = "done") -> list[Envelope]:
    """Return the envelopes of a file that is complete."""
    record = _record(plan, status, attempts)
    record.path, record.url, record.size, record.sha256 = saved.path, saved.url or None, saved.size, saved.sha256
    record.mime, record.duration_ms = saved.mime or None, saved.duration_ms
    return [Envelope(Outcome.OK.value, plan.router, record)]


def of_error(plan: Plan, error: MediaError, attempts: int) -> list[Envelope]:
    """Return the envelopes of a file that was not downloaded: its record, and its failure unless that is definite."""
    status = _STATUS.get(error.outcome, "failed")
    record = _record(plan, status, attempts)
    record.error = masked(str(error))
    envelopes = [Envelope(Outcome.OK.value, plan.router, record)]
    if status == "failed":
        envelopes.append(_failure(plan, error, record.meta))
    return envelopes


def _record(plan: Plan, status: MediaStatus, attempts: int) -> Media:
    meta = msgspec.structs.replace(
        plan.meta,
        record_type=Media.record_type,
        key=plan.key,
        fetched_at=present_text(),
        partial=False,
        approximate=[],
        missing=[],
        raw_ref=None,
    )
    return Media(
        media_id=plan.media_id,
        video_id=plan.post.id,
        video_key=plan.meta.key,
        part_cid=plan.part_cid,
        role=plan.role,
        rank=plan.rank,
        media_status=status,
        attempts=attempts,
        meta=meta,
    )


def _failure(plan: Plan, error: MediaError, meta: Meta) -> Envelope:
    name = f"{plan.role} {plan.rank} of {plan.post.id}"
    remedy = f"{_ADVICE.get(error.outcome, _LATER)}; these files alone: scrapy media retry {meta.run_id}"
    if plan.text:
        remedy = f"crawl {plan.post.url or plan.post.id} again, with MEDIA={plan.role}"
    message = f"{name} was not {'written' if plan.text else 'downloaded'}: {error}"
    failure = Failure(
        error=Error(
            name=error.outcome.name,
            message=masked(message),
            remedy=masked(remedy),
            retryable=error.outcome.retryable,
            retry_after=None,
            input=plan.meta.target or plan.post.id,
        ),
        meta=msgspec.structs.replace(meta),
    )
    return Envelope(error.outcome.value, plan.router, failure)


_LATER = "try again later"
_ADVICE = {Outcome.MEDIA_EXPIRED: "fetch the post again for fresh addresses", Outcome.BUG: "report it with the log"}
