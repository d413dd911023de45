"""Make the HTML of a page."""

import re
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from scraper.front.pages import words
from scraper.responses.wording import period

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # without a referrer, forms would have the origin `null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
_UNITS = ("B", "kB", "MB", "GB")
_SHORT = 160  # characters
_WORD = re.compile(r"^[a-z]+(?=[ ,:;]|$)")


def page(request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """Return a page.

    :param template: its name, without suffix
    :param values: what the template names
    """
    language, is_chosen = words.language_of(request)
    html = _environment().get_template(f"{template}.html.j2").render(
        t=partial(words.text, language),
        language=language,
        outcome_title=partial(words.outcome_title, language),
        outcome_to_do=partial(words.outcome_to_do, language),
        here=request.url.path,
        link=_linker({"lang": request.query_params["lang"][:2]} if is_chosen else {}),
        switch=_switch(request, language),
        platform_title=partial(words.platform_title, language),
        has_session=bool(request.scope.get("has_session")),
        **values,
    )  # fmt: skip
    return HTMLResponse(html, status, _HEADERS)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("scraper.front.pages"),
        autoescape=True,  # everything that a platform or a user wrote
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        grouped=grouped,
        date=date,
        day=day,
        duration=duration,
        period=period,
        size=size,
        short=short,
        outside=outside,
        bits=bits,
        sentence=sentence,
    )
    return environment


def _linker(kept: Mapping[str, str]) -> Callable[..., str]:
    """Return a function that makes a link within the pages, which keeps the language."""

    def link(path: str, **query: object) -> str:
        query = {**kept, **{name: value for name, value in query.items() if value not in (None, "")}}
        return f"{path}?{urlencode(query)}" if query else path

    return link


def address(path: str, **query: str) -> str:
    """Return the address of a call with parameters."""
    return f"{path}?{urlencode(query)}"


def _switch(request: Request, language: str) -> str:
    """Return the address of the same page in the other language."""
    other = "en" if language == words.CHINESE else "zh"
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    path = request.url.path if request.method == "GET" else request.url.path.partition("?")[0]
    return f"{path}?{urlencode([*rest, ('lang', other)])}"


def grouped(number: int | None) -> str:
    """
    >>> grouped(1234567), grouped(None)
    ('1,234,567', '–')
    """
    return "–" if number is None else f"{number:,}"


def date(moment: float | None) -> str:
    """
    >>> date(0), date(None)
    ('1970-01-01 00:00 UTC', '–')
    """
    return "–" if moment is None else time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))


def day(moment: int) -> str:
    """
    >>> day(0)
    '1970-01-01'
    """
    return date(moment)[:10]


def duration(milliseconds: int | None) -> str:
    """
    >>> duration(61_000), duration(3_661_000)
    ('1:01', '1:01:01')
    """
    minutes, seconds = divmod(round((milliseconds or 0) / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def size(number: float | None) -> str:
    """
    >>> size(1_234_567), size(None)
    ('1.2 MB', '–')
    """
    if number is None:
        return "–"
    for unit in _UNITS:
        if number < 1000 or unit == _UNITS[-1]:
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"


def bits(number: int | None) -> str:
    """
    >>> bits(2_500_000)
    '2,500 kbit/s'
    """
    return "–" if number is None else f"{round(number / 1000):,} kbit/s"


def short(text: str | None, most: int = _SHORT) -> str:
    """Return the beginning of a text, on one line."""
    plain = " ".join((text or "").split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def sentence(text: str) -> str:
    """Return a message as a sentence. A name at its beginning, such as a host, stays as it is.

    >>> sentence("nothing to do: it is gone"), sentence("www.site.test is not supported"), sentence("")
    ('Nothing to do: it is gone.', 'www.site.test is not supported.', '')
    """
    whole = f"{text[:1].upper()}{text[1:]}" if _WORD.match(text) else text
    return whole if not whole or whole.endswith((".", "。", "!", "?", "…")) else f"{whole}."


def outside(url: str | None) -> str:
    """Return a link that a browser may open, "" for any other text."""
    return url if url and url.startswith(("https://", "http://")) else ""
