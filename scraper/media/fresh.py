"""Save a file, and ask for its post again, once, if its addresses work no more."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

import msgspec

from scraper.media.access import Access
from scraper.media.plan import MediaError, Plan, Saved
from scraper.media.refetch import Refetch
from scraper.media.saving import Tools, save
from scraper.output.envelope import Envelope, Failure
from scraper.records import Record
from scraper.responses.outcomes import DEFINITE, Outcome

_DEAD = (Outcome.MEDIA_EXPIRED, Outcome.NOT_FOUND)
_VALID_S = 60.0  # for which an answer is used for further files of the same post
_MOST_KEPT = 50  # answers


class FreshPlans:
    """Makes new plans from new answers. An answer is for all files of its post.

    :param plans: returns the plans of a new record, for the old plan of one of its files
    :ivar further: the videos of further parts that an answer named, by the key of the plan without addresses
    """

    def __init__(self, refetch: Refetch, plans: Callable[[Record, Plan], Sequence[Plan]]):
        self._refetch, self._plans = refetch, plans
        self.further: dict[str, list[Plan]] = {}
        self._answers: OrderedDict[str, tuple[float, asyncio.Task[Sequence[Envelope]]]] = OrderedDict()

    async def of(self, plan: Plan, error: MediaError) -> Plan:
        """Return a plan with new addresses.

        :param error: why the old ones are of no use
        :raises MediaError: if the post is gone, or there are none
        """
        envelopes = await self._answer(plan)
        for envelope in envelopes:
            if isinstance(envelope.data, Record) and envelope.data.meta.key == plan.meta.key:
                made = self._plans(envelope.data, plan)
                if fresh := _same(plan, made):
                    identity = {"identity": fresh.meta.identity, "logged_in": fresh.meta.logged_in}
                    meta = msgspec.structs.replace(plan.meta, **identity)
                    others = [other for other in made if other is not fresh and other.page] if _is_bare(plan) else []
                    self.further[plan.key] = [msgspec.structs.replace(other, meta=meta) for other in others]
                    return msgspec.structs.replace(
                        fresh, is_fresh=True, meta=meta, key=plan.key, media_id=plan.media_id
                    )
        failed = next((envelope for envelope in envelopes if isinstance(envelope.data, Failure)), None)
        if failed and isinstance(failed.data, Failure):
            reason = f"the post was asked again: {failed.data.error.message}"
            raise MediaError(Outcome.NOT_FOUND if failed.outcome in DEFINITE else failed.outcome, f"{error}; {reason}")
        raise MediaError(error.outcome, f"{error}; the post was asked again, and has no such file now")

    async def _answer(self, plan: Plan) -> Sequence[Envelope]:
        key, now = plan.page or plan.meta.key or plan.key, time.monotonic()
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
    return own or next((other for other in made if other.role == plan.role and _is_bare(plan)), None)


def _is_bare(plan: Plan) -> bool:
    """Return whether a plan comes from a list, which names neither addresses nor parts."""
    return not plan.page and not any(source.urls for source in plan.sources)


async def _awaited(refetch: Refetch, plan: Plan) -> Sequence[Envelope]:
    meta = msgspec.structs.replace(plan.meta, target=plan.page or plan.meta.target)
    return await refetch(meta, plan.page or plan.post.url)


async def save_fresh(
    plan: Plan, access: Callable[[Plan], Access], tools: Tools, fresh: FreshPlans
) -> tuple[Plan, Saved, int]:
    """Save a file, and return its last plan, the file, and the number of requests.

    :raises MediaError: if it cannot be downloaded, from fresh addresses neither
    :raises DiskError: if it cannot be written
    """
    try:
        return plan, *await save(plan, access(plan), tools)
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
    return plan, saved, attempts + more
