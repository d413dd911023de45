"""Any link of any platform, each through its own platform's tables, identity, pace and verdicts."""

from scraper.spider import PlatformSpider
from spiders.bilibili.spider import BILIBILI


class HybridSpider(PlatformSpider):
    """`scrapy crawl hybrid -a file=…`"""

    name = "hybrid"
    router = "/api/hybrid/video_data"
    platforms = (BILIBILI,)
