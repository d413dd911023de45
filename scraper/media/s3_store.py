"""MEDIA_STORE in S3: complete files are uploaded under their names, incomplete ones stay on this machine."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from scraper.media.manifest import NAME
from scraper.media.part_file import Disk
from scraper.media.plan import DiskError
from scraper.output.sinks import shown
from scraper.responses.exceptions import ArgumentError

SCHEME = "s3://"
_NAMES = {  # of boto3, by Scrapy's names
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
    "endpoint_url": "AWS_ENDPOINT_URL",
    "region_name": "AWS_REGION_NAME",
    "use_ssl": "AWS_USE_SSL",
    "verify": "AWS_VERIFY",
}


def check_s3() -> None:
    """
    :raises ArgumentError: if the library is missing
    """
    if find_spec("boto3") is None:
        raise ArgumentError("MEDIA_STORE: a library is missing: pip install boto3")


class S3Store:
    """A bucket, or a folder in it: see `MediaStore`. Its keys differ by case, so that no name is taken.

    Its settings are those of Scrapy's stores: AWS_ACCESS_KEY_ID and so on.

    :param uri: such as `s3://bucket/folder`
    :param parts: the folder of files that are not complete
    """

    def __init__(self, uri: str, parts: Path, disk: Disk, settings: BaseSettings):
        address = urlsplit(uri)
        self._bucket, self._prefix = address.hostname or "", address.path.strip("/")
        self._options = {name: settings[key] for name, key in _NAMES.items() if settings[key] is not None}
        if address.username:
            keys = {"aws_access_key_id": address.username, "aws_secret_access_key": address.password}
            self._options |= keys
        self.name, self.parts, self._disk = shown(uri), parts, disk
        self.manifest = parts.parent / "s3" / self._bucket / self._prefix / NAME  # an object has no lock
        self._made: Any = None

    def try_out(self) -> None:
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskError(str(self.parts), error) from error
        self._done(lambda: self._client.head_bucket(Bucket=self._bucket), self.name)

    async def has(self, path: str, size: int | None) -> bool:
        return await self._disk.run(self.size_of, path) == size

    async def put(self, file: Path, candidates: Iterator[PurePosixPath], time: int | None) -> str:
        path = str(next(candidates))
        await self._disk.run(self._put, file, path, time)
        return path

    async def put_beside(self, path: str, content: bytes) -> None:
        key = self._key(f"{path}.json")
        await self._disk.run(
            self._done, lambda: self._client.put_object(Bucket=self._bucket, Key=key, Body=content), path
        )

    @property
    def _client(self) -> Any:
        if self._made is None:
            import boto3  # an optional library

            self._made = boto3.client("s3", **self._options)
        return self._made

    def _key(self, path: str) -> str:
        return f"{self._prefix}/{path}" if self._prefix else path

    def size_of(self, path: str) -> int | None:
        """Return the size of a file in bytes, None if there is none. It blocks.

        :raises DiskError: if that is not known
        """
        from botocore.exceptions import ClientError

        def head() -> int | None:
            try:
                return int(self._client.head_object(Bucket=self._bucket, Key=self._key(path))["ContentLength"])
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                    return None
                raise

        size: int | None = self._done(head, path)
        return size

    def _put(self, file: Path, path: str, time: int | None) -> None:
        extra = {"Metadata": {"mtime": str(time)}} if time is not None else {}
        self._done(
            lambda: self._client.upload_file(str(file), self._bucket, self._key(path), ExtraArgs=extra or None), path
        )
        file.unlink(missing_ok=True)

    def _done(self, work: Callable[[], Any], path: str) -> Any:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return work()
        except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
            raise DiskError(path, error) from error
