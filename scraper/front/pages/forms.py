"""Read the forms that change something."""

from urllib.parse import parse_qsl

from fastapi import Request

from scraper.front.front import Front
from scraper.front.replies import REFUSALS, Refusal

_MOST_FIELDS = 20
TOKEN = "form"
"""The name of the field with the secret of forms."""


async def form_of(request: Request) -> dict[str, str]:
    """Return the fields of a form, without surrounding white space.

    :raises Refusal: if it has too many
    """
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Refusal(400, "BAD_INPUT", "the form cannot be read", "send it from the page") from None
    return {name: value.strip() for name, value in pairs}


async def own_form_of(request: Request, front: Front) -> dict[str, str]:
    """Return the fields of a form that a page of this server has.

    :raises Refusal: if it is of another site, or of an earlier start of this server
    """
    form = await form_of(request)
    if not front.page_memory.is_own_form(form.pop(TOKEN, "")):
        name, remedy = "OLD_FORM", "load its page again, and send it from there"
        raise Refusal(REFUSALS[name], name, "the form was too old, or came from another site", remedy)
    return form
