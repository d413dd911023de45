"""The pace of an identity, enforced by its Scrapy download slot: delay between requests, and concurrency."""

import time

from scrapy.crawler import Crawler

from scraper.identities.identity import Identity
from scraper.identities.pool import Pool

_JITTER = 0.2  # fraction of the slot's delay, which is lengthened to match, so that `pace` stays a minimum


def mean_delay_s(pool: Pool) -> float:
    """Return the mean time between two requests of an identity; `pace` is the least one."""
    return pool.delay_s / (1 - _JITTER)


def apply_pace(crawler: Crawler, pool: Pool) -> None:
    """Apply the currently configured pace to the download slots of a service's identities."""
    downloader = crawler.engine.downloader
    delay = mean_delay_s(pool)
    configured = {"delay": delay, "concurrency": pool.concurrency, "jitter": _JITTER}
    for identity in pool.identities:
        downloader.per_slot_settings.setdefault(session_slot(identity), {"delay": 0, "concurrency": 1, "jitter": 0})
        if downloader.per_slot_settings.get(identity.slot) != configured:
            downloader.per_slot_settings[identity.slot] = configured
            if slot := downloader.slots.get(identity.slot):
                slot.delay, slot.concurrency, slot.jitter = delay, pool.concurrency, _JITTER


def session_slot(identity: Identity) -> str:
    """Return the download slot for a session's own requests.

    In the identity's slot they would wait for the very request that needs them. Both slots share one pace.
    """
    return f"{identity.slot}:session"


def take_turn(crawler: Crawler, slot_name: str) -> float:
    """Take a slot's next turn for a request that has already left the slot's queue.

    A request that was held lost its turn: others may have been sent since, or the next one might follow too soon.

    :return: seconds to wait before trying again; 0.0 if the turn was taken, and the request must be sent now
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
