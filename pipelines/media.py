"""Download the files of posts, if the setting MEDIA names any: see `scraper.media.follower`."""

from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured


class Media:
    """Makes the follower when it is needed: other crawls do not load its libraries."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        if not crawler.settings["MEDIA"]:
            raise NotConfigured
        from scraper.media.follower import MediaFollower

        return MediaFollower.from_crawler(crawler)
