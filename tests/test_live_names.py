"""A live room's name that was trimmed in a text is checked against the answer."""

from types import SimpleNamespace

import pytest

from scraper.platform import Context
from scraper.platform.targets import UNTRIMMED, Target
from spiders.douyin.spider import DOUYIN

ROUTE = next(endpoint for endpoint in DOUYIN.endpoints if endpoint.name == "fetch_user_live_videos").routes[0]


@pytest.mark.parametrize("owner, is_it", [("falv1217", True), ("Falv1217", True), ("falv1217..", False), (None, False)])
def test_a_trimmed_name_must_be_the_owners(owner: str | None, is_it: bool) -> None:
    trimmed = Target("live room", "falv1217", "falv1217", (), "douyin").with_hints({UNTRIMMED: "falv1217.."})
    room = SimpleNamespace(alias="falv1217", owner=SimpleNamespace(unique_id=owner))
    assert ROUTE.is_requested is not None
    assert ROUTE.is_requested(room, Context(trimmed)) is is_it
    assert ROUTE.is_requested(room, Context(Target("live room", "falv1217", "falv1217", (), "douyin")))
