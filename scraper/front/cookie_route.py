"""`POST /api/hybrid/update_cookie`: a new cookie for a service, used from its next request on."""

import asyncio
from functools import partial

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from scraper.front.described import RESPONSES
from scraper.front.front import Front, FrontOf
from scraper.front.query import no_parameters
from scraper.front.replies import REFUSALS, Refusal, bad_input, reply
from scraper.identities import copied_request
from scraper.identities.session_file import SessionFile, checked_user_agent, read_cookies
from scraper.platform.registry import service_named, services_of

PATH = "/api/hybrid/update_cookie"
router = APIRouter(tags=["hybrid"])


class NewCookie(BaseModel):
    """A cookie as it was copied from a browser: a header, name=value lines, a cURL command, a HAR, a cookies.txt …"""

    model_config = ConfigDict(extra="forbid")
    service: str = Field(description="a service, as `scrapy update_cookie` takes it")
    cookie: str = Field(examples=["name=value; other=value"])
    user_agent: str = Field("", description="of the browser that the cookie came from", examples=["Mozilla/5.0 …"])
    identity: str = Field("", description="one of the service's `identities`, if it has several")


@router.post(
    PATH, summary="replace the cookie of a service", responses=RESPONSES, dependencies=[Depends(no_parameters)]
)
async def update_cookie(front: FrontOf, body: NewCookie) -> Response:
    try:
        data = await asyncio.to_thread(partial(store_cookie, front, body))
    except ValueError as error:
        raise bad_input(f"{error}; nothing was changed") from None
    return reply({"code": 200, "router": PATH, "data": data})


def store_cookie(front: Front, body: NewCookie) -> dict[str, object]:
    """Write a cookie, and return what is in it, without values.

    :raises ValueError: if it is none, or the file cannot be changed; the message has no value of it
    :raises Refusal: if the file cannot be written
    """
    service = service_named(body.service, services_of(front.atlas.platforms))
    cookie = read_cookies(service, body.cookie)
    agent = checked_user_agent(body.user_agent or copied_request.user_agent(body.cookie, service.cookie_domains))
    values = {"cookie": cookie.header, **({"user_agent": agent} if agent else {})}
    written = SessionFile(service, front.settings["CONFIG_DIR"], body.identity).write(values)
    if not written.is_written:
        remedy = "make CONFIG_DIR writable for the server, and send the cookie again"
        raise Refusal(REFUSALS["NOT_WRITTEN"], "NOT_WRITTEN", "; ".join(written.problems), remedy)
    return {
        "message": f"cookie of {service.label} updated",
        "service": service.label,
        "cookies": cookie.names,
        "logged_in": cookie.login.logged_in,
        "expires_time": cookie.login.expires,
        "missing": cookie.login.missing,
        "user_agent": agent or None,
        "notes": [*cookie.summary().splitlines(), *written.notes[1:], *written.problems],
    }
