"""The world of Douyin: its special cases, its short links and its rooms."""

from __future__ import annotations

from typing import Any

from tests.simulator.randomness import hex_of, mix, words
from tests.simulator.worlds.hops import short_links
from tests.simulator.worlds.realm import EPOCH, WORD, Maker, Realm, tracked
from tests.simulator.worlds.shelves import Shelves

SHARE = "https://www.iesdouyin.com/share"
# Works that can be seen; each has one trait.
VISIBLE = (
    "note",
    "slides",
    "live_photo",
    "mixed",
    "h265_only",
    "no_bit_rate",
    "null_bit_rate",
    "no_create_time",
    "null_lists",
    "nested",
    "in_mix",
    "type_unknown",
    "type_image_with_video",
    "no_music",
    "separate_sound",
    "comments_closed",
    "images_base",
    "busy",
)
# Works that can be seen, though not on every route: name -> what the share page (or the detail) does instead.
HALF = {
    "page_no_info": "no_info",
    "page_status_only": "status_only",
    "page_captcha": "captcha_page",
    "page_empty": "empty_body",
    "page_argus": "argus",
    "page_core_dep": "core_dep",
    "detail_null": "null_detail",
    "detail_empty": "empty_body",
}
# Works that exist as a reason alone: name -> filter_reason. Most are called after it.
PLAIN_REASONS = (
    "status_deleted status_delete status_removed SYSTEM_ITEM_NOT_EXIST status_self_see only_self_see self_see privacy "
    "author_secret only_friend_see status_audit_self_see status_audit status_audit_fail status_audit_not_pass "
    "author_level_ban author_invalid core_dep copyright_foreign"
)
REASONS = {reason: reason for reason in PLAIN_REASONS.split()} | {
    "story": "story_25_filter",
    "joined": "status_audit_self_see&status_self_see",
    "strange_reason": "layout_experiment_17",
}
# Works that answer with a code: name -> status_code.
CODES = {f"code_{code}": code for code in (4, 5, 8, 2053, 2065, 2096, 2149, 2483, 2863)}
# Works that every route refuses in a way that says nothing about the work.
REFUSED = (
    "captcha_json",
    "captcha_page",
    "captcha_header",
    "ac_nonce",
    "argus",
    "uifid",
    "signature_text",
    "blocked_text",
    "close_444",
    "empty_body",
    "empty_object",
    "status_only",
    "null_detail",
    "no_info",
)
MAKERS: dict[str, int | None] = {
    "user_render": 12,
    "user_pace": 12,
    "user_gone": 0,
    "user_private": 7,
    "user_banned": 3,
    "user_empty": 0,
    "user_live": 5,
    "user_challenge": 5,
    "user_gap": 60,
    "user_walled": 60,
    "user_stalled": 60,
    "user_mixes": 50,
    "user_likes": 5,
    "showcase": None,
}


class DouyinWorld(Realm):
    """Creators, works and short links."""

    name = "douyin"
    kinds = (*VISIBLE, *HALF, *REASONS, *CODES, *REFUSED)
    hidden = frozenset({*REASONS, *CODES, *REFUSED})
    opened = frozenset({"code_8", "code_2483"})
    makers = MAKERS

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.shelves = Shelves(self)
        self.special["room"] = self.room(self.special_creator("user_live"))
        self.special["web_rid"] = self.web_rid(self.special_creator("user_live"))
        self.special["mix_id"] = self.mix_id(0)
        self.special["unknown_id"] = str((EPOCH << 32) | self._scramble(RESERVED_GAP, "work"))
        codes, self.short_links = short_links(self.seed, "dy", "https://v.douyin.com/", self._targets())
        self.special |= codes

    def room(self, maker: Maker) -> str:
        """The number of a creator's room."""
        return str(((EPOCH - maker.number) << 32) | self._scramble(maker.number, "room"))

    def maker_of_room(self, room: str) -> Maker | None:
        """Whose room it is, by its number or by the one in addresses."""
        if not (room.isascii() and room.isdigit()):
            return None
        index = self._back(int(room) % WORD, "room") if len(room) == 19 else int(room) - 100_000_000_000
        maker = self._maker(index)
        return maker if maker is not None and room in {self.room(maker), self.web_rid(maker)} else None

    def on_air(self, room: str) -> Maker | None:
        """Whose broadcast it is, by its number, or None where it is over."""
        maker = self.maker_of_room(room)
        return maker if maker and maker.kind == "user_live" and room == self.room(maker) else None

    def web_rid(self, maker: Maker) -> str:
        """The number of a creator's room in addresses."""
        return str(100_000_000_000 + maker.number)

    def maker_at(self, index: int) -> Maker | None:
        """The creator number `index`, or None."""
        return self._maker(index)

    def stranger(self, number: int) -> Maker:
        """Somebody who made nothing, and is no creator of this world."""
        bits = mix(self.seed, STRANGERS + number)
        uid = str(((1_400_000_000 + number) << 32) | bits % WORD)
        return Maker(number, uid, self._sec_uid(STRANGERS + number), f"dy{number}", words(bits, 2), "", bits)

    def mix_id(self, number: int) -> str:
        """The number of a collection."""
        return str(((EPOCH - number) << 32) | self._scramble(number, "mix"))

    def mix_number(self, ident: str) -> int | None:
        """Which collection has this number, or None."""
        number = self._back(int(ident) % WORD, "mix") if ident.isascii() and ident.isdigit() else -1
        return number if 0 <= number < EPOCH and self.mix_id(number) == ident else None

    def _targets(self) -> dict[str, str]:
        live, user = self.special_creator("user_live"), self.creator(0)
        reflow = f"https://webcast.amemv.com/douyin/webcast/reflow/{self.room(live)}"
        extra = self._tracking
        return {
            "video": tracked(f"{SHARE}/video/{self.video(0, 0).id}/", **extra("video")),
            "note": tracked(f"{SHARE}/note/{self.special['note']}/", **extra("note")),
            "slides": tracked(f"{SHARE}/slides/{self.special['slides']}/", **extra("slides")),
            "deleted": tracked(f"{SHARE}/video/{self.special['status_deleted']}/", **extra("deleted")),
            "user": tracked(f"{SHARE}/user/{user.sec_uid}", sec_uid=user.sec_uid, **extra("user")),
            "mix": tracked(f"{SHARE}/mix/detail/{self.mix_id(0)}/", **extra("mix")),
            "music": tracked(f"{SHARE}/music/{self.mix_id(1)}", **extra("music")),
            "hashtag": tracked(f"{SHARE}/challenge/{self.mix_id(2)}", **extra("hashtag")),
            "live": tracked(reflow, sec_user_id=live.sec_uid, **extra("live")),
            "xigua": tracked(f"https://www.ixigua.com/douyin/share/video/{self.video(0, 0).id}", **extra("xigua")),
            "home": "https://www.douyin.com/",
        }

    def _tracking(self, name: str) -> dict[str, object]:
        return {
            "region": "CN",
            "mid": self.mix_id(3),
            "u_code": hex_of(self.seed, name)[:12],
            "did": f"MS4wLjABAAAA{hex_of(self.seed, 'did')}{hex_of(name)[:11]}",
            "iid": f"MS4wLjABAAAA{hex_of(self.seed, 'iid')}{hex_of(name)[:11]}",
            "with_sec_did": 1,
            "titleType": "title",
            "share_sign": hex_of(self.seed, "sign", name),
            "share_version": 170400,
            "ts": EPOCH,
            "from_aid": 6383,
            "from_ssr": 1,
            "from": "web_code_link",
        }


RESERVED_GAP = 999
STRANGERS = 10_000_000
