"""Store feeds in local files, pipes and standard output, and check each destination before the crawl."""

import errno
import logging
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from scrapy import Spider
from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import (
    BlockingFeedStorage,
    FeedStorageProtocol,
    FileFeedStorage,
    GCSFeedStorage,
    S3FeedStorage,
    StdoutFeedStorage,
)
from scrapy.extensions.postprocessing import GzipPlugin, PostProcessingManager
from scrapy.utils.asyncio import run_in_thread
from scrapy.utils.misc import load_object

from scraper.ledger.files import same_file, sync_folder
from scraper.output.feed_repair import mend, problem

logger = logging.getLogger(__name__)
_OF_S3 = ("s3_client", "bucketname", "keyname", "acl")  # what Scrapy's storage sets
_TRIAL = b"\0" * 4096


class StandardOutput(StdoutFeedStorage):
    """Scrapy's storage for standard output, which a caller may have closed."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None):
        if sys.stdout is None:
            raise NotConfigured("standard output is closed")
        super().__init__(uri, feed_options=feed_options)


class LocalFile(FileFeedStorage):
    """A local feed file that consists of whole items, even after a write error, and uncompressed also after a kill.

    bz2 and xz compress large blocks, which cannot be completed early: what of such a file can be read is unknown.
    """

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None):
        super().__init__(uri, feed_options=feed_options)
        options = feed_options or {}
        self._format, self._options = str(options.get("format")), options.get("item_export_kwargs") or {}
        self._is_plain, self.is_flushed = not options.get("postprocessing"), can_flush(options)
        self._opened: os.stat_result | None = None
        self._confirmed: int | None = None
        self._pipe: IO[bytes] | None = None

    def try_out(self) -> None:
        """Check that the file can be written, without leaving anything behind.

        :raises OSError: if it cannot be written
        :raises ValueError: if nothing can be appended to what is in it
        """
        path = Path(self.path)
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            file = Path(os.path.realpath(path))  # a symbolic link may name a file that does not exist yet
            file.parent.mkdir(parents=True, exist_ok=True)
            file.open("xb").close()  # the file system may reject its name
            file.unlink()
        else:
            if stat.S_ISFIFO(mode):
                self._pipe = open_pipe(path)  # and keep it: its reader sees the end once it is closed
                return
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                return  # a device: opening it may have an effect
            path.open("r+b").close()
        try_folder(path.parent)
        if self._appends and (why := problem(path, self._format)):
            raise ValueError(why)

    @property
    def _appends(self) -> bool:
        return self.write_mode == "ab" and self._is_plain

    def appended_to(self) -> Path | None:
        """Return the path of the file that is appended to, after removing an incomplete last item from it.

        :return: None if nothing is appended, or not to a file
        """
        path = Path(self.path)
        if not self._appends or self._pipe or (path.exists() and not path.is_file()):
            return None
        mend(path, self._format, self._options)
        return path

    def open(self, spider: Spider) -> IO[bytes]:
        self.appended_to()
        file = self._pipe or super().open(spider)
        status = os.fstat(file.fileno())
        self._opened = status if stat.S_ISREG(status.st_mode) else None
        sync_folder(Path(self.path).parent)
        self.confirm(file)
        return file

    def remove_old(self) -> None:
        """Remove the file of an earlier crawl, if it was to be replaced, and nothing was written."""
        if self.write_mode == "wb" and Path(self.path).is_file():
            Path(self.path).unlink()

    def confirm(self, file: IO[bytes]) -> None:
        """Note that everything written so far is complete.

        :raises OutputGoneError: if the file was removed or replaced
        """
        if self._opened is None:
            return  # of a pipe or a device, nothing can be cut off
        same_file(Path(self.path), self._opened)
        if self.is_flushed:
            self._confirmed = file.tell()

    def abandon(self, file: IO[bytes]) -> None:
        """Close a file that cannot be written, and remove its incomplete end."""
        try:
            if self._confirmed is not None:
                os.ftruncate(file.fileno(), self._confirmed)
        except OSError as error:
            logger.warning("%s may end in an incomplete row: %s", self.path, error.strerror)
        close_unflushed(file)

    def store(self, file: IO[bytes]) -> None:
        """Close the file.

        :raises OutputGoneError: if it was removed or replaced
        """
        try:
            self.confirm(file)
        finally:
            super().store(file)


class S3Storage(S3FeedStorage):
    """Scrapy's storage for S3, with a client that is made at its first use.

    A feed per record type has a storage for each type, and a client takes a fifth of a second.
    """

    def __init__(self, *arguments: Any, **named: Any):
        if find_spec("boto3") is None:
            raise NotConfigured("missing boto3 library; install it: pip install boto3")
        self._arguments = arguments, named

    def __getattr__(self, name: str) -> Any:
        if name not in _OF_S3:
            raise AttributeError(name)
        arguments, named = self._arguments
        super().__init__(*arguments, **named)
        return getattr(self, name)


class Upload:
    """A feed that is uploaded at the end, from a local file that is kept until the run is finished.

    :param remote: where it is uploaded to
    :param path: the local file
    :param is_kept: whether that is kept until the run is finished
    """

    def __init__(self, remote: FeedStorageProtocol, path: Path, *, is_kept: bool = True):
        self.remote, self.path, self.is_kept = remote, path, is_kept

    def open(self, spider: Spider) -> IO[bytes]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+b")
        sync_folder(self.path.parent)
        return file

    def store(self, file: IO[bytes]) -> Any:
        """Upload the file, and close it."""
        return self.remote.store(file)


def can_flush(options: Mapping[str, Any]) -> bool:
    """Return whether a feed can be flushed: if it is not compressed, or by gzip alone."""
    return [load_object(plugin) for plugin in options.get("postprocessing") or ()] in ([], [GzipPlugin])


def flush(file: Any) -> None:
    """Write what waits in the buffers of a feed, and in those of gzip. Other compressions keep it.

    :raises OSError: if it cannot be written
    """
    if not isinstance(file, PostProcessingManager):
        file.flush()
    elif isinstance(file.head_plugin, GzipPlugin) and len(file.plugins) == 1:
        file.head_plugin.gzipfile.flush()


def open_pipe(path: Path) -> IO[bytes]:
    """Open a named pipe. Without a reader, opening it as a file would block until one comes.

    :raises OSError: if nothing reads it
    """
    try:
        number = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        raise OSError("it is a pipe that nothing reads: start its reader first") from error
    os.set_blocking(number, True)
    return os.fdopen(number, "wb")


def close_unflushed(file: IO[bytes]) -> None:
    """Close a file that cannot be written. Its buffer, which closing would flush, is dropped."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), file.fileno())
    file.close()


