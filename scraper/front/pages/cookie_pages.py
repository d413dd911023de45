"""`/cookies`: the state of each service's cookie, and a form for a new one."""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from scraper.front.cookie_route import NewCookie, store_cookie
from scraper.front.front import Front, FrontOf
from scraper.front.pages import words
from scraper.front.pages.forms import own_form_of
from scraper.front.pages.rendering import date, page
from scraper.front.replies import Refusal
from scraper.identities.cookie_rows import cookie_rows
from scraper.platform.registry import services_of

PATH = "/cookies"
_DAY_S, _SOON_DAYS = 86_400, 2
router = APIRouter(include_in_schema=False)


@router.get(PATH)
async def show(request: Request, front: FrontOf) -> Response:
    return await _page(request, front)


@router.post(PATH)
async def save(request: Request, front: FrontOf) -> Response:
    form = await own_form_of(request, front)
    chosen = form.get("service", "")
    new = NewCookie.model_validate({name: form.get(name, "") for name in ("service", "cookie", "user_agent")})
    try:
        saved = await asyncio.to_thread(store_cookie, front, new)
    except (ValueError, Refusal) as error:
        status = error.status if isinstance(error, Refusal) else 400
        return await _page(request, front, status, problem=str(error), chosen=chosen)
    return await _page(request, front, saved=saved, chosen=chosen)


async def _page(
    request: Request,
    front: Front,
    status: int = 200,
    *,
    saved: dict[str, object] | None = None,
    problem: str = "",
    chosen: str = "",
) -> Response:
    services, folder = services_of(front.atlas.platforms), front.settings["CONFIG_DIR"]
    rows = await asyncio.to_thread(lambda: [row for service in services for row in cookie_rows(service, folder)])
    return page(
        request,
        "cookies",
        status,
        rows=rows,
        details=partial(details, partial(words.text, words.language_of(request)[0]), time.time()),
        services=[service.label for service in services],
        chosen=chosen,
        saved=saved,
        problem=problem,
        form_token=front.page_memory.form_token,
    )


def details(t: Callable[..., str], now: float, row: Mapping[str, Any]) -> str:
    """Return what else there is to say of a cookie: when it expires, and which cookies are missing.

    :param t: returns a text of the page's language by its key
    :param row: see `cookie_rows`
    """
    texts: list[str] = []
    expires = row["expires"]
    if expires is not None:
        texts.append(t("cookie_until", date=date(expires)))
        days = (expires - now) / _DAY_S
        if days > 0:
            is_soon = days < _SOON_DAYS
            number = round(days * 24 if is_soon else days)
            texts.append(t("cookie_hours" if is_soon else "cookie_days", number=number))
    elif row["logged_in"]:
        texts.append(t("cookie_unknown_end"))
    if row["missing"]:
        names = t("separator").join(row["missing"]).replace(" or ", t("or"))
        texts.append(t("cookie_lacks" if row["present"] else "cookie_needs", names=names))
    return t("clause_separator").join(texts)
