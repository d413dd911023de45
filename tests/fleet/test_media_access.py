"""Files of a CDN in a fleet: an identity is held while a file is downloaded with one of its cookies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from scraper.identities.holding import InMemory, NotHeldError, check_sender
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.identities.service_config import ConfigFile
from scraper.media.access import access_of
from scraper.media.plan import MediaError, Plan, Post, Source
from scraper.records import Meta
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from spiders.tiktok.spider import TIKTOK

WEB = "https://v16-webapp-prime.tiktok.com/video/a"
ELSEWHERE = "https://v77.tiktokcdn.com/video/a"
WAIT = Verdict(Outcome.RATE_LIMITED, "other workers hold them")


class Holding(InMemory):
    """Holds the identities that can be obtained, after some attempts."""

    def __init__(self, pool: Pool, answers: Sequence[Verdict | None], obtainable: Sequence[str]):
        super().__init__()
        self._pool, self._answers, self._obtainable = pool, [*answers], obtainable
        self.names: set[str] = set()
        self.used: list[str] = []

    def is_held(self, identity: Identity) -> bool:
        return identity.credentials.name in self.names

    async def obtain(self, service: str, name: str) -> Verdict | None:
        assert service == self._pool.service.name
        answer = self._answers.pop(0)
        self.names |= set() if answer else {*self._obtainable}
        return answer

    @contextmanager
    def using(self, identity: Identity) -> Iterator[None]:
        self.used.append(identity.credentials.name)
        yield
        self.used.append("")


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    service = TIKTOK.services[0]
    path = tmp_path / service.name / "config.yaml"
    path.parent.mkdir()
    rows = ", ".join(f"{{name: {name}, cookie: 'tt_chain_token={name}; sessionid={name}'}}" for name in "ab")
    path.write_text(f"identities: [{rows}]\n")
    return Pool(service, ConfigFile(service, tmp_path, {}))


def plan(pool: Pool, name: str) -> Plan:
    meta = Meta(platform="tiktok", identity=pool.get(name).hash)
    return Plan(
        key="k", media_id="1", role="video", rank=1, family="video", is_only=True, pieces=[Source(urls=[WEB])],
        post=Post(id="1"), meta=meta, router="r",
    )  # fmt: skip


def download(pool: Pool, holding: Holding, url: str, name: str = "b") -> None:
    """Request a file with the identity of a record, as a download does."""
    pool.holding = holding

    async def run() -> None:
        async with access_of(plan(pool, name), TIKTOK, {pool.service.name: pool}).holding(url):
            check_sender()

    asyncio.run(run())


def test_it_waits_for_the_identity_of_the_record_and_keeps_it_meanwhile(pool: Pool) -> None:
    holding = Holding(pool, [WAIT, None], "b")
    download(pool, holding, WEB)
    assert holding.used == ["b", ""]
    assert pool.get("b").last_sent == 0.0, "files do not count for its pace"


def test_an_identity_is_not_needed_where_no_cookie_is_sent(pool: Pool) -> None:
    holding = Holding(pool, [], "")
    download(pool, holding, ELSEWHERE)
    assert holding.used == []


def test_one_that_is_held_is_used_instead_of_one_that_is_not(pool: Pool) -> None:
    holding = Holding(pool, [], "")
    holding.names = {"a"}
    download(pool, holding, WEB)
    assert holding.used == ["a", ""]


@pytest.mark.parametrize(
    "answers, reason", [([WAIT._replace(final=True)], "other workers"), ([None], "another worker uses tiktok_web:b")]
)
def test_a_file_fails_if_other_workers_use_the_identity(pool: Pool, answers: list[Verdict | None], reason: str) -> None:
    with pytest.raises(MediaError, match=reason) as failed:
        download(pool, Holding(pool, answers, "a"), WEB)
    assert failed.value.outcome is Outcome.RATE_LIMITED


def test_what_was_lost_before_it_was_sent_is_a_failure_of_the_file(pool: Pool) -> None:
    holding = pool.holding = Holding(pool, [None], "b")

    async def run() -> None:
        async with access_of(plan(pool, "b"), TIKTOK, {pool.service.name: pool}).holding(WEB):
            holding.names.clear()
            with pytest.raises(NotHeldError):
                check_sender()
            check_sender()

    with pytest.raises(MediaError, match="not held any more"):
        asyncio.run(run())
