"""What only a page of the session is told; a path of the API that is in no table is asked for a signature as well."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.tiktok import api, comments, discovery, lists, people
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
    "/api/mix/detail/": lists.mix_detail,
    "/api/related/item_list/": lists.related,
    "/api/recommend/item_list/": lists.recommended,
    "/api/user/list/": people.users,
    "/api/challenge/detail/": discovery.challenge,
    "/api/challenge/item_list/": discovery.challenge_items,
    "/api/music/detail/": discovery.music,
    "/api/music/item_list/": discovery.music_items,
    "/api/search/item/full/": discovery.search,
    "/api/search/user/full/": people.search,
}
