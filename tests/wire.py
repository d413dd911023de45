"""Servers and proxies that answer as they are told, and transports that ask them."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable

from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from scraper.network.transports.direct import Direct
from scraper.network.transports.impersonate import Impersonate
from tests.simulator.authority import Authority

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:154.0) Gecko/20100101 Firefox/154.0"
CREDENTIALS = "me:hün/ter@2:"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def crawler(**settings: object) -> Crawler:
    return get_crawler(settings_dict={"DOWNLOAD_TIMEOUT": 2, "HTTPPROXY_AUTH_ENCODING": "utf-8", **settings})


async def ask(kind: type[Direct | Impersonate], *requests: Request, **settings: object) -> list[Response | Exception]:
    """Ask by a transport of its own, one after the other."""
    transport = kind(crawler(**settings))
    try:
        return [await _caught(transport.download_request(query)) for query in requests]
    finally:
        await transport.close()


async def _caught(answer: Awaitable[Response]) -> Response | Exception:
    [result] = await asyncio.gather(answer, return_exceptions=True)
    return result


def request(url: str, user_agent: str = CHROME, proxy: str | None = None, **headers: str) -> Request:
    meta = {"verbatim_url": True, **({"proxy": proxy} if proxy else {})}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(url, headers={"User-Agent": user_agent, **given}, meta=meta)


def certified(authority: Authority, host: str, *protocols: str) -> ssl.SSLContext:
    context = authority.context(host)
    context.set_alpn_protocols(protocols or ["http/1.1"])
    return context


def answering(answer: bytes, ending: str = "", heads: list[bytes] | None = None) -> Serve:
    """Answer the first request with these bytes, and end the connection: orderly, by a reset, or not at all."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            return
        if heads is not None:
            heads.append(head)
        writer.write(answer)
        await writer.drain()
        if ending == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        elif ending == "close":
            writer.close()

    return serve


async def by_both(serve: Serve, url: str, context: ssl.SSLContext | None = None, **more: object):
    """Ask a server, or a proxy where the URL is of another host, by either transport."""
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as listening:
        here = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        proxy = None if "HERE" in url else f"http://{here}"
        asked = [request(url.replace("HERE", here), proxy=proxy) for _ in range(2)]
        if proxy:
            for sent in asked:
                sent.headers["Proxy-Authorization"] = b"Basic " + base64.b64encode(CREDENTIALS.encode())
        [plain], [alike] = [
            await ask(kind, sent, **more) for kind, sent in zip((Direct, Impersonate), asked, strict=True)
        ]
        return plain, alike


def lines(head: bytes) -> dict[str, str]:
    """The headers of a request, by their names in lower case, none of which comes twice."""
    pairs = [line.split(": ", 1) for line in head.decode().strip().split("\r\n")[1:]]
    headers = {name.lower(): value for name, value in pairs}
    assert len(headers) == len(pairs)
    return headers
