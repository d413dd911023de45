"""What only a page of the session is told; a path of the API that is in no table is asked for a signature as well."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.douyin import api, comments, flown, lists, market, people, search, shelf
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.worlds.douyin import DouyinWorld

WEB = "/aweme/v1/web"
# The detail is told to the open platform's player, too; see `Gate.embedded`.
SIGNED: dict[str, Callable[[DouyinWorld, Gate, Request], Answer]] = {
    f"{WEB}/aweme/detail/": api.detail,
    f"{WEB}/user/profile/other/": api.profile,
    f"{WEB}/aweme/post/": lists.posts,
    f"{WEB}/aweme/favorite/": lists.likes,
    f"{WEB}/aweme/related/": lists.related,
    f"{WEB}/mix/aweme/": lists.mix_items,
    f"{WEB}/music/aweme/": lists.sound_items,
    f"{WEB}/challenge/aweme/": lists.hashtag_items,
    f"{WEB}/aweme/listcollection/": shelf.favourites,
    f"{WEB}/mix/list/": shelf.mixes,
    f"{WEB}/mix/detail/": shelf.mix,
    f"{WEB}/music/detail/": shelf.sound,
    f"{WEB}/challenge/detail/": shelf.hashtag,
    f"{WEB}/danmaku/get_v2/": flown.danmaku,
    f"{WEB}/user/follower/list/": people.followers,
    f"{WEB}/user/following/list/": people.following,
    f"{WEB}/general/search/single/": search.general,
    f"{WEB}/search/item/": search.videos,
    f"{WEB}/discover/search/": search.users,
    f"{WEB}/comment/list/": comments.comments,
    f"{WEB}/comment/list/reply/": comments.replies,
    "/webcast/room/web/enter/": api.room_enter,
    "/webcast/ranklist/audience/": market.ranking,
    "/live/promotions/page/": market.products,
    "/live/promotions/pop/v3/": market.counter,
}
