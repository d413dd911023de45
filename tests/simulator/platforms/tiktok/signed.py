"""What only a page of the session is told; a path of the API that is in no table is asked for a signature as well."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.tiktok import api, comments, lists
from tests.simulator.platforms.tiktok.gate import Gate
from tests.simulator.worlds.tiktok import TiktokWorld

SIGNED: dict[str, Callable[[TiktokWorld, Gate, Request], Answer]] = {
    "/api/item/detail/": api.item_detail,
    "/api/user/detail/": api.user_detail,
    "/api/comment/list/": comments.comments,
    "/api/comment/list/reply/": comments.replies,
    "/api/post/item_list/": lists.posts,
    "/api/user/collect/item_list/": lists.saved,
    "/api/user/playlist/": lists.playlists,
    "/api/mix/item_list/": lists.mix_items,
    "/api/related/item_list/": lists.related,
    "/api/recommend/item_list/": lists.recommended,
}
