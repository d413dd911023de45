"""Danmaku on their way to files: they come page by page, and a file needs all of a part.

Until then they are in a file of their own, next to files that are not complete: one line a page, written before the
page is committed. A run that is continued may write a page twice, which is why danmaku are distinguished by their ids.
"""

import os
import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from scraper.ledger.files import CaptureError
from scraper.media.part_file import Disk
from scraper.media.plan import Post
from scraper.records import Danmaku, Meta

_ENDING = ".danmaku"
_NO_META = Meta()


class _Text(msgspec.Struct, array_like=True):
    """What files hold of a danmaku."""

    danmaku_id: str
    at_ms: int | None = None
    text: str | None = None
    create_time: int | None = None
    mode: int | None = None
    font_size: int | None = None
    color: int | None = None
    pool: int | None = None
    weight: int | None = None
    sender_hash: str | None = None


_OPTIONAL = _Text.__struct_fields__[1:]


class _Line(msgspec.Struct):
    """The danmaku of a part in one page.

    :ivar meta: of the first one
    """

    meta: Meta
    router: str
    video_id: str | None
    part_cid: str | None
    post: Post | None
    texts: list[_Text]


_decode = msgspec.json.Decoder(_Line).decode


class Shown(NamedTuple):
    """A danmaku.

    :ivar written: the same as it is written
    :ivar router: of its envelope
    :ivar post: its post, None if the crawl did not see it
    """

    record: Danmaku
    written: Danmaku
    router: str
    post: Post | None


class DanmakuPart(NamedTuple):
    """All danmaku of a part.

    :ivar meta: of one of them
    :ivar router: of its envelope
    """

    video_id: str | None
    cid: str | None
    post: Post | None
    meta: Meta
    router: str
    danmaku: list[Danmaku]


class DanmakuParts:
    """The parts of a run whose files are not made yet.

    :param folder: of files that are not complete
    """

    def __init__(self, folder: Path, disk: Disk):
        self._folder, self._disk = folder, disk
        self._run_id = ""
        self._waiting: dict[Path, bool] = {}

    @property
    def waiting(self) -> list[tuple[Path, bool]]:
        """The files of parts, and whether an earlier start of the run left them."""
        return [*self._waiting.items()]

    def begin(self, run_id: str) -> None:
        """Find what earlier starts of the run left."""
        self._run_id = run_id
        self._waiting = dict.fromkeys(sorted(self._folder.glob(f"{run_id}.*{_ENDING}")), True)

    async def add(self, shown: Iterable[Shown]) -> None:
        """Keep the danmaku of a page.

        :raises CaptureError: if they cannot be written
        """
        lines: dict[Path, _Line] = {}
        for one in shown:
            record = one.record
            path = self._path(record)
            if path not in lines:
                lines[path] = _Line(record.meta, one.router, record.video_id, record.part_cid, one.post, [])
            lines[path].texts.append(_text(record, one.written))
        for path, line in lines.items():
            try:
                await self._disk.run(_append, path, b"\n%b\n" % msgspec.json.encode(line))
            except OSError as error:
                raise CaptureError(self._folder, error) from error
            self._waiting.setdefault(path, False)

    async def take(self, path: Path) -> Path:
        """Put a part aside, so that further danmaku do not get into it, and return its new path.

        :raises OSError: if that is not possible
        """
        new = path.with_name(f"{path.name.removesuffix(_ENDING)}.{time.time_ns()}{_ENDING}")
        await self._disk.run(path.replace, new)
        self._waiting[new] = self._waiting.pop(path)
        return new

    async def read(self, path: Path) -> DanmakuPart:
        """
        :raises OSError: if they cannot be read
        """
        return await self._disk.run(_read, path)

    async def remove(self, path: Path) -> None:
        """Remove a part, since its files are made.

        :raises OSError: if that is not possible
        """
        await self._disk.run(path.unlink)
        self.leave(path)

    def leave(self, path: Path) -> None:
        """Leave a part to a resumed run."""
        del self._waiting[path]

    def _path(self, record: Danmaku) -> Path:
        names = (record.meta.platform or "", record.video_id or "", record.part_cid or "")
        digest = sha256("\0".join(names).encode()).hexdigest()[:32]
        return self._folder / f"{self._run_id}.{digest}{_ENDING}"


def _text(record: Danmaku, written: Danmaku) -> _Text:
    known = {name: value for name in _OPTIONAL if (value := getattr(written, name)) is not UNSET}
    return _Text(record.danmaku_id, **known)


def _append(path: Path, line: bytes) -> None:
    """Append a line, and have it on the disk. It begins on a line of its own even if the one before was cut off."""
    with path.open("ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> DanmakuPart:
    first, post, texts = None, None, dict[str, _Text]()
    with path.open("rb") as file:
        for encoded in file:
            try:
                line = _decode(encoded)
            except msgspec.DecodeError:  # cut off, and so written again by the run that was continued
                continue
            first, post = first or line, post or line.post
            texts |= {text.danmaku_id: text for text in line.texts}
    if first is None:
        raise OSError(f"{path} holds no danmaku")
    danmaku = [Danmaku(**msgspec.structs.asdict(text), meta=_NO_META) for text in texts.values()]
    return DanmakuPart(first.video_id, first.part_cid, post, first.meta, first.router, danmaku)
