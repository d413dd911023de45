"""Filters of a search, each with the regex of its values. Links and arguments name them as Bilibili's API does."""

_TIME = r"\d{1,10}"  # epoch seconds; 0 for no limit
VIDEO_FILTERS = {
    "order": "totalrank|click|pubdate|dm|stow|scores",
    "duration": "[0-4]",
    "tids": r"\d{1,6}",
    "pubtime_begin_s": _TIME,
    "pubtime_end_s": _TIME,
}
USER_FILTERS = {"order": "0|fans|level", "order_sort": "[01]", "user_type": "[0-3]"}
ORDER_OF_POSTS = {"order": "pubdate|click|stow"}
