"""Which stream is the best one: never a silent file while one with sound exists. Cases 1 of the field.

The values that are right come from the field's reports and docs/records.md, not from the code.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.platform import Context
from scraper.platform.targets import Target
from scraper.records import AudioStream, Stream, Video, VideoData, stream_choice
from spiders.bilibili.parse import parse_view
from spiders.bilibili.streams import add_dash, add_mp4
from spiders.douyin.parse import parse_work
from spiders.tiktok.parse_app import parse_aweme
from spiders.tiktok.parse_web import parse_item

ITEM_ID = "7300000000000000002"
MUSIC = "https://cdn.test/music.mp3"
CONTEXT = Context(Target("video", ITEM_ID, "as given", (), ""), user_agent="Agent/1.0")
STREAMS = st.builds(
    Stream,
    width=st.one_of(st.none(), st.integers(1, 4000)),
    height=st.one_of(st.none(), st.integers(1, 4000)),
    bitrate=st.one_of(st.none(), st.integers(1, 10**7)),
    audio=st.sampled_from([True, False, None]),
    urls=st.integers(0, 9).map(lambda number: [f"https://cdn.test/{number}"]),
)
SOUNDS = st.lists(st.builds(AudioStream, urls=st.just(["https://cdn.test/sound"])), max_size=2)


def audio_of(data: VideoData, address: str | None) -> set[bool | None]:
    return {stream.audio for stream in data.streams if stream.urls[0] == address}


@given(
    st.lists(STREAMS, min_size=1, max_size=6, unique_by=lambda stream: stream.urls[0]), SOUNDS, st.booleans(), st.data()
)
def test_what_is_chosen_has_sound_if_anything_has(
    streams: list[Stream], sounds: list[AudioStream], pairs: bool, data: st.DataObject
) -> None:
    played = data.draw(st.one_of(st.none(), st.sampled_from([stream.urls[0] for stream in streams])))
    order = stream_choice.paired(streams, [], sounds) if pairs else stream_choice.ranked(streams)
    video = VideoData(streams=order, audio_streams=sounds)
    missing = stream_choice.choose(video, played, music=None)
    if any(stream.audio for stream in streams):
        for address in (video.nwm_video_url_HQ, video.nwm_video_url or video.nwm_video_url_HQ):
            assert audio_of(video, address) == {True} or video.audio_url
        assert missing == []
    assert video.nwm_video_url_HQ is not None
    if all(stream.audio is False for stream in streams) and not sounds:
        assert missing and video.hq_choice == "picture_only" and video.audio_url is None


def quality(name: str, lines: int, **fields: Any) -> dict[str, Any]:
    address = {"UrlList": [f"https://cdn.test/{name}"], "Width": lines, "Height": lines * 2}
    return {"GearName": f"adapt_{lines}_1", "CodecType": "h264", "Bitrate": lines * 1000, **fields, "PlayAddr": address}


def tiktok(*qualities: dict[str, Any], play: str | None = None, **whole: Any) -> Video:
    video = {"duration": 9, "bitrateInfo": list(qualities), "playAddr": play, **whole}
    raw = {"id": ITEM_ID, "createTime": 1790000000, "author": {"uniqueId": "someone"}, "video": video}
    return parse_item({**raw, "music": {"id": "1", "playUrl": MUSIC}, "stats": {}}, CONTEXT)


SILENT = [
    pytest.param("media-video-hvc1/720", {"CodecType": "h265_hvc1"}, id="path"),
    pytest.param("media-video-avc1/720", {}, id="path of another codec"),
    pytest.param("720", {"Format": "dash"}, id="format"),
    pytest.param("720", {"format": "dash"}, id="format, as the app spells it"),
    pytest.param("720", {"bit_rate_audio": 0}, id="bitrate of the sound"),
    pytest.param("720", {"codecs": "hvc1.1.6.L120"}, id="codecs"),
    pytest.param("720", {"has_audio": False}, id="flag"),
]  # fmt: skip


@pytest.mark.parametrize("path, mark", SILENT)
def test_a_silent_picture_never_is_the_best_video(path: str, mark: dict[str, Any]) -> None:
    data = tiktok(quality(path, 720, **mark), quality("540", 540), play=f"https://cdn.test/{path}").video_data
    assert data and data.nwm_video_url_HQ == data.nwm_video_url == "https://cdn.test/540"
    assert [(stream.urls[0][-3:], stream.audio) for stream in data.streams] == [("540", True), ("720", False)]
    assert (data.hq_choice, data.audio_url) == ("with_sound", None)


@pytest.mark.parametrize("path, mark", SILENT)
def test_where_all_is_silent_the_music_is_given_and_named(path: str, mark: dict[str, Any]) -> None:
    video = tiktok(quality(path, 720, **mark))
    data = video.video_data
    assert data and (data.nwm_video_url_HQ, data.hq_choice) == (f"https://cdn.test/{path}", "picture_only")
    assert data.audio_url == data.audio_url_HQ == MUSIC
    assert video.meta.missing == ["video_data.streams.audio"]


@pytest.mark.parametrize("name", ["has_audio", "hasAudio", "HasAudio"])
@pytest.mark.parametrize(
    "whole, expected",
    [(False, [True, False]), (0, [True, False]), (True, [True, True]), (None, [True, True]), ("?", [True, True])],
    ids=str,
)
def test_what_is_true_of_the_whole_video_is_true_of_its_streams(name: str, whole: Any, expected: list[bool]) -> None:
    """A quality that says otherwise is believed about itself."""
    data = tiktok(quality("720", 720, has_audio=True), quality("540", 540), **{name: whole}).video_data
    assert data and [stream.audio for stream in data.streams] == expected
    addresses = [{"width": lines, "height": 1280, "url_list": [f"https://cdn.test/{lines}"]} for lines in (720, 540)]
    rates = [{"play_addr": addresses[0], "has_audio": True}, {"play_addr": addresses[1]}]
    raw = {"aweme_id": ITEM_ID, "create_time": 1790000000, "author": {"uid": "1", "unique_id": "someone"}}
    app = parse_aweme({**raw, "video": {"bit_rate": rates, name: whole}}, CONTEXT).video_data
    assert app and [stream.audio for stream in app.streams] == expected


def test_a_video_without_any_sound_names_what_it_lacks() -> None:
    video = tiktok(quality("720", 720), quality("540", 540), play="https://cdn.test/540", has_audio=False)
    data = video.video_data
    assert data and [stream.audio for stream in data.streams] == [False, False]
    assert (data.hq_choice, data.audio_url, video.meta.missing) == ("picture_only", MUSIC, ["video_data.streams.audio"])


def test_h265_with_sound_stays_the_best() -> None:
    data = tiktok(quality("720", 720, CodecType="h265_hvc1"), quality("540", 540)).video_data
    assert data and data.nwm_video_url_HQ == "https://cdn.test/720" and data.streams[0].audio is True


def test_a_format_that_nobody_knows_is_no_promise_of_sound() -> None:
    data = tiktok(quality("720", 720, Format="ts9"), quality("540", 540)).video_data
    assert data and [stream.audio for stream in data.streams] == [True, None]


def test_sound_alone_is_no_picture() -> None:
    sound = quality("media-audio-und-mp4a/1", 128)
    data = tiktok(quality("media-video-hvc1/720", 720), sound).video_data
    assert data and [stream.quality for stream in data.streams] == ["720p"]
    assert data.audio_url == "https://cdn.test/media-audio-und-mp4a/1"
    assert data.hq_choice == "picture_with_separate_sound"


def test_tiktok_app() -> None:
    address = {"width": 720, "height": 1280}
    rates = [
        {"gear_name": "a_720", "play_addr": {**address, "url_list": ["https://cdn.test/media-video-hvc1/720"]}},
        {"gear_name": "a_540", "play_addr": {"width": 540, "height": 960, "url_list": ["https://cdn.test/540"]}},
    ]
    raw = {"aweme_id": ITEM_ID, "create_time": 1790000000, "author": {"uid": "1", "unique_id": "someone"}}
    video = parse_aweme({**raw, "video": {"bit_rate": rates}}, CONTEXT)
    assert video.video_data and video.video_data.nwm_video_url_HQ == "https://cdn.test/540"


def douyin(rates: list[dict[str, Any]], **video: Any) -> Video:
    music = {"id_str": "1", "play_url": {"url_list": [MUSIC]}}
    raw = {"aweme_id": ITEM_ID, "create_time": 1790000000, "author": {"uid": "1"}, "aweme_type": 0, "music": music}
    return parse_work({**raw, "video": {"bit_rate": rates, **video}}, CONTEXT)


def rate(lines: int, **fields: Any) -> dict[str, Any]:
    address = {"uri": f"v{lines}", "url_list": [f"https://cdn.test/{lines}"], "width": lines, "height": lines * 2}
    return {"gear_name": f"normal_{lines}_0", "is_h265": 0, **fields, "play_addr": address}


def test_douyin() -> None:
    data = douyin([rate(1080, format="dash"), rate(720, format="mp4")]).video_data
    assert data and data.nwm_video_url_HQ == "https://cdn.test/720"
    assert [stream.audio for stream in data.streams] == [True, False]
    alone = douyin([rate(1080, format="dash")])
    assert (
        alone.video_data and alone.video_data.audio_url == MUSIC and alone.meta.missing == ["video_data.streams.audio"]
    )


def test_douyin_with_sound_of_its_own() -> None:
    meta = {"bitrate": 64000, "url_list": {"main_url": "https://cdn.test/s1", "backup_url": "https://cdn.test/s2"}}
    video = douyin([rate(1080, format="dash")], bit_rate_audio=[{"audio_meta": meta}])
    data = video.video_data
    assert data and (data.audio_url, data.hq_choice) == ("https://cdn.test/s1", "picture_with_separate_sound")
    assert video.meta.missing == []


def bilibili() -> Video:
    raw = {"bvid": "BV1M1421t7hT", "aid": 1, "pubdate": 1790000000, "owner": {"mid": 1, "name": "n"}, "stat": {}}
    return parse_view({**raw, "pages": [{"cid": 5, "page": 1}]}, Context(Target("video", "BV1M1421t7hT", "", (), "")))


def dash(audio: Any) -> dict[str, Any]:
    picture = {"id": 80, "baseUrl": "https://cdn.test/p.m4s", "codecid": 7, "width": 1920, "height": 1080}
    return {"data": {"dash": {"video": [picture], "audio": audio}}}


FILE = {"data": {"quality": 64, "durl": [{"url": "https://cdn.test/f.mp4"}]}}


def test_bilibili_gives_the_best_picture_with_its_sound_beside() -> None:
    video = bilibili()
    add_dash(video, dash([{"id": 30280, "baseUrl": "https://cdn.test/a.m4s", "bandwidth": 9}]), CONTEXT)
    add_mp4(video, FILE, CONTEXT)
    data = video.video_data
    assert data and data.nwm_video_url_HQ == "https://cdn.test/p.m4s" and data.nwm_video_url == "https://cdn.test/f.mp4"
    assert (data.audio_url_HQ, data.hq_choice) == ("https://cdn.test/a.m4s", "picture_with_separate_sound")


def test_bilibili_without_the_sound_of_its_picture_gives_the_file() -> None:
    video = bilibili()
    add_dash(video, dash([{"id": 30280}]), CONTEXT)
    assert video.meta.missing == ["video_data.streams.audio", "video_data.audio_url"]
    add_mp4(video, FILE, CONTEXT)
    data = video.video_data
    assert data and data.nwm_video_url_HQ == data.nwm_video_url == "https://cdn.test/f.mp4"
    assert (data.hq_choice, video.meta.missing) == ("with_sound", [])


def test_a_bilibili_video_without_any_sound_lacks_nothing() -> None:
    video = bilibili()
    add_dash(video, dash(None), CONTEXT)
    assert video.meta.missing == [] and video.video_data and video.video_data.hq_choice == "picture_only"


def test_a_bilibili_answer_that_does_not_mention_sound_lacks_it() -> None:
    video, answer = bilibili(), dash(None)
    del answer["data"]["dash"]["audio"]
    add_dash(video, answer, CONTEXT)
    assert video.meta.missing == ["video_data.streams.audio", "video_data.audio_url"]
    assert video.video_data and video.video_data.hq_choice == "picture_only"


def test_a_douyin_video_without_sound_has_none_in_any_quality_that_says_nothing() -> None:
    alone = {"play_addr": {"uri": "v1", "url_list": ["https://cdn.test/1"]}}
    video = douyin([rate(1080), rate(720, format="mp4"), rate(540, audio_bitrate=64000)], has_audio=False, **alone)
    assert video.video_data
    heard = {stream.urls[0].rpartition("/")[2]: stream.audio for stream in video.video_data.streams}
    assert heard == {"1080": False, "720": False, "540": True, "1": False}
    silent = douyin([rate(1080)], has_audio=False)
    assert silent.meta.missing == ["video_data.streams.audio"]
    assert silent.video_data and silent.video_data.hq_choice == "picture_only"
