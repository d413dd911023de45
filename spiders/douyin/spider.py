"""The Douyin platform and its spider."""

from scraper.crawling.spider import PlatformSpider
from scraper.platform import with_query
from scraper.platform.cdn import Cdn
from scraper.platform.platform import Platform
from scraper.platform.service import Probe, Service
from spiders.douyin.dialect import V4
from spiders.douyin.embedded_data import decode_unsigned
from spiders.douyin.endpoints import ENDPOINTS, VOLATILE
from spiders.douyin.endpoints_common import API, ROUTER
from spiders.douyin.ids import PLATFORM
from spiders.douyin.query import common, describe
from spiders.douyin.streams import REFERER
from spiders.douyin.targets import BARE_IDS, LIVE, MOBILE, PATTERNS, SHARE, SHORT, WEBCAST, WWW
from spiders.douyin.verdicts import VERDICTS

DOUYIN = Platform(
    name=PLATFORM,
    title="Douyin",
    chinese_title="抖音",
    services=[
        Service(
            name="douyin_web",
            label="douyin",
            surface="web",
            hosts=(*WWW, *SHARE, *MOBILE, *LIVE, *WEBCAST, *SHORT),
            cookie_domains=("douyin.com", "iesdouyin.com"),
            home="https://www.douyin.com/",
            login_page="https://www.douyin.com/",
            describe=describe,
            # It names the session's user, also a guest. Unsigned it may be empty, which proves nothing.
            probe=Probe(url=with_query(f"{API}/query/user/", common()), decode=decode_unsigned),
            cookie_variable="DOUYIN_COOKIE",
            login_cookies=("sessionid", "sessionid_ss", "sid_tt"),
            expiry_cookies=("sid_guard",),
        )
    ],
    patterns=PATTERNS,
    bare_ids=BARE_IDS,
    short_hosts=SHORT,
    endpoints=ENDPOINTS,
    verdicts=VERDICTS,
    router_for_unknown=f"{ROUTER}/fetch_one_video",
    volatile=VOLATILE,
    not_offered={"subtitles": "Douyin shows no subtitles on its website; what is in the picture is part of the video"},
    cdn=Cdn(
        hosts=(
            "*.douyinvod.com",
            "*.douyinpic.com",
            "*.douyinstatic.com",
            "*.byteimg.com",
            "*.ibytedtos.com",
            "*.qtaeixd.com",
            "aweme.snssdk.com",
            *WWW,
        ),
        referer=REFERER,
    ),
    dialects={"v4": V4},
)


class DouyinSpider(PlatformSpider):
    """Crawl Douyin: `scrapy crawl douyin -a url=…`"""

    name = "douyin"
    platforms = (DOUYIN,)
