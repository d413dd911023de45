"""Crawls that download from CDNs that fail: each file is whole or absent, none is there twice, and records say so."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import av
import pytest
from PIL import Image

from scraper.media import download
from tests import canaries
from tests.crawling import Crawl, crawl, special
from tests.simulator import Fault, FileRules, World, media_files
from tests.simulator.platforms.tiktok import streams
from tests.simulator.signing import OPEN
from tests.test_media_crawl import MANIFEST
from tests.tiktok import SITE, TIKTOK, WORLD, go, works

FIRST, SECOND, BOTH = "v16-webapp-prime.*", "v19-webapp-prime.*", "v1?-webapp-prime.*"
VIDEO = min((work for work in map(TIKTOK.work_of, works(0)) if work and work.hash % 7 != 3), key=streams.length)
LINK = f"url={SITE}/@_/video/{VIDEO.id}"
MAKER = TIKTOK.creator(VIDEO.owner).handle
PHOTO = f"url={SITE}/@_/video/{TIKTOK.special['photo']}"
STORE = "output/media/"
ELSEWHERE = streams.bitrate_info(TIKTOK, VIDEO)[0]["PlayAddr"]["UrlList"][1]


def run(
    *faults: Fault,
    by: Callable[..., Crawl] = go,
    link: str = LINK,
    media: str = "video",
    settings: dict[str, object] | None = None,
    **more: Any,
) -> Crawl:
    """Crawl one post and download its files; check what holds whatever fails."""
    done = by(link, settings={"MEDIA": media, **(settings or {})}, faults=faults, **more)
    files, records = stored(done), of_media(done)
    paths = [record["path"] for record in records if record["path"]]
    begun = {path for path in files if path.startswith(".parts/")}
    assert len(paths) == len(set(paths)) and {*files} - begun == {*paths} | {f"{path}.json" for path in paths}
    assert not begun or len(paths) < len(records), "what is complete leaves nothing else"
    keys = [(record["video_key"], record["role"], record["rank"]) for record in records]
    assert len(keys) == len(set(keys)), "one record a file"
    for record in records:
        assert (record["media_status"] == "done") == (record["path"] is not None) == (record["error"] is None)
        if record["path"]:
            body = files[record["path"]]
            assert (record["size"], record["sha256"]) == (len(body), sha256(body).hexdigest())
            decode(body, record)
    failed = [record for record in records if record["media_status"] == "failed"]
    assert len(done.failures) == len(failed) and done.code == (3 if failed else 0), done.err
    return done


def decode(body: bytes, record: dict[str, Any]) -> None:
    """Decode the first and the last frame of each track."""
    if record["mime"].startswith("image/"):
        with Image.open(io.BytesIO(body)) as image:
            image.load()
        return
    for kind in tracks(body):
        with av.open(io.BytesIO(body)) as container:
            first = next(container.decode(**{kind: 0}))
            container.seek(record["duration_ms"] * 1000)
            last = list(container.decode(**{kind: 0}))[-1]
        assert (first.time or 0) <= 1 and abs((last.time or 0) * 1000 - record["duration_ms"]) <= 1500, kind


def of_media(done: Crawl) -> list[dict[str, Any]]:
    """The records of files."""
    return [record for record in done.records if record["meta"]["record_type"] == "media"]


def stored(done: Crawl) -> dict[str, bytes]:
    """The files in the store, by their paths in it."""
    names = ((path.removeprefix(STORE), body) for path, body in done.files.items() if path.startswith(STORE))
    return {name: body for name, body in names if name not in MANIFEST}


def only(done: Crawl) -> tuple[dict[str, Any], bytes]:
    """The record of the one file, and the file."""
    [record] = of_media(done)
    return record, stored(done)[record["path"]] if record["path"] else b""


def served(record: dict[str, Any], change: str = "") -> bytes:
    """What the CDN has at the address in a record."""
    file = media_files.named(urlsplit(record["url"]).path.strip("/").rpartition("/")[2])
    assert file is not None
    return bytes(media_files.content(file._replace(name=f"{file.name}{change}")))


def tracks(body: bytes) -> dict[str, str]:
    """A hash of what each track holds, which remuxing does not change."""
    with av.open(io.BytesIO(body)) as container:
        hashes = {stream.type: sha256() for stream in container.streams}
        for packet in container.demux():
            hashes[packet.stream.type].update(bytes(packet))
    return {kind: value.hexdigest() for kind, value in hashes.items()}


def daily(names: Iterable[str], *chosen: str) -> list[Any]:
    """The names as parameters, of which only the chosen ones are for every day."""
    assert {*chosen} <= {*names}
    return [name if name in chosen else pytest.param(name, marks=pytest.mark.nightly) for name in names]


def asked(done: Crawl, host: str) -> list[Any]:
    """The requests for files of one mirror."""
    return [request for request in done.requests if request.host.startswith(host)]


# Faults of one mirror: each file must come whole, from it or from the other.
ONE_MIRROR: dict[str, Sequence[Fault]] = {
    "html": [Fault(FIRST, do="html")],
    "json": [Fault(FIRST, do="json", body={"status_code": 4, "status_msg": "no"})],
    "empty": [Fault(FIRST, do="empty")],
    "reset": [Fault(FIRST, do="reset")],
    "garbage": [Fault(FIRST, do="garbage")],
    "403": [Fault(FIRST, do="status", status=403)],
    "404": [Fault(FIRST, do="status", status=404)],
    "410": [Fault(FIRST, do="status", status=410)],
    "503": [Fault(FIRST, do="status", status=503)],
    "too long": [Fault(FIRST, do="length", by=64)],
    "too short": [Fault(FIRST, do="length", by=-1000)],
    "packet_cut": [Fault(FIRST, do="packet_cut")],
    "larger": [Fault(FIRST, do="larger")],
    "redirect": [Fault(FIRST, do="redirect", location="https://files.example.com/a.mp4")],
    "redirect to http": [Fault(FIRST, do="redirect", location="http://files.example.com/a.mp4")],
    "redirect to itself": [Fault(FIRST, do="redirect", location="https://v16-webapp-prime.tiktok.com/video/")],
}
# Faults that need no other mirror.
PASSING: dict[str, Sequence[Fault]] = {
    "cut": [Fault(BOTH, do="cut", every=2, share=0.3), Fault(BOTH, do="cut", nth=1, share=0.3)],
    "cut at once": [Fault(BOTH, do="cut", first=1, at=1)],
    "truncate": [Fault(BOTH, do="truncate", first=1)],
    "drip": [Fault(BOTH, do="drip", piece=5000, pause=0.002)],
    "gzip": [Fault(BOTH, do="gzip")],
    "range ignored": [Fault(BOTH, do="cut", nth=1), Fault(BOTH, do="ignore_range")],
    "429": [Fault(BOTH, do="status", status=429, headers={"Retry-After": "0"}, first=1)],
    "redirect to another host of the CDN": [Fault(FIRST, do="redirect", location=ELSEWHERE)],
}


@pytest.mark.parametrize("name", daily(ONE_MIRROR, "html", "403", "too short", "packet_cut", "redirect"))
def test_another_mirror_has_what_one_does_not(name: str) -> None:
    record, body = only(run(*ONE_MIRROR[name]))
    assert record["media_status"] == "done" and tracks(body) == tracks(served(record))
    assert urlsplit(record["url"]).hostname == "v19-webapp-prime.tiktok.com"


@pytest.mark.parametrize("name", daily(PASSING, "cut", "gzip", "range ignored"))
def test_a_fault_that_passes_leaves_a_whole_file(name: str) -> None:
    record, body = only(run(*PASSING[name]))
    assert record["media_status"] == "done" and tracks(body) == tracks(served(record))


def test_a_connection_that_falls_silent_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_SILENT_S", 0.3)
    done = run(Fault(BOTH, do="drip", piece=50_000, pause=60, first=1))
    record, body = only(done)
    assert record["media_status"] == "done" and tracks(body) == tracks(served(record))
    first, second = asked(done, "v16")
    assert "range" not in first.headers and second.headers["range"] == "bytes=50000-"


def test_what_was_received_is_not_requested_again() -> None:
    done = run(Fault(BOTH, do="cut", nth=1, share=0.8))
    record, _ = only(done)
    first, second = asked(done, "v1")
    assert "range" not in first.headers
    start = int(second.headers["range"].removeprefix("bytes=").rstrip("-"))
    assert start == int(0.8 * len(served(record))) and second.status == 206 and second.headers["if-range"]
    assert record["attempts"] == 2


def test_parts_of_two_versions_are_not_put_together() -> None:
    done = run(Fault(BOTH, do="cut", nth=1), Fault(BOTH, do="changed"))
    record, body = only(done)
    assert record["media_status"] == "done" and tracks(body) == tracks(served(record, ", changed"))


def test_a_part_of_another_version_is_not_taken_for_the_rest() -> None:
    """The CDN sends it although the request names the version."""
    faults = [Fault(BOTH, do="cut", nth=1), Fault(BOTH, do="changed", unconditional=True)]
    record, body = only(run(*faults))
    assert tracks(body) == tracks(served(record, ", changed"))
    assert urlsplit(record["url"]).hostname == "v16-webapp-prime.tiktok.com"


@pytest.mark.parametrize("do", daily(["html", "json", "empty", "reset", "packet_cut", "larger", "redirect"], "html"))
def test_what_no_mirror_has_is_not_there(do: str) -> None:
    more = {"location": "https://files.example.com/a.mp4"} if do == "redirect" else {}
    done = run(Fault(BOTH, do=do, **more))
    record, _ = only(done)
    assert record["media_status"] == "failed" and record["attempts"] >= 2
    [failure] = done.failures
    assert VIDEO.id in failure["error"]["message"] and "scrapy media retry" in failure["error"]["remedy"]


def test_what_is_gone_is_a_definite_answer() -> None:
    done = run(Fault(BOTH, do="status", status=404))
    record, _ = only(done)
    assert (record["media_status"], done.code, done.failures) == ("gone", 0, [])
    assert len(asked(done, "v1")) == 4, "each mirror once, and once more after the post was asked again"


def test_addresses_that_expired_are_replaced_once() -> None:
    for stale, status, pages in ((1, "done", 2), (9, "failed", 2)):
        world = World(seed=1, creators=3, videos=80, signing=OPEN, files=FileRules(stale=stale))
        done = run(world=world)
        record, _ = only(done)
        assert record["media_status"] == status
        assert len(done.asked(f"/@_/video/{VIDEO.id}")) + len(done.asked(f"/@{MAKER}/video/{VIDEO.id}")) == pages


def test_addresses_that_a_cdn_refuses_are_replaced_once() -> None:
    done = run(Fault(BOTH, do="status", status=403, first=2))
    assert only(done)[0]["media_status"] == "done" and len(asked(done, "v1")) == 3
    done = run(Fault(BOTH, do="status", status=410))
    assert only(done)[0]["media_status"] == "failed" and len(asked(done, "v1")) == 4


BILIBILI = partial(crawl, world=WORLD, command=("crawl", "bilibili"))
SHORT = min((WORLD.video(0, place) for place in range(80)), key=lambda video: video.duration or 1e9)
DASH, PICTURES, SOUNDS = "*.m4s", "*-1-[12]*.m4s", "*-1-302*.m4s"
APART: dict[str, Sequence[Fault]] = {
    "nothing": [],
    "cut": [Fault(path=DASH, do="cut", every=3, share=0.4)],
    "html at first": [Fault(path=DASH, do="html", first=1)],
    "sound cut between packets": [Fault(path=SOUNDS, do="packet_cut", first=1)],
    "picture cut between packets": [Fault(path=PICTURES, do="packet_cut", first=1)],
    "gzip": [Fault(path=DASH, do="gzip")],
    "range ignored": [Fault(path=DASH, do="cut", every=2), Fault(path=DASH, do="ignore_range")],
}


@pytest.mark.parametrize("name", daily(APART, "cut", "sound cut between packets"))
def test_picture_and_sound_that_are_apart(name: str) -> None:
    done = run(*APART[name], by=BILIBILI, link=f"url=https://www.bilibili.com/video/{SHORT.bvid}")
    record, body = only(done)
    assert record["media_status"] == "done"
    assert tracks(body).keys() == {"video", "audio"}
    assert abs(record["duration_ms"] / 1000 - SHORT.duration) <= 1


@pytest.mark.parametrize("path", [PICTURES, SOUNDS])
def test_one_track_that_no_mirror_has_whole(path: str) -> None:
    link = f"url=https://www.bilibili.com/video/{SHORT.bvid}"
    done = run(Fault(path=path, do="packet_cut"), by=BILIBILI, link=link)
    record, _ = only(done)
    assert record["media_status"] == "failed"
    assert "cut off" in done.failures[0]["error"]["message"]


def test_segments_and_silent_videos() -> None:
    videos = {name: special(WORLD, name) for name in ("durl_only", "silent")}
    links = " ".join(f"https://www.bilibili.com/video/{video.bvid}" for video in videos.values())
    faults = [Fault(path="*.flv", do="cut", every=3, share=0.3), Fault(path=DASH, do="cut", first=1)]
    done = run(*faults, by=BILIBILI, link=f"url={links}")
    records = {record["video_id"]: record for record in of_media(done)}
    for name, kinds in (("durl_only", {"video", "audio"}), ("silent", {"video"})):
        record = records[videos[name].bvid]
        assert record["media_status"] == "done" and abs(record["duration_ms"] / 1000 - videos[name].duration) <= 1
        assert tracks(stored(done)[record["path"]]).keys() == kinds


@pytest.mark.parametrize("every", [2, 3])
def test_images_that_are_cut_are_continued(every: int) -> None:
    done = run(Fault("p16-*", do="cut", every=every, share=0.4), link=PHOTO, media="image,cover,music")
    records = of_media(done)
    assert {record["media_status"] for record in records} == {"done"}
    assert [record["role"] for record in records].count("image") == 3


def test_an_image_that_is_cut_without_a_sign_of_it() -> None:
    done = run(Fault("p16-*", do="packet_cut"), link=PHOTO, media="cover")
    record, _ = only(done)
    assert record["media_status"] == "failed"


def test_no_secret_is_anywhere() -> None:
    cookie = canaries.header(TIKTOK.login_cookie)
    text = canaries.echo(cookie)
    done = run(
        Fault(FIRST, do="status", status=403, headers={"X-Echo": text}, body=text),
        Fault("p16-*", do="html", body=f"<title>{text}</title>"),
        media="video,cover",
        settings={"LOG_LEVEL": "DEBUG"},
        configs={"tiktok_web": f"cookie: {json.dumps(cookie)}\n", "tiktok_app": ""},
    )
    assert {record["media_status"] for record in of_media(done)} == {"done", "failed"}
    assert canaries.leaks(done, cookie) == []
    sent = {name for request in asked(done, "v1") for name in request.cookies}
    assert sent <= {"tt_chain_token", "ttwid", "msToken"} and "tt_chain_token" in sent
    assert not any(request.cookies for request in asked(done, "p16"))
