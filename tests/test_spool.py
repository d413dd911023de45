"""The spool: files are made once, kept for a while and up to a size, and nothing of a process that ended stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from scraper.front import spool as module
from scraper.front.spool import Make, Spool, Spooled, SpoolFullError

KB = 1024


@asynccontextmanager
async def opened(folder: Path, most: int = 100 * KB) -> AsyncIterator[Spool]:
    spool = Spool(folder, most)
    await spool.open()
    try:
        yield spool
    finally:
        await spool.close()


def maker(made: list[str], size: int = KB, waits: asyncio.Event | None = None) -> Make:
    """Return a function that writes a file, and notes its folder in `made`."""

    async def make(folder: Path) -> Spooled:
        made.append(folder.name)
        path = folder / "file"
        path.write_bytes(bytes(size))
        if waits:
            await waits.wait()
        return Spooled(path, size, "video/mp4", "mp4", "tag")

    return make


async def until_gone(path: Path) -> None:
    async with asyncio.timeout(10):
        while path.exists():
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCH_S", 0.01)


def test_callers_share_a_file_which_stays_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.KEPT_S == 600, "ten minutes"

    async def run() -> None:
        made: list[str] = []
        async with opened(tmp_path) as spool:
            async with spool.borrow("a", maker(made)) as one, spool.borrow("a", maker(made)) as two:
                assert one == two and one.path.stat().st_size == KB
            async with spool.borrow("a", maker(made)), spool.borrow("b", maker(made)):
                assert len(made) == 2
            monkeypatch.setattr(module, "KEPT_S", 0.0)
            await until_gone(one.path)
            async with spool.borrow("a", maker(made)) as again:
                await asyncio.sleep(0.1)  # it is not removed while it is used
                assert len(made) == 3 and again.path.exists()
        assert [*tmp_path.iterdir()] == []

    asyncio.run(run())


def test_work_stops_with_its_last_caller_and_a_failure_is_tried_again(tmp_path: Path) -> None:
    async def run() -> None:
        made: list[str] = []
        never = asyncio.Event()

        async def call(make: Make) -> None:
            async with spool.borrow("a", make):
                pass

        async def fail(folder: Path) -> Spooled:
            raise OSError("broken")

        async with opened(tmp_path) as spool:
            first, second = (asyncio.create_task(call(maker(made, waits=never))) for _ in range(2))
            await asyncio.sleep(0.1)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            assert not second.done() and len(made) == 1
            second.cancel()
            await asyncio.gather(second, return_exceptions=True)
            with pytest.raises(OSError, match="broken"):
                await call(fail)
            await call(maker(made))
            assert len(made) == 2

    asyncio.run(run())


def test_what_nobody_uses_makes_room(tmp_path: Path) -> None:
    async def run() -> None:
        made: list[str] = []
        ready = asyncio.Event()
        async with opened(tmp_path, 10 * KB) as spool:
            async with spool.borrow("old", maker(made, 6 * KB)) as old:
                pass
            async with spool.borrow("used", maker(made, 3 * KB)) as used:

                async def call() -> None:
                    async with spool.borrow("new", maker(made, 6 * KB, ready)):
                        assert used.path.exists()

                working = asyncio.create_task(call())
                await until_gone(old.path)
                ready.set()
                await working
                with pytest.raises(SpoolFullError):
                    async with spool.borrow("larger", maker(made, 11 * KB, asyncio.Event())):
                        pass
                assert used.path.exists()

    asyncio.run(run())


def test_what_other_processes_left_is_removed(tmp_path: Path) -> None:
    async def run() -> None:
        left = tmp_path / "left"
        left.mkdir()
        (left / "lock").touch()
        (left / "file").touch()
        async with opened(tmp_path) as alive, alive.borrow("a", maker([])) as file:
            assert not left.exists()
            async with opened(tmp_path):
                assert file.path.exists(), "another process uses it"

    asyncio.run(run())
