"""The files of the simulator's CDNs: real, as long and as large as the platform states, and served by its rules."""

from __future__ import annotations

import io
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import av
import pytest
from PIL import Image

from tests.simulator import Fault, FileRules, Simulator, Video, World, media_files
from tests.simulator.browser import Browser, Reply, browse, visit
from tests.simulator.faults import FILE_KINDS
from tests.simulator.media_files import MediaFile
from tests.simulator.reading import douyin, tiktok
from tests.simulator.reading.douyin import body
from tests.simulator.signing import OPEN
from tests.simulator.worlds.realm import Work

WORLD = World(seed=1, creators=1, videos=40, signing=OPEN)
PLAY = "/x/player/wbi/playurl"


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(WORLD) as running:
        yield running


def tracks(body: bytes) -> dict[str, tuple[str, float]]:
    """Decode the first and the last frame of each track; return codec and length in seconds by the track's type."""
    shown: dict[str, tuple[str, float]] = {}
    for kind in ("video", "audio"):
        with av.open(io.BytesIO(body)) as container:
            streams = [stream for stream in container.streams if stream.type == kind]
            assert len(streams) <= 1
            for stream in streams:
                frames = list(container.decode(stream))
                assert frames[0].time == pytest.approx(0, abs=0.1)
                last = frames[-1]
                step = 1.0 if kind == "video" else last.samples / last.sample_rate
                shown[kind] = (stream.codec_context.codec.canonical_name, (last.time or 0) + step)
    return shown


def holds(body: bytes, seconds: float, **codecs: str) -> None:
    """Check that a file has these tracks and no other, each as long as it is to be."""
    shown = tracks(body)
    assert {kind: codec for kind, (codec, _) in shown.items()} == codecs
    assert all(abs(length - seconds) <= 1 for _, length in shown.values()), (shown, seconds)


def videos(realm: Any, count: int) -> list[Work]:
    """Some works of the first creator that are no image posts."""
    works = [realm.video(0, place) for place in range(40)]
    return [work for work in works if work.hash % 7 != 3][:count]


def play(sim: Simulator, video: Video, **query: object) -> Any:
    """The streams of a video, for a login."""

    async def talk(browser: Browser) -> Any:
        return (await browser.signed(PLAY, bvid=video.bvid, cid=video.cid, qn=127, **query))["data"]

    return browse(sim, talk, WORLD.login_cookie)


def special(name: str) -> Video:
    video = WORLD.video_by_bvid(str(WORLD.special[name]))
    assert video is not None
    return video


@pytest.mark.parametrize("kind, picture, sound", [*media_files.PROFILES, ("m4s", "h264", ""), ("m4s", "hevc", "")])
def test_a_file_is_what_it_is_called(kind: str, picture: str, sound: str) -> None:
    file = MediaFile("some name", kind, 7300, picture, sound)
    body = media_files.content(file)
    holds(body, 7.3, **{name: codec for name, codec in (("video", picture), ("audio", sound)) if codec})
    assert body != media_files.content(file._replace(name="another name"))


@pytest.mark.parametrize("kind", media_files.PICTURES)
def test_a_picture_is_what_it_is_called(kind: str) -> None:
    bodies = [media_files.content(MediaFile(name, kind)) for name in ("one", "other")]
    with Image.open(io.BytesIO(bodies[0])) as image:
        image.load()
        assert (image.format, image.size) == (media_files.PICTURES[kind], (96, 72))
    assert bodies[0] != bodies[1]


def test_the_same_file_is_made_in_every_run() -> None:
    for kind, picture, sound in media_files.PROFILES:
        file = MediaFile("x", kind, 3000, picture, sound)
        assert media_files.content.__wrapped__(file) == media_files.content.__wrapped__(file)


def test_a_token_holds_the_file() -> None:
    file = media_files.video("x", 304_000, 1_700_000, "hevc")
    for digits in (20, 24, 32):
        token = media_files.token(file, digits)
        read = media_files.named(token)
        assert len(token) == digits and read == file._replace(name=token)
    assert media_files.named("f" * 32) is media_files.named("x") is media_files.named("") is None


