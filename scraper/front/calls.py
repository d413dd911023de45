"""Ask the crawler on behalf of callers. Calls for the same thing at the same time share one ask."""

import asyncio
from collections.abc import Mapping
from math import inf
from typing import Any, NamedTuple

from msgspec import UNSET

from scraper.crawling.long_lived import CrawlerStoppedError, LongLivedCrawler
from scraper.front.replies import dropped
from scraper.front.shared_work import SharedWork
from scraper.output.emitter import for_other
from scraper.output.envelope import Envelope
from scraper.output.record_changes import RecordChanges
from scraper.platform.targets import Target


class Answer(NamedTuple):
    """
    :ivar envelopes: at least one for each input, but none of a page without anything in a list that continues, and none
        that pipelines dropped; records by their place in the list, since their further requests end in any order
    :ivar lists: how each list ended or stopped; see `ListRegistry.take_ended`
    :ivar router: of the endpoint that answered, "" if none did
    """

    envelopes: list[Envelope]
    lists: list[dict[str, Any]]
    router: str

    @property
    def first(self) -> Envelope:
        """The envelope of a call that is answered with one.

        :raises Refusal: if a pipeline dropped it
        """
        if not self.envelopes:
            raise dropped()
        return self.envelopes[0]


class Calls:
    """The calls under way.

    :param changes: what FIELDS, DROP and PRIVACY leave out or hide; None if that is nothing
    """

    def __init__(self, live: LongLivedCrawler, changes: RecordChanges | None):
        self._live, self._changes = live, changes
        self._under_way: dict[tuple[object, ...], SharedWork[Answer]] = {}
        self._has_stopped = False

    @property
    def under_way(self) -> int:
        """The number of different questions that are being answered."""
        return len(self._under_way)

    async def ask(self, platform: str, answer_router: str, arguments: Mapping[str, str]) -> Answer:
        """Return the answer to some arguments of a crawl.

        :raises ArgumentError: names the wrong argument and shows the right form
        :raises CrawlerStoppedError: if the crawler was stopped before every input was answered
        """
        if self._has_stopped:
            raise _stopped()
        key, target = self._live.question(platform, answer_router, arguments)
        work = self._under_way.get(key)
        if work is None or work.is_done or work.is_stopped:
            work = self._under_way[key] = SharedWork(self._answer(platform, answer_router, arguments))
        try:
            answer = await work.result()
            own = [_for(target, envelope) for envelope in answer.envelopes]
            return answer._replace(envelopes=self.as_written(own))
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if self._has_stopped and not (current and current.cancelling()):
                raise _stopped() from None
            raise
        finally:
            if work.is_done or work.is_stopped:
                self._forget(key, work)

    def stop(self) -> None:
        """End the calls under way, and take no more: their requests may take longer than their callers can wait."""
        self._has_stopped = True
        for work in list(self._under_way.values()):
            work.stop()

    def _forget(self, key: tuple[object, ...], work: SharedWork[Answer]) -> None:
        if self._under_way.get(key) is work:
            del self._under_way[key]

    async def _answer(self, platform: str, answer_router: str, arguments: Mapping[str, str]) -> Answer:
        lists: list[dict[str, Any]] = []
        words: dict[str, Any] = dict(arguments)
        asked = self._live.ask(platform=platform, answer_router=answer_router, lists=lists, **words)
        envelopes = sorted([envelope async for envelope in asked], key=_place)
        routers = [*(envelope.data.meta.router for envelope in envelopes[:1]), *(row["router"] for row in lists[-1:])]
        return Answer(envelopes, lists, next(filter(None, routers), ""))

    def as_written(self, envelopes: list[Envelope]) -> list[Envelope]:
        """Return envelopes as outputs have them: without what settings leave out or hide."""
        return self._changes.of(envelopes, UNSET) if self._changes else envelopes


def _place(envelope: Envelope) -> float:
    """Return the place of a record in its list; failures come last."""
    position = envelope.data.meta.position
    return inf if position is None else position


def _for(target: Target | None, envelope: Envelope) -> Envelope:
    """Return an envelope for another form of the input that was asked for."""
    if target is None or envelope.data.meta.target == target.given:
        return envelope
    return for_other(target.given, envelope)


def _stopped() -> CrawlerStoppedError:
    return CrawlerStoppedError("the server was stopped before this call was answered")
