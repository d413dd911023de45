"""Say in words of HTTP what is wrong with a call: with its body, its parameters or the crawl that it asks for."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_MUST_BE = {
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
}
_IS = {
    "missing": "is missing",
    "extra_forbidden": "is unknown",
    "string_too_long": "has more than {max_length} characters",
    "too_long": "has more than {max_length} entries",
    "too_short": "has too few entries: give {min_length} or more",
}
_OF_A_CHOICE = re.compile(r"str|list\[.+\]|[A-Z]\w*")  # in a place: which of several forms did not fit


def problems_of(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return what is wrong with the form of a call.

    :param errors: those of FastAPI, with their places below the body or the query
    """
    places: dict[str, list[Mapping[str, Any]]] = {}
    for error in errors:
        place = [str(part) for part in error["loc"][1:] if not _OF_A_CHOICE.fullmatch(str(part))]
        places.setdefault(".".join(place), []).append(error)
    inner = [place for place in places if not any(other.startswith(f"{place}.") for other in places)]
    return "; ".join(f"{place or 'the body'} {_problem(places[place])}" for place in inner)


def _problem(errors: Sequence[Mapping[str, Any]]) -> str:
    forms = [_MUST_BE[error["type"]].format(**error.get("ctx", {})) for error in errors if error["type"] in _MUST_BE]
    if forms:
        return f"must be {' or '.join(dict.fromkeys(forms))}"
    known = _IS.get(errors[0]["type"])
    return known.format(**errors[0].get("ctx", {})) if known else f"is wrong: {errors[0]['msg']}"


def in_words_of_http(message: str) -> str:
    """Return a message about arguments of a crawl without what only the command line has.

    >>> in_words_of_http("give -a url=…, -a file=…, or -a router=…"), in_words_of_http("`scrapy routes` lists them")
    ('give url=…, or router=…', '/docs lists them')
    """
    return message.replace("-a file=…, ", "").replace("-a ", "").replace("`scrapy routes`", "/docs")
