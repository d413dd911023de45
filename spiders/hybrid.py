"""Any link of any platform, each through its own platform's tables, identity, pace and verdicts."""

from scraper.crawling.spider import PlatformSpider
from spiders.bilibili.spider import BILIBILI
from spiders.douyin.spider import DOUYIN
from spiders.tiktok.spider import TIKTOK


class HybridSpider(PlatformSpider):
    """`scrapy crawl hybrid -a file=…`"""

    name = "hybrid"
    router = "/api/hybrid/video_data"
    platforms = (BILIBILI, DOUYIN, TIKTOK)
