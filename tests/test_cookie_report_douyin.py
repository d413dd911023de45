"""What a cookie of Douyin says of when its login ends."""

import pytest

from scraper.identities.cookie_report import inspect
from spiders.douyin.spider import DOUYIN

SESSION = {"sessionid": "0123456789abcdef" * 2}
GUARD = f"{SESSION['sessionid']}%7C1790000000%7C5184000%7CSat%2C+20-Nov-2032+00%3A00%3A00+GMT"
END = 1_790_000_000 + 5_184_000


@pytest.mark.parametrize("now, expired", [(END - 1, False), (END, True)])
def test_sid_guard_tells_when_the_login_ends(now: int, expired: bool) -> None:
    login = inspect(DOUYIN.service, {**SESSION, "sid_guard": GUARD}, {"sessionid": END + 9}, now)
    assert (login.expires, login.expired, login.logged_in) == (END, expired, not expired)


@pytest.mark.parametrize("guard", [{}, {"sid_guard": ""}, {"sid_guard": "half"}])
def test_without_it_the_file_tells_or_nothing(guard: dict[str, str]) -> None:
    assert inspect(DOUYIN.service, {**SESSION, **guard}, {}, 0).expires is None
    assert inspect(DOUYIN.service, {**SESSION, **guard}, {"sessionid": 100}, 101).expired


def test_it_makes_no_login_alone() -> None:
    login = inspect(DOUYIN.service, {"sid_guard": GUARD}, {}, 0)
    assert not login.logged_in and not login.expired
