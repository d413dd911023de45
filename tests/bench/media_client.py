"""Does one thing with media files in a process of its own, and prints how long it took and how much memory it used.

`python -m tests.bench.media_client download <url> <proxy> <path>`, or `remux <picture> <sound> <out>`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from scraper.media.access import Access
from scraper.media.download import MediaSession, Wanted, download
from scraper.media.part_file import Disk, PartFile
from scraper.media.plan import Source
from scraper.media.remuxing import Tags, remux
from tests.bench.meter import peak_mb


def _download(url: str, proxy: str, path: str) -> None:
    asyncio.run(_downloaded(url, proxy, Path(path)))


async def _downloaded(url: str, proxy: str, path: Path) -> None:
    access = Access({"User-Agent": "Mozilla/5.0"}, lambda _: True, lambda _: None, lambda _: proxy)
    session, disk = MediaSession(1), Disk()
    part = PartFile(path, disk)
    try:
        await part.open()
        await download(Source(urls=[url]), part, Wanted(["video"]), access, session)
    finally:
        await part.close()
        await session.close()
        disk.close()


def _remux(picture: str, sound: str, out: str) -> None:
    remux(Path(picture), Path(sound), Path(out), Tags(title="a title"))


WORK: dict[str, Callable[..., None]] = {"download": _download, "remux": _remux}


def main(name: str, *arguments: str) -> None:
    """Print the seconds and the peak in MB as JSON."""
    began = time.perf_counter()
    WORK[name](*arguments)
    print(json.dumps([time.perf_counter() - began, peak_mb()]))


if __name__ == "__main__":
    main(*sys.argv[1:])
