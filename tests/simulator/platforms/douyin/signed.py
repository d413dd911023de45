"""What only a page of the session is told; a path of the API that is in no table is asked for a signature as well."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.douyin import api, comments
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.worlds.douyin import DouyinWorld

WEB = "/aweme/v1/web"
# The detail is told to the open platform's player, too; see `Gate.embedded`.
SIGNED: dict[str, Callable[[DouyinWorld, Gate, Request], Answer]] = {
    f"{WEB}/aweme/detail/": api.detail,
    f"{WEB}/user/profile/other/": api.profile,
    f"{WEB}/comment/list/": comments.comments,
    f"{WEB}/comment/list/reply/": comments.replies,
    "/webcast/room/web/enter/": api.room_enter,
}
