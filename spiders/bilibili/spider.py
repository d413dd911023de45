"""The Bilibili platform and its spider."""

from scraper.crawling.spider import PlatformSpider
from scraper.platform.cdn import Cdn
from scraper.platform.parts import Parts
from scraper.platform.platform import Platform
from scraper.platform.service import Service
from spiders.bilibili.dialect import V4
from spiders.bilibili.endpoints import ENDPOINTS, VOLATILE
from spiders.bilibili.endpoints_common import ROUTER
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.session import BilibiliSession
from spiders.bilibili.streams import REFERER
from spiders.bilibili.targets import BARE_IDS, PATTERNS, SHORT, SPACE, WWW, page_of_part, selects_part
from spiders.bilibili.verdicts import VERDICTS

BILIBILI = Platform(
    name=PLATFORM,
    title="Bilibili",
    chinese_title="哔哩哔哩",
    services=[
        Service(
            name="bilibili_web",
            label="bilibili",
            surface="web",
            hosts=("api.bilibili.com", "api.live.bilibili.com", *WWW, *SPACE, *SHORT),
            cookie_domains=("bilibili.com",),
            login_page="https://passport.bilibili.com/login",
            cookie_variable="BILIBILI_COOKIE",
            login_cookies=("SESSDATA",),
            wanted_cookies=("SESSDATA", "bili_jct", "DedeUserID"),
            session=BilibiliSession,
        )
    ],
    patterns=PATTERNS,
    bare_ids=BARE_IDS,
    short_hosts=SHORT,
    endpoints=ENDPOINTS,
    verdicts=VERDICTS,
    router_for_unknown=f"{ROUTER}/fetch_one_video",
    volatile=VOLATILE,
    cdn=Cdn(
        hosts=(
            "*.bilivideo.com",
            "*.bilivideo.cn",
            "upos-*.akamaized.net",
            "*.szbdyd.com",
            "*.hdslb.com",
            "*.biliimg.com",
        ),
        referer=REFERER,
    ),
    parts=Parts(page=page_of_part, is_selected=selects_part),
    dialects={"v4": V4},
)


class BilibiliSpider(PlatformSpider):
    """Crawl Bilibili: `scrapy crawl bilibili -a url=…`"""

    name = "bilibili"
    platforms = (BILIBILI,)