def test_files_of_tiktok(sim: Simulator) -> None:
    world = WORLD.tiktok
    headers = {"Referer": f"{tiktok.SITE}/", "Cookie": f"tt_chain_token={world.chain_token(1)}"}
    for work in (*videos(world, 3), world.special_work("h265_only")):
        item = tiktok.detail(visit(sim, tiktok.page(work.id))[0])["itemInfo"]["itemStruct"]
        for rate in item["video"]["bitrateInfo"]:
            first, second, _ = rate["PlayAddr"]["UrlList"]
            one, other = visit(sim, first, second, **headers)
            assert one.body == other.body and len(one.body) == int(rate["PlayAddr"]["DataSize"])
            codec = "h264" if rate["CodecType"] == "h264" else "hevc"
            holds(one.body, item["video"]["duration"], video=codec, audio="aac")
        marked, music, cover = visit(
            sim, item["video"]["downloadAddr"], item["music"]["playUrl"], item["video"]["cover"], **headers
        )
        holds(marked.body, item["video"]["duration"], video="h264", audio="aac")
        holds(music.body, item["music"]["duration"], audio="mp3")
        assert Image.open(io.BytesIO(cover.body)).format == "JPEG"
        app = body(visit(sim, tiktok.feed(work.id), **tiktok.APP)[0])["aweme_list"][0]
        for rate in app["video"]["bit_rate"]:
            [file] = visit(sim, rate["play_addr"]["url_list"][0])
            assert len(file.body) == rate["play_addr"]["data_size"]
        holds(file.body, app["video"]["duration"] / 1000, video="hevc", audio="aac")
        holds(visit(sim, app["music"]["play_url"]["url_list"][0])[0].body, app["music"]["duration"], audio="mp3")


def test_files_of_douyin(sim: Simulator) -> None:
    world, referer = WORLD.douyin, {"Referer": f"{douyin.SITE}/"}
    for work in (*videos(world, 3), world.special_work("h265_only")):
        shown = douyin.seen(sim, work.id)[2]
        for rate in shown["video"]["bit_rate"]:
            address = rate["play_addr"]
            one, other = visit(sim, *address["url_list"][:2], **referer)
            assert one.body == other.body and len(one.body) == address["data_size"]
            holds(one.body, shown["duration"] / 1000, video="hevc" if rate["is_h265"] else "h264", audio="aac")
        [hop] = visit(sim, address["url_list"][2])
        holds(
            visit(sim, hop.headers["location"], **referer)[0].body, shown["duration"] / 1000, video="h264", audio="aac"
        )
        music, *covers = visit(sim, shown["music"]["play_url"]["url_list"][0], *shown["video"]["cover"]["url_list"])
        holds(music.body, shown["music"]["duration"], audio="mp3")
        assert [Image.open(io.BytesIO(cover.body)).format for cover in covers] == ["WEBP", "JPEG"]


def test_files_of_works_whose_sound_is_apart(sim: Simulator) -> None:
    headers = {"Referer": f"{tiktok.SITE}/", "Cookie": f"tt_chain_token={WORLD.tiktok.chain_token(1)}"}
    page = visit(sim, tiktok.page(WORLD.tiktok.special["separate_sound"]))[0]
    video = tiktok.detail(page)["itemInfo"]["itemStruct"]["video"]
    urls = [rate["PlayAddr"]["UrlList"][0] for rate in video["bitrateInfo"]]
    files = [reply.body for reply in visit(sim, video["playAddr"], *urls, **headers)]
    assert [tracks(file).keys() for file in files] == [{"video", "audio"}, {"video"}] + [{"video", "audio"}] * 3 + [
        {"audio"}
    ]
    assert all(abs(end - video["duration"]) <= 1 for file in files for _, end in tracks(file).values())
    shown = douyin.seen(sim, WORLD.douyin.special["separate_sound"])[2]["video"]
    urls = [rate["play_addr"]["url_list"][0] for rate in shown["bit_rate"]]
    urls += [sound["audio_meta"]["url_list"]["main_url"] for sound in shown["bit_rate_audio"]]
    files = [reply.body for reply in visit(sim, *urls, Referer=f"{douyin.SITE}/")]
    assert [tracks(file).keys() for file in files] == [{"video"}] * 4 + [{"audio"}] * 2
    assert all(abs(end - shown["duration"] / 1000) <= 1 for file in files for _, end in tracks(file).values())


