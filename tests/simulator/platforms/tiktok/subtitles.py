"""What is said in TikTok's videos: the lists of web and app, and the files."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.tiktok import streams
from tests.simulator.randomness import hex_of, words
from tests.simulator.worlds.realm import Work
from tests.simulator.worlds.tiktok import TiktokWorld

FOLDER = "/video/tos/subtitle/"
HOST = "v16-webapp.tiktok.com"
CUES, STEP_MS, SHOWN_MS = 4, 2500, 2000
# Language -> its number, who made it on the web, and whether a machine did and in the language that is spoken.
TRACKS = {
    "eng-US": ("2", "ASR", True, True),
    "vie-VN": ("10", "MT", True, False),
    "deu-DE": ("8", "LC", False, True),
}


def languages(work: Work) -> list[str]:
    """In which languages a video has subtitles: most have none."""
    return [[], ["eng-US", "vie-VN"], [], ["deu-DE"]][work.hash % 4]


def listed(world: TiktokWorld, work: Work) -> list[dict[str, Any]]:
    """Return the list that every answer of the web has. The subtitle of the creator is only in the newer list."""
    entries = []
    for code in languages(work):
        number, source, is_made, _ = TRACKS[code]
        if is_made:
            entry = {"LanguageID": number, "LanguageCodeName": code, "Url": _url(world, work, code)}
            entry |= {"UrlExpire": str(_expires(world)), "Format": "webvtt", "Version": "1:whisper_lid"}
            entries.append({**entry, "Source": source, "Size": str(len(_webvtt(_token(work, code))))})
    return entries


def of_web(world: TiktokWorld, work: Work) -> dict[str, Any]:
    """The newer list of the web."""
    about = {"hasOriginalAudio": True, "enableAutoCaption": True}
    if not languages(work):
        return {**about, "noCaptionReason": 3}
    return {**about, "captionInfos": [_caption(world, work, code) for code in languages(work)]}


def of_app(world: TiktokWorld, work: Work) -> dict[str, Any]:
    """The list of the app."""
    entries = []
    for code in languages(work):
        url, (_, _, is_made, is_original) = _url(world, work, code), TRACKS[code]
        entry = {"lang": code, "url": url, "url_list": [url], "caption_format": "webvtt", "expire": _expires(world)}
        entries.append({**entry, "is_auto_generated": is_made, "is_original_caption": is_original})
    return {"has_original_audio": True, "caption_infos": entries}


def file(request: Request) -> Answer:
    """The file of one subtitle."""
    return Answer(_webvtt(request.path.split("/")[1]).encode(), kind="text/vtt")


def lines(work: Work, code: str) -> list[str]:
    """What is said in a video, in one of its languages."""
    return _lines(_token(work, code))


def _lines(token: str) -> list[str]:
    return [words(int(hex_of(token)[place : place + 8], 16), 3) for place in range(CUES)]


def _webvtt(token: str) -> str:
    text = ["WEBVTT\n\n"]
    for place, line in enumerate(_lines(token)):
        start = place * STEP_MS
        text.append(f"{_time(start)} --> {_time(start + SHOWN_MS)}\n{line}\n\n")
    return "".join(text)


def _time(ms: int) -> str:
    return f"00:{ms // 60000:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _caption(world: TiktokWorld, work: Work, code: str) -> dict[str, Any]:
    url, (number, _, is_made, is_original) = _url(world, work, code), TRACKS[code]
    entry = {"language": code, "languageID": number, "url": url, "urlList": [url, _play(work)]}
    entry |= {"expire": str(_expires(world)), "captionFormat": "webvtt", "languageCode": code[:2]}
    ids = {"claSubtitleID": str(int(work.id) + int(number)), "subID": f"-{number}"}
    return {**entry, **ids, "isAutoGen": is_made, "isOriginalCaption": is_original}


def _url(world: TiktokWorld, work: Work, code: str) -> str:
    return f"https://{HOST}/{_token(work, code)}/{_expires(world):08x}{FOLDER}?a=1988"


def _play(work: Work) -> str:
    return f"https://www.tiktok.com/aweme/v1/play/?faid=1988&video_id={work.id}"


def _token(work: Work, code: str) -> str:
    return hex_of(work.id, code)


def _expires(world: TiktokWorld) -> int:
    return int(world.now()) + streams.WEB_VALID_S
