"""Save a file, and ask for its post again, once, if its addresses work no more."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

import msgspec

from scraper.media.access import Access
from scraper.media.options import MediaOptions
from scraper.media.plan import MediaError, Plan, Saved
from scraper.media.refetch import Refetch
from scraper.media.saving import Tools, save
from scraper.media.wanted import plans
from scraper.output.envelope import Envelope, Failure
from scraper.records import Record
from scraper.responses.outcomes import DEFINITE, Outcome

_DEAD = (Outcome.MEDIA_EXPIRED, Outcome.NOT_FOUND)
_VALID_S = 60.0  # for which an answer is used for further files of the same post
_MOST_KEPT = 50  # answers


class FreshPlans:
    """Makes new plans from new answers. An answer is for all files of its post."""

    def __init__(self, refetch: Refetch, options: MediaOptions):
        self._refetch, self._options = refetch, options
        self._answers: OrderedDict[str, tuple[float, asyncio.Task[Sequence[Envelope]]]] = OrderedDict()

    async def of(self, plan: Plan, error: MediaError) -> Plan:
        """Return a plan with new addresses.

        :param error: why the old ones are of no use
        :raises MediaError: if the post is gone, or there are none
        """
        envelopes = await self._answer(plan)
        for envelope in envelopes:
            if isinstance(envelope.data, Record) and envelope.data.meta.key == plan.meta.key:
                made = plans(envelope.data, plan.router, plan.post, self._options)
                if fresh := _same(plan, made):
                    identity = {"identity": fresh.meta.identity, "logged_in": fresh.meta.logged_in}
                    meta = msgspec.structs.replace(plan.meta, **identity)
                    return msgspec.structs.replace(
                        fresh, is_fresh=True, meta=meta, key=plan.key, media_id=plan.media_id
                    )
        failed = next((envelope for envelope in envelopes if isinstance(envelope.data, Failure)), None)
        if failed and isinstance(failed.data, Failure):
            reason = f"the post was asked again: {failed.data.error.message}"
            raise MediaError(Outcome.NOT_FOUND if failed.outcome in DEFINITE else failed.outcome, f"{error}; {reason}")
        raise MediaError(error.outcome, f"{error}; the post was asked again, and has no such file now")

    async def _answer(self, plan: Plan) -> Sequence[Envelope]:
        key, now = plan.meta.key or plan.key, time.monotonic()
        since, task = self._answers.pop(key, (now, None))
        if task is None or now - since > _VALID_S:
            since, task = now, asyncio.create_task(_awaited(self._refetch, plan))
        self._answers[key] = since, task
        if len(self._answers) > _MOST_KEPT:
            self._answers.popitem(last=False)
        return await asyncio.shield(task)

    def close(self) -> None:
        """Wait for no answer any more."""
        for _, task in self._answers.values():
            task.cancel()


def _same(plan: Plan, made: Sequence[Plan]) -> Plan | None:
    """Return the new plan of the same file. A plan without addresses knows its part only now."""
    own = next((other for other in made if other.key == plan.key), None)
    has_address = any(source.urls for source in plan.sources)
    return own or next((other for other in made if other.role == plan.role and not has_address), None)


async def _awaited(refetch: Refetch, plan: Plan) -> Sequence[Envelope]:
    return await refetch(plan.meta, plan.post.url)


async def save_fresh(
    plan: Plan, access: Callable[[Plan], Access], tools: Tools, fresh: FreshPlans
) -> tuple[Saved, int]:
    """Save a file, and return it with the number of requests.

    :raises MediaError: if it cannot be downloaded, from fresh addresses neither
    :raises DiskError: if it cannot be written
    """
    try:
        return await save(plan, access(plan), tools)
    except MediaError as error:
        if error.outcome not in _DEAD or plan.is_fresh:
            raise
        earlier = error
    attempts = earlier.attempts
    try:
        plan = await fresh.of(plan, earlier)
        saved, more = await save(plan, access(plan), tools)
    except MediaError as error:
        error.attempts += attempts
        raise
    return saved, attempts + more
