"""The spider of all platforms: each link uses the tables, identities, pace and verdicts of its platform."""

from scraper.crawling.spider import PlatformSpider
from spiders.bilibili.spider import BILIBILI
from spiders.douyin.spider import DOUYIN
from spiders.tiktok.spider import TIKTOK


class HybridSpider(PlatformSpider):
    """Crawl links of all platforms: `scrapy crawl hybrid -a file=…`"""

    name = "hybrid"
    router = "/api/hybrid/video_data"
    platforms = (BILIBILI, DOUYIN, TIKTOK)
