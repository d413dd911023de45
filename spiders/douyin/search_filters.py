"""Filters of a search for posts, each with the regex of its values; 0 selects everything."""

PUBLISH_TIME, SORT_TYPE = "publish_time", "sort_type"
FILTERS = {PUBLISH_TIME: "0|1|7|180", SORT_TYPE: "[0-2]"}
