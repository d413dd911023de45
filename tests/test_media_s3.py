"""MEDIA_STORE in S3, on a server of this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.crawling import Crawl
from tests.test_media_crawl import IDS, LINKS, media, posts
from tests.tiktok import go

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION_NAME": "us-east-1"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def client(address: str) -> Any:
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=address, **keys)
    client.create_bucket(Bucket="mine")
    return client


def download(address: str, folder: Path, store: str, **more: Any) -> Crawl:
    settings = {"MEDIA": "video,cover", "MEDIA_STORE": store, "AWS_ENDPOINT_URL": address, **KEYS}
    return go(LINKS, settings=settings, folder=folder, env={"no_proxy": "127.0.0.1"}, may_leave=True, **more)


def verified(address: str, folder: Path, **env: str) -> Crawl:
    settings = {"AWS_ENDPOINT_URL": address, **KEYS}
    env = {"no_proxy": "127.0.0.1", **env}
    return go(command=("media", "verify"), settings=settings, folder=folder, env=env, may_leave=True, feed=None)


def test_files_and_envelopes_are_uploaded(address: str, client: Any, tmp_path: Path) -> None:
    done = download(address, tmp_path, "s3://mine/posts")
    assert done.code == 0, (done.failures, done.err)
    keys = {entry["Key"] for entry in client.list_objects_v2(Bucket="mine", Prefix="posts/")["Contents"]}
    paths = {record["path"] for record in media(done)}
    assert len(paths) == 2 * len(IDS)
    assert keys == {f"posts/{path}" for path in paths} | {f"posts/{path}.json" for path in paths}
    times = {envelope["data"]["meta"]["key"]: envelope["data"]["create_time"] for envelope in posts(done)}
    for record in media(done):
        answer = client.get_object(Bucket="mine", Key=f"posts/{record['path']}")
        assert sha256(answer["Body"].read()).hexdigest() == record["sha256"]
        assert answer["Metadata"]["mtime"] == str(times[record["video_key"]])
        beside = client.get_object(Bucket="mine", Key=f"posts/{record['path']}.json")["Body"].read()
        assert json.loads(beside)["data"]["meta"]["key"] == record["video_key"]
    left = [path for path in done.files if "media" in path.split("/") and ".media.jsonl" not in path]
    assert left == ["output/media/s3/mine/posts/media.jsonl"], "no file is left on this machine"
    lines = [json.loads(line) for line in done.files[left[0]].splitlines()]
    assert {line["path"] for line in lines} == paths
    again = download(address, tmp_path, "s3://mine/posts")
    assert {record["media_status"] for record in media(again)} == {"skipped"}
    sound = verified(address, tmp_path)
    assert sound.code == 0 and sound.out.strip() == "6 files: 6 as downloaded, 0 not"
    cut, gone = sorted(paths)[:2]
    client.put_object(Bucket="mine", Key=f"posts/{cut}", Body=b"short")
    client.delete_object(Bucket="mine", Key=f"posts/{gone}")
    damaged = verified(address, tmp_path)
    assert damaged.code == 3 and "6 files: 4 as downloaded, 2 not" in damaged.out
    assert f"s3://mine/posts/{gone}: it is not there" in damaged.out
    assert f"s3://mine/posts/{cut}: it has 5 bytes instead of" in damaged.out
    unknown = verified("http://127.0.0.1:1", tmp_path, AWS_MAX_ATTEMPTS="1")
    assert unknown.code == 3 and "6 files not checked: s3://mine/posts: " in unknown.out


def test_scrapy_download_to_s3(address: str, client: Any, tmp_path: Path) -> None:
    words = ("download", LINKS.removeprefix("url="), "-o", "s3://mine/by-hand")
    env = {"no_proxy": "127.0.0.1"}
    settings = {"AWS_ENDPOINT_URL": address, **KEYS}
    done = go(command=words, settings=settings, folder=tmp_path, env=env, may_leave=True, feed=None)
    assert (done.code, done.err) == (0, "")
    keys = {
        f"s3://mine/{entry['Key']}" for entry in client.list_objects_v2(Bucket="mine", Prefix="by-hand/")["Contents"]
    }
    assert {*done.out.splitlines()} == {key for key in keys if key.endswith(".mp4")} and len(keys) == 2 * len(IDS)


def test_a_bucket_that_is_not_there_is_named_before_the_crawl(address: str, client: Any, tmp_path: Path) -> None:
    done = download(address, tmp_path, "s3://key:hidden-word@not-there/posts")
    assert done.code == 7 and "s3://not-there/posts" in done.err and "hidden-word" not in done.err
    assert done.requests == []


def test_another_scheme_is_refused(address: str, tmp_path: Path) -> None:
    done = download(address, tmp_path, "ftp://host/posts")
    assert done.code == 2 and "MEDIA_STORE=ftp://host/posts" in done.err
