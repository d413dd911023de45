"""Feeds that are uploaded: their local file is kept until the run is finished, and a resumed run uploads it."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from tests.crawling import Crawl, Running, crawl
from tests.kills.histories import timeless
from tests.simulator import World

WORLD = World(seed=5, creators=3, videos=40, page_latency=(0.02, 0.0))
WORDS = ("url=" + " ".join(f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3)),
         "with=comments", "max_items=8")  # fmt: skip
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


class Bucket:
    """A bucket of a store on this machine."""

    def __init__(self, address: str):
        self.address = address
        self.client: Any = boto3.client(
            "s3", endpoint_url=address, aws_access_key_id="key", aws_secret_access_key="secret", region_name="us-east-1"
        )

    def create(self) -> None:
        self.client.create_bucket(Bucket="mine")

    def remove(self) -> None:
        for stored in self.client.list_objects_v2(Bucket="mine").get("Contents", []):
            self.client.delete_object(Bucket="mine", Key=stored["Key"])
        self.client.delete_bucket(Bucket="mine")

    def lines(self) -> Counter[str]:
        """Return the lines of the feed, without what each request has anew."""
        try:
            body = self.client.get_object(Bucket="mine", Key="out.jsonl")["Body"].read()
        except ClientError:
            return Counter()
        return Counter(timeless(json.dumps(json.loads(line))) for line in body.decode().splitlines())

    def crawl(self, folder: Path, *command: str, meanwhile: Callable[[Running], object] | None = None) -> Crawl:
        env = {**KEYS, "TMPDIR": str(folder / "tmp"), "no_proxy": "127.0.0.1"}
        (folder / "tmp").mkdir(exist_ok=True)
        words = () if command[0] == "resume" else (*WORDS, "-Os3://mine/out.jsonl:jsonl")
        settings = {} if command[0] == "resume" else {"AWS_ENDPOINT_URL": self.address}
        return crawl(*words, command=command, env=env, settings=settings, feed=None, folder=folder, world=WORLD,
                     meanwhile=meanwhile, process=True)  # fmt: skip


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    made = Bucket(f"http://{host}:{port}")
    made.create()
    yield made
    server.stop()


@pytest.fixture(scope="module")
def whole(bucket: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """The lines of an uninterrupted run."""
    folder = tmp_path_factory.mktemp("whole")
    assert bucket.crawl(folder, "crawl", "bilibili").code == 0
    assert not kept(folder)
    return bucket.lines()


def kept(folder: Path) -> list[Path]:
    return [*(folder / "state/runs").glob("*.feed"), *(folder / "state/runs").glob("*.lock")]


def at_request(number: int, act: Callable[[Running], object]) -> Callable[[Running], None]:
    def wait(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) >= number)
        act(running)

    return wait


def test_the_file_survives_a_kill(bucket: Bucket, whole: Counter[str], tmp_path: Path) -> None:
    assert bucket.crawl(tmp_path, "crawl", "bilibili", meanwhile=at_request(25, Running.kill)).code < 0
    assert len(kept(tmp_path)) == 2 and not os.listdir(tmp_path / "tmp")  # noqa: PTH208
    done = bucket.crawl(tmp_path, "resume")
    assert (done.code, bucket.lines()) == (0, whole), done.err
    assert not kept(tmp_path)


def test_a_stopped_run_uploads_what_it_has_and_can_be_resumed(
    bucket: Bucket, whole: Counter[str], tmp_path: Path
) -> None:
    stopped = bucket.crawl(tmp_path, "crawl", "bilibili", meanwhile=at_request(10, Running.interrupt))
    some = bucket.lines()
    assert stopped.code == 3 and whole - some and len(kept(tmp_path)) == 2
    done = bucket.crawl(tmp_path, "resume")
    assert (done.code, bucket.lines()) == (0, whole), done.err
    assert not kept(tmp_path)


def test_what_could_not_be_uploaded_is_uploaded_by_resume(bucket: Bucket, whole: Counter[str], tmp_path: Path) -> None:
    failed = bucket.crawl(tmp_path, "crawl", "bilibili", meanwhile=at_request(5, lambda running: bucket.remove()))
    bucket.create()
    assert failed.code == 7 and not bucket.lines() and len(kept(tmp_path)) == 2, failed.err
    done = bucket.crawl(tmp_path, "resume")
    assert (done.code, bucket.lines()) == (0, whole), done.err
    assert not done.requests and not kept(tmp_path)
