"""Put files into one ZIP file, as they are: pictures and videos are compressed already. Functions block."""

import time
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfileobj
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_BLOCK = 1 << 20  # bytes
_FIRST, _LAST = 315_532_800, 4_354_819_198  # of the times that the format has: 1980 to 2107


def zip_files(files: Sequence[tuple[str, Path]], out: Path, create_time: int | None = None) -> None:
    """Write a ZIP file, in constant memory.

    :param files: their names in it, and where they are
    :param create_time: of the post, in epoch seconds; the same for all files, so that equal files make equal archives
    :raises OSError: if a file cannot be read or written; `out` is then removed
    """
    moment = time.gmtime(min(max(create_time or _FIRST, _FIRST), _LAST))
    try:
        with ZipFile(out, "w", ZIP_STORED) as archive:
            for name, path in files:
                about = ZipInfo(name, moment[:6])
                about.external_attr = 0o644 << 16
                about.file_size = path.stat().st_size  # above 2 GiB, the entry needs a larger header
                with path.open("rb") as source, archive.open(about, "w") as target:
                    copyfileobj(source, target, _BLOCK)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
