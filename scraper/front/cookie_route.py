"""`POST /api/hybrid/update_cookie`: a new cookie for a service, used from its next request on."""

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from scraper.front.front import FrontOf
from scraper.front.replies import Refusal, reply
from scraper.identities import copied_request, user_agents
from scraper.identities.session_file import SessionFile, read_cookies
from scraper.platform.registry import service_named, services_of

PATH = "/api/hybrid/update_cookie"
router = APIRouter(tags=["hybrid"])


class NewCookie(BaseModel):
    """A cookie as it was copied from a browser: a header, name=value lines, a cURL command, a HAR, a cookies.txt …"""

    service: str = Field(description="a service, as `scrapy routes` names it, with or without _web")
    cookie: str
    user_agent: str = Field("", description="of the browser that the cookie came from")


@router.post(PATH, summary="replace the cookie of a service")
async def update_cookie(front: FrontOf, body: NewCookie) -> Response:
    service = service_named(body.service, services_of(front.atlas.platforms))
    cookie = read_cookies(service, body.cookie)
    agent = user_agents.checked(body.user_agent or copied_request.user_agent(body.cookie, service.cookie_domains))
    values = {"cookie": cookie.header, **({"user_agent": agent} if agent else {})}
    file = SessionFile(service, front.settings["CONFIG_DIR"], "")
    if await asyncio.to_thread(file.update, values):
        remedy = "see the log of the server for the reason, and send it again"
        raise Refusal(500, "NOT_WRITTEN", f"the cookie of {service.name} could not be written", remedy)
    data = {"service": service.name, "cookie": cookie.summary(), "user_agent": agent or None}
    return reply({"code": 200, "router": PATH, "data": data})
