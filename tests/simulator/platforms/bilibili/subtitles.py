"""What is said in a video: the list of its subtitles, for logged-in sessions, and the files."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from tests.simulator.messages import Answer, Request, html_answer, json_answer, whole
from tests.simulator.platforms.bilibili import envelope, work
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.randomness import hex_of, words
from tests.simulator.world import Video, World

HOST = "aisubtitle.hdslb.com"
FIRST_ID, CUES = 1_000_000_000_000_000_000, 5
# Works whose list is at times that of another work: name -> how often, at most.
FOREIGN = {"dolby": 10**9, "flac": 1}


class Subtitles:
    """Answers for the player; it remembers how often it gave what belongs to another work."""

    def __init__(self, world: World, gate: Gate) -> None:
        self._world = world
        self._gate = gate
        self._given: Counter[str] = Counter()

    def player(self, request: Request) -> Answer:
        """What the player asks for beside the streams."""
        video = work.find(self._world, request.query)
        if isinstance(video, Answer):
            return video
        cid = whole(request.query.get("cid"))
        if cid not in video.cids:
            return envelope.refusal(-400)
        login = self._gate.logged_in(request)
        shown = self._shown(video, cid) if login else []
        about = {"allow_submit": False, "lan": "", "lan_doc": "", "subtitles": shown}
        return envelope.ok(
            {
                "aid": video.aid,
                "bvid": video.bvid,
                "cid": cid,
                "page_no": video.cids.index(cid) + 1,
                "login_mid": self._world.account.mid if login else 0,
                "need_login_subtitle": not login,
                "subtitle": about,
                "view_points": [],
            }
        )

    def _shown(self, video: Video, cid: int) -> list[dict[str, Any]]:
        if self._given[video.kind] < FOREIGN.get(video.kind, 0):
            self._given[video.kind] += 1
            other = self._world.video(0, 0)
            return [_entry(other, other.cid, "ai-zh")]
        return [_entry(video, cid, lang) for lang in languages(video)]


def languages(video: Video) -> list[str]:
    """In which languages a work has subtitles: some have none."""
    return [[], ["ai-zh"], ["ai-zh", "en-US"], ["en-US"]][0 if video.kind == "silent" else 1 + video.hash % 3]


def file(request: Request) -> Answer:
    """The file of one subtitle, to whoever has its key."""
    deadline = whole(request.query.get("auth_key", "").partition("-")[0]) or 0
    if not request.path.startswith("/bfs"):
        return html_answer("404 Not Found", 404)
    if deadline < time.time():
        return html_answer("403 Forbidden", 403)
    body = [
        {"from": place * 2.5, "to": place * 2.5 + 2, "sid": place + 1, "location": 2, "content": line, "music": 0.0}
        for place, line in enumerate(lines(request.path))
    ]
    return json_answer(
        {"font_size": 0.4, "font_color": "#FFFFFF", "Stroke": "none", "type": "AIsubtitle", "body": body}
    )


def lines(path: str) -> list[str]:
    """What a file says."""
    return [words(int(hex_of(path)[place : place + 8], 16), 3) for place in range(CUES)]


def path_of(video: Video, cid: int, lang: str) -> str:
    """Where the file of a subtitle is: what a machine made is told by work and part."""
    if lang.startswith("ai-"):
        return f"/bfs/ai_subtitle/prod/{video.aid}{cid}{hex_of(cid, lang)}"
    return f"/bfs/subtitle/{hex_of(cid, lang)}.json"


def _entry(video: Video, cid: int, lang: str) -> dict[str, Any]:
    number = FIRST_ID + cid * 10 + len(lang)
    key = f"{int(time.time()) + 7200}-{hex_of(cid)}-0-{hex_of(cid, 'key')}"
    return {
        "id": number,
        "lan": lang,
        "lan_doc": "中文（自动生成）" if lang.startswith("ai-") else "英语",
        "is_lock": False,
        "subtitle_url": f"//{HOST}{path_of(video, cid, lang)}?auth_key={key}",
        "type": int(lang.startswith("ai-")),
        "id_str": str(number),
        "ai_type": 0,
        "ai_status": 2 if lang.startswith("ai-") else 0,
    }
