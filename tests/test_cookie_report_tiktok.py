"""When a login of TikTok ends: `sid_guard` tells it, and where it is absent the file that the cookies came from."""

import pytest

from scraper.identities.cookie_report import inspect
from spiders.tiktok.spider import TIKTOK

GUARD = "0123456789abcdef%7C1793000000%7C15552000%7CThu%2C+01-Apr-2027"
END = 1793000000 + 15552000


@pytest.mark.parametrize("service", TIKTOK.services, ids=lambda service: service.name)
@pytest.mark.parametrize("guard", [GUARD, GUARD.replace("%7C", "|")])
def test_the_guard_of_a_session_tells_when_its_login_ends(service, guard: str) -> None:
    cookies = {"sessionid": "0123456789abcdef", "sid_guard": guard}
    login = inspect(service, cookies, {"sessionid": 1}, END - 1)
    assert login.logged_in and not login.expired and login.expires == END
    assert inspect(service, cookies, {}, END).expired


@pytest.mark.parametrize("service", TIKTOK.services, ids=lambda service: service.name)
@pytest.mark.parametrize("more", [{}, {"sid_guard": ""}, {"sid_guard": "x"}])
def test_without_it_the_file_tells(service, more: dict[str, str]) -> None:
    cookies = {"sessionid": "0123456789abcdef", **more}
    assert inspect(service, cookies, {"sessionid": END}, 0).expires == END
    unknown = inspect(service, cookies, {}, 0)
    assert unknown.logged_in and unknown.expires is None
