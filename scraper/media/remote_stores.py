"""What is in the stores that the ledger names and that are not on this machine."""

from pathlib import Path

from scrapy.settings import BaseSettings

from scraper.ledger.owed_media import FileRow
from scraper.media.part_file import Disk
from scraper.media.plan import DiskError
from scraper.media.s3_store import S3Store, check_s3
from scraper.output.sinks import shown


class RemoteStores:
    """A store that failed once is not asked again."""

    def __init__(self, settings: BaseSettings):
        self._settings, self._disk = settings, Disk()
        self._stores: dict[str, S3Store] = {}
        self._failed: dict[str, DiskError] = {}

    def size_of(self, file: FileRow) -> int | None:
        """Return the size of a file in bytes, None if it is not there.

        :raises DiskError: if its store does not answer
        :raises ArgumentError: if a library is missing
        """
        if file.store in self._failed:
            raise self._failed[file.store]
        try:
            return self._store(file.store).size_of(file.path or "")
        except DiskError as error:
            self._failed[file.store] = error
            raise

    def _store(self, name: str) -> S3Store:
        """Return a store by the name that the ledger has for it. MEDIA_STORE may have a password as well."""
        if name not in self._stores:
            check_s3()
            own = str(self._settings["MEDIA_STORE"] or "")
            self._stores[name] = S3Store(own if shown(own) == name else name, Path(), self._disk, self._settings)
        return self._stores[name]
