"""Find out why Bilibili hides a row of a list. The verdict is the same as if the item is requested alone. Pure."""

from scraper.responses import Reading
from scraper.responses.outcomes import Outcome
from scraper.responses.values import dig
from spiders.bilibili.shapes import Dynamic, Saved
from spiders.bilibili.verdicts import VERDICTS

_GONE_TITLE = "已失效视频"  # of a saved video that is gone
_BY_UPLOADER = 9  # of `attr`
_NO_DYNAMIC = ("DYNAMIC_TYPE_NONE", "MAJOR_TYPE_NONE")


def of_saved(saved: Saved) -> Reading | None:
    """Return why an entry of a folder is hidden, or None. Deleted videos keep their place in a folder."""
    if saved.attr == _BY_UPLOADER:
        return Reading(Outcome.NOT_FOUND, "deleted by its uploader")
    if saved.attr or (saved.attr is None and saved.title == _GONE_TITLE):
        return VERDICTS.codes[62002]
    return None


def of_dynamic(dynamic: Dynamic) -> Reading | None:
    """Return the verdict if the content of a dynamic was deleted, or None."""
    types = dynamic.type, dig(dynamic, "modules.module_dynamic.major.type")
    return VERDICTS.codes[4101139] if any(name in _NO_DYNAMIC for name in types) else None
