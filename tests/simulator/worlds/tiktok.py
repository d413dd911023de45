"""The world of TikTok: its special cases, its short links and its devices."""

from __future__ import annotations

from typing import Any

from tests.simulator.randomness import hex_of, mix
from tests.simulator.worlds.gathered import Gathered
from tests.simulator.worlds.hops import short_links
from tests.simulator.worlds.realm import EPOCH, WORD, Maker, Realm, Work, tracked

SITE = "https://www.tiktok.com"
VOCABULARY = (
    "morning valley beach kitten travel kitchen wood stars train autumn coffee street rain garden lake kite "
    "bicycle books winter bread lighthouse pines meadow market rice clay piano guitar distance river bamboo snow "
    "first alone minutes slowly again careful handmade whole tested notes lesson mixtape daily challenge unboxing "
    "review making repair filming practice walking camping running drawing coding planting cooking fishing hiking "
    "learning moving holiday"
)
WORDS = VOCABULARY.split()
# Works that can be seen; each has one trait.
VISIBLE = (
    "photo",
    "photo_single",
    "h265_only",
    "bytevc2",
    "no_bitrate",
    "separate_sound",
    "friends_only",
    "private_flag",
    "comments_closed",
    "ai_made",
    "string_counts",
    "null_lists",
    "sigi",
    "busy",
)
# Works that can be seen, though not on every route: name -> how the page (or the feed of the app) refuses instead.
HALF = {
    "page_waf": "waf",
    "page_empty": "empty_body",
    "page_login": "login_redirect",
    "page_no_scope": "no_scope",
    "page_geo": "geo_page",
    "feed_other": "other",
    "feed_second": "second",
    "feed_empty": "empty_body",
}
# Works that are nothing but statusMsg: name -> (statusCode, statusMsg).
MESSAGES = {
    "status_deleted": (10204, "status_deleted"),
    "item_missing": (10204, "item doesn't exist"),
    "status_self_see": (10204, "status_self_see"),
    "author_secret": (10204, "author_secret"),
    "item_privacy_authorization": (10204, "item_privacy_authorization"),
    "status_reviewing": (10204, "status_reviewing"),
    "status_audit_not_pass": (10204, "status_audit_not_pass"),
    "content_classification": (10204, "content_classification"),
    "cross_border_violation": (10231, "cross_border_violation"),
    "cross_border_violation_ur": (10204, "cross_border_violation_ur"),
    "copyright_geo_filter": (10204, "copyright_geo_filter"),
    "person_geo_fencing": (10204, "person_geo_fencing"),
    "author_status_reviewing": (10204, "author_status,status_reviewing"),
    "joined": (10204, "status_deleted&status_self_see"),
    "bare_10204": (10204, ""),
    "private_10216": (10216, "status_self_see"),
}
NUMBERS = (
    "450 10000 10101 10102 10111 10113 10114 10119 10201 10202 10203 10205 10208 10209 10210 10213 10214 10215 10216 "
    "10217 10218 10219 10220 10221 10222 10223 10225 10227 10228 10229 10230 10231 10404 100002 205001 209002 2053 "
    "987654"
)
CODES = {f"code_{number}": (int(number), "") for number in NUMBERS.split()}
# Works whose pages refuse in another way, and that the app does not show either.
REFUSED = (
    "waf",
    "captcha_json",
    "captcha_page",
    "captcha_header",
    "login_redirect",
    "notfound_redirect",
    "empty_body",
    "no_item",
    "no_scope",
    "geo_page",
    "content_classified",
    "short_drama",
)
# Works that a login may see.
OPENED = (
    "content_classified content_classification short_drama login_redirect code_10101 code_10102 code_10119 code_10213 "
    "code_10214 code_209002"
)
MAKERS: dict[str, int | None] = {
    "user_gone": 0,
    "user_missing": 0,
    "user_banned": 0,
    "user_private": 0,
    "user_private_counted": 20,
    "user_empty": 0,
    "user_holes": 40,
    "user_live": 16,
    "user_was_live": 3,
    "user_sigi": 3,
    "user_waf": 3,
    "user_login": 3,
    "user_likes": 5,
    "user_playlists": 5,
    "user_shy": 30,
    "showcase": None,
}
DEVICE = ("7318517321748022790", "7318518857994389254")  # of which everybody knows
STRANGERS = 10_000_000
HOLE_EVERY, HOLE_S = 10, 30 * 86_400


