"""From what was downloaded to a file: picture and sound in one file, pieces joined, everything checked.

Functions block; call them in a thread.
"""

from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from scraper.media.containers import TOLERANCE_MS, ContainerError, MediaFile, inspect
from scraper.media.content import HEAD_SIZE, Content, content_of
from scraper.media.pictures import is_cut_off
from scraper.media.plan import Plan
from scraper.media.remuxing import Tags, join, remux

_BLOCK = 1 << 20  # bytes


class Finished(NamedTuple):
    """
    :ivar path: the file, which is not in the store yet
    """

    path: Path
    content: Content
    size: int
    sha256: str
    duration_ms: int | None = None


class DamagedError(Exception):
    """A file is damaged.

    :ivar number: the source that it came from
    """

    def __init__(self, number: int, message: str):
        super().__init__(message)
        self.number = number


def finish_video(plan: Plan, parts: Sequence[Path], out: Path) -> Finished:
    """Make one file of the sources of a video, and check it.

    :param parts: the files of `plan.sources`
    :raises DamagedError: if one is damaged, cut off, or not what the record says
    """
    post = plan.post
    tags = Tags(post.title, post.author, post.url, post.create_time)
    kinds = ("video", "audio") if plan.has_sound else ("video",)
    try:
        if len(plan.pieces) > 1:
            media = join(parts[: len(plan.pieces)], out, tags, None, kinds)
            _check_joined(plan, media)
        else:
            media = remux(parts[0], parts[1] if plan.sound else None, out, tags, plan.duration_ms, kinds)
    except ContainerError as error:
        raise DamagedError(_damaged(parts), str(error)) from error
    with out.open("rb") as file:
        content = content_of(file.read(HEAD_SIZE))
        assert content, "it was written as a container"
        file.seek(0)
        digest = sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
        return Finished(out, content, file.tell(), digest.hexdigest(), media.duration_ms)


def _check_joined(plan: Plan, media: MediaFile) -> None:
    """Compare the length of joined pieces with the record: each of them may be a second longer or shorter."""
    difference = abs(media.duration_ms - (plan.duration_ms or media.duration_ms))
    if difference > TOLERANCE_MS * len(plan.pieces):
        raise ContainerError(f"the joined pieces last {media.duration_ms} ms, but the post {plan.duration_ms} ms")


def check_sound(path: Path) -> MediaFile:
    """Check a file of sound.

    :raises DamagedError: if it is damaged or cut off
    """
    try:
        return inspect(path)
    except ContainerError as error:
        raise DamagedError(0, str(error)) from error


def check_picture(path: Path, content: Content) -> None:
    """Check a picture.

    :raises DamagedError: if it is cut off
    """
    if is_cut_off(path, content.ext):
        raise DamagedError(0, f"the {content.ext} file is cut off")


def _damaged(parts: Sequence[Path]) -> int:
    """Return which file is damaged: the first one, if none is by itself."""
    for number, path in enumerate(parts):
        with suppress(ContainerError):
            inspect(path)
            continue
        return number
    return 0