def test_files_of_image_posts(sim: Simulator) -> None:
    shown = douyin.seen(sim, WORLD.douyin.special["mixed"])[2]
    for image in shown["images"]:
        replies = visit(sim, *image["url_list"])
        assert [Image.open(io.BytesIO(reply.body)).format for reply in replies] == ["WEBP", "AVIF", "JPEG"]
    clip = shown["images"][1]["video"]["play_addr"]
    [file] = visit(sim, clip["url_list"][0], Referer=f"{douyin.SITE}/")
    assert len(file.body) == clip["data_size"]
    holds(file.body, 3, video="h264", audio="aac")
    [sound] = visit(sim, shown["video"]["play_addr"]["url_list"][0])
    assert tracks(sound.body).keys() == {"audio"}
    post = tiktok.detail(visit(sim, tiktok.page(WORLD.tiktok.special["photo"]))[0])["itemInfo"]["itemStruct"]
    replies = visit(sim, *post["imagePost"]["images"][0]["imageURL"]["urlList"])
    assert [Image.open(io.BytesIO(reply.body)).format for reply in replies] == ["JPEG", "WEBP"]


def test_files_of_bilibili(sim: Simulator) -> None:
    referer = {"Referer": "https://www.bilibili.com/"}
    for name in ("silent", "dolby", "flac"):
        video = special(name)
        dash = play(sim, video, fnval=4048)["dash"]
        one, other = (stream for stream in dash["video"] if stream["id"] == 32 and stream["codecid"] in (7, 12))
        for stream, codec in ((one, "h264"), (other, "hevc")):
            files = visit(sim, stream["baseUrl"], *(stream["backupUrl"] or ()), **referer)
            assert len({file.body for file in files}) == 1
            holds(files[0].body, video.duration, video=codec)
        for stream in dash["audio"] or ():
            holds(visit(sim, stream["baseUrl"], **referer)[0].body, video.duration, audio="aac")
    [lossless] = visit(sim, dash["flac"]["audio"]["baseUrl"], **referer)
    holds(lossless.body, video.duration, audio="flac")
    [single] = play(sim, special("coop"), platform="html5")["durl"]
    [file] = visit(sim, single["url"])
    assert len(file.body) == single["size"]
    holds(file.body, special("coop").duration, video="h264", audio="aac")
    segments = play(sim, special("durl_only"))["durl"]
    files = visit(sim, *(segment["url"] for segment in segments), **referer)
    assert [len(file.body) for file in files] == [segment["size"] for segment in segments]
    for segment, file in zip(segments, files, strict=True):
        holds(file.body, segment["length"] / 1000, video="h264", audio="aac")


def test_a_path_that_no_answer_names(sim: Simulator) -> None:
    referer = {"Referer": "https://www.bilibili.com/"}
    path = "upgcxcode/00/00/1/1-1-17032.m4s?deadline=4000000000"
    assert visit(sim, f"https://upos-sz-mirrorcos.bilivideo.com/{path}", **referer)[0].status == 404


def test_parts_of_a_file(sim: Simulator) -> None:
    [single] = play(sim, special("coop"), platform="html5")["durl"]
    [whole] = visit(sim, single["url"])
    size, tag, date = len(whole.body), whole.headers["etag"], whole.headers["last-modified"]

    def part(range: str, **headers: str) -> Reply:
        return visit(sim, single["url"], Range=range, **headers)[0]

    for wanted, start, end in (
        ("0-9", 0, 10),
        (f"{size - 5}-", size - 5, size),
        ("-7", size - 7, size),
        ("9-99999999", 9, size),
    ):
        reply = part(f"bytes={wanted}")
        assert (reply.status, reply.body) == (206, whole.body[start:end])
        assert reply.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert (reply.headers["etag"], reply.headers["accept-ranges"]) == (tag, "bytes")
    for wanted in (f"{size}-", "9-8", "-0"):
        reply = part(f"bytes={wanted}")
        assert (reply.status, reply.body, reply.headers["content-range"]) == (416, b"", f"bytes */{size}")
    for wanted in ("lines=1-2", "bytes=-", "bytes=0-1,5-9"):
        assert (part(wanted).status, part(wanted).body) == (200, whole.body)
    for condition, status in ((tag, 206), (date, 206), ('"another"', 200)):
        assert part("bytes=0-9", If_Range=condition).status == status

    async def head(browser: Browser) -> Reply:
        return await browser.raw(single["url"], "HEAD")

    reply = browse(sim, head)
    assert (reply.status, reply.body, reply.headers["content-length"], reply.headers["etag"]) == (
        200,
        b"",
        str(size),
        tag,
    )


