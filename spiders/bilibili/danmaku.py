"""Decode danmaku bodies, protobuf and XML, into one shape. Pure.

Either form becomes {"source": "xml" or "segments", "elems": [{"id", "progress" (ms), "mode", "fontsize", "color",
"midHash", "content", "ctime", "weight", "pool", "attr"}], "most": the limit of the XML form per part, or None}.
"""

import re
from typing import Any
from xml.etree import ElementTree

from scraper.responses import content
from scraper.responses.values import integer
from spiders.bilibili import protobuf

XML, SEGMENTS = "xml", "segments"
_ELEMENT, _ELEMENTS = {
    1: "id", 2: "progress", 3: "mode", 4: "fontsize", 5: "color", 6: "midHash", 7: "content", 8: "ctime", 9: "weight",
    11: "pool", 12: "idStr", 13: "attr",
}, 1  # fmt: skip
_LAST_CHARACTER = 0x10FFFF
_UNSENT = dict.fromkeys(("progress", "color", "weight", "pool", "attr"), 0)  # protobuf omits zeros
_PLACES = ("", "mode", "fontsize", "color", "ctime", "pool", "midHash", "idStr", "weight")
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML, though people type it
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));", re.ASCII)
_BARE = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)", re.ASCII)


def read(body: bytes) -> dict[str, Any]:
    """Return the danmaku in a body. An empty body is a segment without danmaku.

    :raises ValueError: the body is truncated, or neither protobuf nor XML
    """
    return _of_xml(body) if body.lstrip()[:1] == b"<" else _of_segment(body)


decode = content(read)


def _of_segment(body: bytes) -> dict[str, Any]:
    elems = []
    for number, value in protobuf.fields(body):
        if number == _ELEMENTS and isinstance(value, bytes):
            try:
                elems.append({**_UNSENT, **protobuf.named(value, _ELEMENT)})
            except ValueError:  # skip only this element
                elems.append({**_UNSENT})
    return {"source": SEGMENTS, "elems": elems, "most": None}


def _of_xml(body: bytes) -> dict[str, Any]:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("danmaku XML must not have a document type")
    try:
        root = ElementTree.fromstring(_mended(body.decode("utf-8", "replace")))
    except ElementTree.ParseError:
        raise ValueError("truncated, or not XML") from None
    if root.tag != "i":
        raise ValueError(f"an XML of {root.tag}")
    most = integer(root.findtext("maxlimit"))
    return {"source": XML, "elems": [_of_element(element) for element in root.iter("d")], "most": most}


def _mended(text: str) -> str:
    """Return XML without forbidden characters, literal or as numeric references, and with bare & escaped."""
    return _BARE.sub("&amp;", _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", text)))


def _allowed(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    return "" if number > _LAST_CHARACTER or _FORBIDDEN.match(chr(number)) else match[0]


def _of_element(element: ElementTree.Element) -> dict[str, Any]:
    values = element.get("p", "").split(",")
    fields: dict[str, Any] = dict(zip(_PLACES, values, strict=False))
    return {**fields, "progress": _milliseconds(fields.pop("")), "content": element.text or ""}


def _milliseconds(value: str) -> int | None:
    """Return milliseconds from a text of seconds, or None.

    >>> _milliseconds("12.34500"), _milliseconds(""), _milliseconds("nan")
    (12345, None, None)
    """
    return round(float(value) * 1000) if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", value, re.ASCII) else None
