"""The pace of an identity: how far apart its requests are, and how many at once. Scrapy's download slot keeps it."""

import time

from scrapy.crawler import Crawler

from scraper.identities.identity import Identity
from scraper.identities.pool import Pool

_JITTER = 0.2  # of the slot's delay, which is longer by as much, so that `pace` stays a minimum


def apply_pace(crawler: Crawler, pool: Pool) -> None:
    """Give the download slots of a service's identities the pace that is configured now."""
    downloader = crawler.engine.downloader
    delay = pool.delay_s / (1 - _JITTER)
    wanted = {"delay": delay, "concurrency": pool.concurrency, "jitter": _JITTER}
    for identity in pool.identities:
        downloader.per_slot_settings.setdefault(session_slot(identity), {"delay": 0, "concurrency": 1, "jitter": 0})
        if downloader.per_slot_settings.get(identity.slot) != wanted:
            downloader.per_slot_settings[identity.slot] = wanted
            if slot := downloader.slots.get(identity.slot):
                slot.delay, slot.concurrency, slot.jitter = delay, pool.concurrency, _JITTER


def session_slot(identity: Identity) -> str:
    """Return the download slot of what a session asks for itself.

    It differs from the slot of the identity, in which it would wait for the very request that needs it. The requests
    of both slots share one pace.
    """
    return f"{identity.slot}:session"


def take_turn(crawler: Crawler, slot_name: str) -> float:
    """Take the next turn of a slot for a request that has left the slot's queue already.

    A request that was held there lost its turn: others may have been sent since, or the next one may follow too soon.

    :return: seconds to wait before asking again; 0.0 if the turn was taken, and the request must be sent now
    """
    slot = crawler.engine.downloader.slots.get(slot_name)
    if slot is None:
        return 0.0
    now = time.monotonic()
    left = slot.lastseen + slot.delay * (1 - slot.jitter) - now
    if left > 0:
        return left
    slot.lastseen = now
    return 0.0