class TiktokWorld(Realm):
    """Creators, works, short links and the pair of ids that counts as a registered device."""

    name = "tiktok"
    kinds = (*VISIBLE, *HALF, *MESSAGES, *CODES, *REFUSED)
    hidden = frozenset({*MESSAGES, *CODES, *REFUSED})
    opened = frozenset(OPENED.split())
    makers = MAKERS

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.gathered = Gathered(self, WORDS)
        self.device_id, self.iid = DEVICE
        self.viewer = 0  # the number of the visitor who is answered
        self.special["unknown_id"] = str((EPOCH << 32) | self._scramble(999, "work"))
        codes, self.short_links = short_links(self.seed, "tt", "https://vm.tiktok.com/", self._targets())
        self.special |= codes

    def ident(self, maker: Maker) -> str:
        """Pages know a creator by the chosen name."""
        return maker.handle

    def handle(self, number: int, bits: int) -> str:
        """Two words and the number of the creator, scrambled into 16 bits."""
        first, second = (WORDS[(bits >> shift) % len(WORDS)][:8] for shift in (3, 9))
        return f"{first}.{second}_{number * 40_503 % 2**16 ^ self._key('handle') % 2**16:04x}"

    def title(self, bits: int) -> str:
        """Four words."""
        return " ".join(WORDS[(bits >> (6 * place)) % len(WORDS)] for place in range(4))

    def creator_by_handle(self, handle: str) -> Maker | None:
        """The creator who chose this name; upper and lower case are the same."""
        _, separator, tail = handle.lower().rpartition("_")
        try:
            scrambled = int(tail, 16)
        except ValueError:
            return None
        index = (scrambled ^ self._key("handle") % 2**16) * pow(40_503, -1, 2**16) % 2**16
        maker = self._maker(index) if separator else None
        return maker if maker is not None and maker.handle == handle.lower() else None

    def created(self, maker: Maker, position: int) -> int:
        """As everywhere, but that one creator pauses for weeks."""
        made = super().created(maker, position)
        if maker.kind == "user_holes":
            made -= (self.count(maker) - 1 - position) // HOLE_EVERY * HOLE_S
        return made

    def url(self, work: Work, *, photo: bool = False) -> str:
        """The canonical address of a work."""
        return f"{SITE}/@{self.creator(work.owner).handle}/{'photo' if photo else 'video'}/{work.id}"

    def room(self, maker: Maker) -> str:
        """The number of a creator's room."""
        return str(((EPOCH - maker.number) << 32) | self._scramble(maker.number, "room"))

    def maker_at(self, index: int) -> Maker | None:
        """The creator number `index`, or None."""
        return self._maker(index)

    def stranger(self, number: int) -> Maker:
        """Somebody who made nothing, and is no creator of this world."""
        bits = mix(self.seed, STRANGERS + number)
        uid = str(((1_400_000_000 + number) << 32) | bits % WORD)
        return Maker(number, uid, self._sec_uid(STRANGERS + number), f"reader_{number}", self.title(bits), "", bits)

    def numbered(self, number: int, use: str) -> str:
        """The id of something that is neither a work nor a creator."""
        return str(((EPOCH - number) << 32) | self._scramble(number, use))

    def number_of(self, ident: str, use: str) -> int | None:
        """What has this id, or None."""
        number = self._back(int(ident) % WORD, use) if ident.isascii() and ident.isdigit() else -1
        return number if 0 <= number < EPOCH and self.numbered(number, use) == ident else None

    def chain_token(self, number: int) -> str:
        """The cookie that the media hosts want back."""
        return f"{hex_of(self.seed, 'chain', number)[:18]}{number % 10**4:04d}=="

    def is_chain_token(self, token: str) -> bool:
        """Whether it was handed out."""
        number = token[18:22]
        return number.isdigit() and token == self.chain_token(int(number))

    def _targets(self) -> dict[str, str]:
        extra = {"_r": 1, "u_code": hex_of(self.seed, "code")[:12], "region": "US", "sender_device": "pc"}
        video, photo = self.video(0, 0), self.special_work("photo")
        live = self.special_creator("user_live")
        return {
            "video": tracked(self.url(video), _t=f"8{hex_of(self.seed)[:10]}", **extra),
            "photo": tracked(self.url(photo, photo=True), _t=f"8{hex_of(self.seed)[:10]}", **extra),
            "deleted": tracked(self.url(self.special_work("status_deleted")), **extra),
            "user": tracked(f"{SITE}/@{self.creator(0).handle}", **extra),
            "live": tracked(f"{SITE}/@{live.handle}/live", **extra),
            "old": tracked(f"https://m.tiktok.com/v/{video.id}.html", **extra),
            "nameless": tracked(f"{SITE}/@/video/{video.id}", **extra),
            "notfound": f"{SITE}/notfound?lang=en",
            "home": f"{SITE}/?_r=1",
        }