def try_folder(folder: Path) -> None:
    """Write and remove some bytes, if files can be created here: on a full disk, only creating them works."""
    if os.access(folder, os.W_OK):
        with TemporaryFile(dir=folder) as file:
            file.write(_TRIAL)
            file.flush()


async def try_out(storage: FeedStorageProtocol, spider: Spider) -> None:
    """Check a destination before anything is written to it.

    :raises Exception: whatever its library raises if it cannot be written
    """
    if isinstance(storage, Upload):
        try_folder(storage.path.parent)
        storage = storage.remote
    if isinstance(storage, LocalFile):
        storage.try_out()
    elif isinstance(storage, S3FeedStorage):
        await run_in_thread(_try_bucket, storage)
    elif isinstance(storage, GCSFeedStorage):
        await run_in_thread(_try_gcs, storage)
    if isinstance(storage, BlockingFeedStorage):
        with storage.open(spider) as file:
            file.write(_TRIAL)
            file.flush()


def _try_bucket(storage: S3FeedStorage) -> None:
    from botocore.exceptions import ClientError  # an optional library

    try:
        storage.s3_client.head_bucket(Bucket=storage.bucketname)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 403:  # writing may be allowed without reading
            raise


def _try_gcs(storage: GCSFeedStorage) -> None:
    """
    :raises NotConfigured: if the library is missing, which Scrapy would notice only at the end
    :raises FileNotFoundError: if there is no such bucket
    """
    try:
        from google.api_core.exceptions import Forbidden
        from google.cloud.storage import Client  # an optional library
    except ImportError:
        raise NotConfigured("a library is missing: pip install google-cloud-storage") from None
    client = Client(project=storage.project_id)  # raises an exception if there are no credentials
    try:
        is_there = client.bucket(storage.bucket_name).exists()
    except Forbidden:  # writing may be allowed without reading
        return
    if not is_there:
        raise FileNotFoundError(f"there is no bucket {storage.bucket_name}")


@contextmanager
def kept(file: IO[bytes], storage: FeedStorageProtocol, *, flush: bool = True) -> Iterator[Path | None]:
    """Hard-link a temporary file that is removed after its upload. None if it is not such a file.

    The file of an `Upload` is kept anyway.

    The caller removes the link, or reports its path.

    :param flush: whether its buffer can be written first
    """
    name = getattr(file, "name", None)
    if not isinstance(storage, BlockingFeedStorage | Upload) or not isinstance(name, str):
        yield None
        return
    if flush:
        file.flush()
    if isinstance(storage, Upload):
        yield storage.path
        return
    second = Path(f"{name}.kept")
    os.link(name, second)
    yield second
