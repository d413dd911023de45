"""The declaration of posts with several parts, each of which is a video of its own with a page of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from scraper.platform.targets import Target


@dataclass(frozen=True, kw_only=True)
class Parts:
    """
    :param page: returns the page of a part: takes the page of the post, and the number of the part from 1
    :param is_selected: returns whether a link selects a single part
    """

    page: Callable[[str, int], str]
    is_selected: Callable[[Target], bool]
