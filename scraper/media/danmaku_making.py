"""Make the files of danmaku, once nothing more is to be requested: then every list of them has ended."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from scraper.jobs.job import Job
from scraper.media.danmaku_parts import DanmakuPart, DanmakuParts
from scraper.media.owed import Owed, OwedDownloads
from scraper.media.part_file import Disk
from scraper.media.plan import Plan
from scraper.media.texts import danmaku_plans, with_own_name
from scraper.responses.catch_all import attempt_async

logger = logging.getLogger(__name__)


class DanmakuFiles:
    """
    :ivar parts: those whose files are not made yet
    :param formats: of the files
    """

    def __init__(self, parts: DanmakuParts, owed: OwedDownloads, formats: Sequence[str], disk: Disk):
        self.parts, self._owed, self._formats, self._disk = parts, owed, formats, disk

    async def make(self, save: Callable[[Owed], Awaitable[object]]) -> None:
        """Make the files of all parts, except those of which a resumed run requests more.

        :param save: saves a file, and writes its record
        :raises OSError: if a part cannot be read or removed
        """
        suspended = await self._owed.suspended()
        for path, is_left in self.parts.waiting:
            result = await attempt_async(self._make(path, suspended, save, is_left=is_left))
            if isinstance(result, OSError):
                raise result
            if isinstance(result, Exception):
                logger.error("BUG in the files of danmaku of %s", path, exc_info=result)
                self.parts.leave(path)

    async def _make(
        self, path: Path, suspended: Sequence[Job], save: Callable[[Owed], Awaitable[object]], *, is_left: bool
    ) -> None:
        part = await self.parts.read(path)
        if any(map(partial(_is_of, part), suspended)):
            self.parts.leave(path)
            return
        path = await self.parts.take(path)
        part = await self.parts.read(path)
        plans = await self._disk.run(danmaku_plans, part, self._formats)
        for number, plan in enumerate(plans):
            if is_left and await self._owed.is_settled(plan.key):
                continue
            plans[number] = await self._apart_from_larger(plan)
            await save(Owed(0, plans[number]))
        if all([await self._owed.is_settled(plan.key) for plan in plans]):
            await self.parts.remove(path)
        else:
            self.parts.leave(path)

    async def _apart_from_larger(self, plan: Plan) -> Plan:
        """Return a plan that does not replace a larger file of an earlier run: this run may have a part of the list."""
        known, run_id = await self._owed.known(plan.key), plan.meta.run_id or ""
        is_smaller = plan.text and known and known.run_id != run_id and (known.size or 0) > len(plan.text.body.encode())
        return with_own_name(plan, run_id) if is_smaller else plan


def _is_of(part: DanmakuPart, job: Job) -> bool:
    """Return whether a request is for more danmaku of a part."""
    if job.router != part.meta.router:
        return False
    return part.video_id == job.target.id or (part.cid is not None and job.target.id.endswith(part.cid))