def test_cookies_that_a_cdn_does_not_need(sim: Simulator) -> None:
    world = WORLD.tiktok
    own = f"tt_chain_token={world.chain_token(1)}; ttwid=1; msToken=2"
    item = tiktok.detail(visit(sim, tiktok.page(videos(world, 1)[0].id))[0])["itemInfo"]["itemStruct"]["video"]
    cover = douyin.seen(sim, WORLD.douyin.special["note"])[2]["images"][0]["url_list"][0]
    [single] = play(sim, special("coop"), platform="html5")["durl"]
    sim.forget()
    visit(sim, item["playAddr"], Referer=f"{tiktok.SITE}/", Cookie=own)
    assert sim.violations == [], "these three are what it needs"
    visit(sim, item["playAddr"], Cookie=f"{own}; {world.login_cookie}")
    visit(sim, item["cover"], cover, Cookie="ttwid=1")
    visit(sim, single["url"], Cookie="buvid3=1")
    broken = {
        (violation.number - sim.requests[0].number, violation.what)
        for violation in sim.violations
        if violation.kind == "file"
    }
    login = {"sessionid", "sessionid_ss", "sid_tt", "sid_guard", "LOGIN_STATUS"}
    assert broken == {*((1, name) for name in login), (2, "ttwid"), (3, "ttwid"), (4, "buvid3")}


LOSS = (aiohttp.ClientPayloadError, aiohttp.ClientOSError)


def damaged(sim: Simulator, do: str, range: str = "", if_range: str = "", **args: Any) -> tuple[Reply, bytes]:
    """Ask for a file that has a fault; return what came and the file itself."""
    [single] = play(sim, special("coop"), platform="html5")["durl"]
    [whole] = visit(sim, single["url"])
    sim.faults = [Fault(host="*.bilivideo.*", do=do, **args)]
    sim.forget()
    try:
        return visit(sim, single["url"], Range=range, If_Range=if_range)[0], whole.body
    finally:
        sim.faults = []


def test_a_body_that_is_cut(sim: Simulator) -> None:
    for args, share in (({}, 0.5), ({"share": 0.1}, 0.1), ({"at": 500}, None)):
        with pytest.raises(LOSS):
            damaged(sim, "cut", **args)
        [(_, sent)] = sim.sent.items()
        size = play(sim, special("coop"), platform="html5")["durl"][0]["size"]
        assert sent == (500 if share is None else int(size * share))


def test_a_length_that_is_wrong(sim: Simulator) -> None:
    with pytest.raises(LOSS):
        damaged(sim, "length", by=10)
    reply, whole = damaged(sim, "length", by=-10)
    assert (reply.status, reply.body) == (200, whole[:-10])


def test_a_slow_body(sim: Simulator) -> None:
    reply, whole = damaged(sim, "drip", piece=20_000, pause=0.001)
    assert reply.body == whole


def test_a_compressed_body(sim: Simulator) -> None:
    reply, whole = damaged(sim, "gzip")
    assert (reply.headers["content-encoding"], reply.body) == ("gzip", whole)
    assert int(reply.headers["content-length"]) != len(whole)


def test_a_range_that_is_ignored(sim: Simulator) -> None:
    reply, whole = damaged(sim, "ignore_range", "bytes=5-")
    assert (reply.status, reply.body) == (200, whole) and "content-range" not in reply.headers


def test_a_file_that_is_cut_between_packets(sim: Simulator) -> None:
    reply, whole = damaged(sim, "packet_cut")
    assert len(whole) * 0.4 < len(reply.body) < len(whole) * 0.6 and whole.startswith(reply.body)
    assert int(reply.headers["content-length"]) == len(reply.body), "nothing in the answer shows it"
    seconds = special("coop").duration
    assert all(codec in ("h264", "aac") and end < 0.7 * seconds for codec, end in tracks(reply.body).values())
    with av.open(io.BytesIO(reply.body)) as container:
        assert (container.duration or 0) / 1e6 == pytest.approx(seconds, abs=1), "the head knows the whole length"
    part, _ = damaged(sim, "packet_cut", "bytes=10-")
    assert (part.status, part.body) == (206, reply.body[10:])


def test_a_file_that_changes(sim: Simulator) -> None:
    reply, whole = damaged(sim, "changed")
    assert len(reply.body) == len(whole) and reply.body != whole
    tag = f'"{sha256(whole).hexdigest()[:32]}"'
    assert reply.headers["etag"] != tag
    for args, status in (({}, 200), ({"unconditional": True}, 206)):
        assert damaged(sim, "changed", "bytes=5-", tag, **args)[0].status == status


def test_a_file_that_is_too_large(sim: Simulator) -> None:
    reply, whole = damaged(sim, "larger", by=100)
    assert reply.body == whole + bytes(100)


