"""Find out why Bilibili hides a row of a list. The verdict is the same as if the item is requested alone. Pure."""

from collections.abc import Mapping
from typing import Any

from scraper.responses import Reading
from scraper.responses.outcomes import Outcome
from scraper.responses.values import integer, obj, text
from spiders.bilibili.verdicts import VERDICTS

_GONE_TITLE = "已失效视频"  # of a saved video that is gone
_BY_UPLOADER = 9  # of `attr`
_NO_DYNAMIC = ("DYNAMIC_TYPE_NONE", "MAJOR_TYPE_NONE")


def of_saved(raw: Mapping[str, Any]) -> Reading | None:
    """Return why an entry of a folder is hidden, or None. Deleted videos keep their place in a folder."""
    attr = integer(raw.get("attr"))
    if attr == _BY_UPLOADER:
        return Reading(Outcome.NOT_FOUND, "deleted by its uploader")
    if attr or (attr is None and text(raw.get("title")) == _GONE_TITLE):
        return VERDICTS.codes[62002]
    return None


def of_dynamic(raw: Mapping[str, Any]) -> Reading | None:
    """Return the verdict if the content of a dynamic was deleted, or None."""
    major = obj(obj(obj(raw.get("modules")).get("module_dynamic")).get("major"))
    types = text(raw.get("type")), text(major.get("type"))
    return VERDICTS.codes[4101139] if any(name in _NO_DYNAMIC for name in types) else None