def test_every_kind_of_fault_is_tested() -> None:
    tested = {do for do in FILE_KINDS if f'damaged(sim, "{do}"' in Path(__file__).read_text("utf-8")}
    assert tested == FILE_KINDS


def test_other_faults_at_one_mirror(sim: Simulator) -> None:
    stream = next(s for s in play(sim, special("flac"), fnval=4048)["dash"]["video"] if s["id"] == 32)
    urls = [stream["baseUrl"], *stream["backupUrl"]]
    hosts = [urlsplit(url).hostname for url in urls]
    assert len(urls) > 1
    sim.faults = [Fault(host=str(hosts[0]), do="status", status=410)]
    replies = visit(sim, *urls, Referer="https://www.bilibili.com/")
    sim.faults = []
    assert [reply.status for reply in replies] == [410] + [200] * (len(urls) - 1)


def test_bytes_are_counted_by_file(sim: Simulator) -> None:
    [single] = play(sim, special("coop"), platform="html5")["durl"]
    sim.forget()
    visit(sim, single["url"], Range="bytes=10-19")
    visit(sim, single["url"])
    parts = urlsplit(single["url"])
    assert sim.sent == {f"{parts.hostname}{parts.path}": 10 + single["size"]}


def test_addresses_that_have_expired_when_they_are_given() -> None:
    work = videos(WORLD.tiktok, 1)[0]
    note = videos(WORLD.douyin, 1)[0]
    with Simulator(World(seed=1, creators=1, videos=40, signing=OPEN, files=FileRules(stale=1))) as sim:
        statuses = []
        for _ in range(2):
            page = visit(sim, tiktok.page(work.id))[0]
            token = f"tt_chain_token={sim.world.tiktok.chain_token(1)}"
            web = tiktok.detail(page)["itemInfo"]["itemStruct"]["video"]["bitrateInfo"][0]["PlayAddr"]["UrlList"][0]
            app = body(visit(sim, tiktok.feed(work.id), **tiktok.APP)[0])["aweme_list"][0]["video"]["bit_rate"][0]
            [shown] = visit(sim, douyin.slides(note.id), Referer=f"{douyin.SITE}/")
            file = body(shown)["aweme_details"][0]["video"]["play_addr"]["url_list"][0]
            stream = play(sim, special("coop"), fnval=4048)["dash"]["video"][0]["baseUrl"]
            answers = [
                visit(sim, web, Referer=f"{tiktok.SITE}/", Cookie=token),
                visit(sim, app["play_addr"]["url_list"][0]),
                visit(sim, file, Referer=f"{douyin.SITE}/"),
                visit(sim, stream, Referer="https://www.bilibili.com/"),
            ]
            statuses.append([reply.status for [reply] in answers])
    assert statuses == [[403] * 4, [200] * 4]


def test_a_token_of_another_page() -> None:
    with Simulator(World(seed=1, creators=1, videos=40, signing=OPEN, files=FileRules(binds_tokens=True))) as sim:
        work, world = videos(sim.world.tiktok, 1)[0], sim.world.tiktok
        for _ in range(2):
            page = visit(sim, tiktok.page(work.id))[0]
        tokens = [f"tt_chain_token={world.chain_token(number)}" for number in (1, 2)]
        again = visit(sim, tiktok.page(work.id), Cookie=tokens[0])[0]
        statuses = []
        for shown in (page, again):
            url = tiktok.detail(shown)["itemInfo"]["itemStruct"]["video"]["playAddr"]
            statuses.append([visit(sim, url, Referer=f"{tiktok.SITE}/", Cookie=token)[0].status for token in tokens])
    assert statuses == [[403, 200], [200, 403]]


def test_a_large_file() -> None:
    size = 70 * 2**20
    with Simulator(World(seed=1, creators=1, videos=40, signing=OPEN, files=FileRules(size=size))) as sim:
        work = videos(sim.world.douyin, 1)[0]
        [shown] = visit(sim, douyin.slides(work.id), Referer=f"{douyin.SITE}/")
        address = body(shown)["aweme_details"][0]["video"]["play_addr"]
        whole, part = (
            visit(sim, address["url_list"][0], Referer=f"{douyin.SITE}/", **headers)[0]
            for headers in ({}, {"Range": f"bytes={size - 100}-"})
        )
    assert len(whole.body) == address["data_size"] == size and part.body == whole.body[-100:]
    holds(whole.body, body(shown)["aweme_details"][0]["duration"] / 1000, video="h264", audio="aac")
