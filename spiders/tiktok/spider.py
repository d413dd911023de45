"""The TikTok platform and its spider."""

from scraper.crawling.spider import PlatformSpider
from scraper.platform.platform import Platform
from scraper.platform.service import Probe, Service
from spiders.tiktok.cdn import CDN
from spiders.tiktok.dialect import V4
from spiders.tiktok.embedded_data import session_data
from spiders.tiktok.endpoints import ENDPOINTS
from spiders.tiktok.endpoints_common import APP_SERVICE, PAGE, WEB
from spiders.tiktok.endpoints_live import WEBCAST
from spiders.tiktok.ids import HOME, PLATFORM
from spiders.tiktok.query import VOLATILE, describe, refused_agent
from spiders.tiktok.targets import APP_SHARE, BARE_IDS, LITE, PATTERNS, SHARE, SHORT, WWW
from spiders.tiktok.verdicts import VERDICTS

# Known browsers get a page with a script, other clients the redirect.
HOP = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"}
_LOGIN = ("sessionid", "sessionid_ss", "sid_tt")
_EXPIRY = ("sid_guard",)
_APP_HOSTS = (
    "api22-normal-c-alisg.tiktokv.com",
    "api16-normal-c-useast1a.tiktokv.com",
    "api22-normal-c-useast2a.tiktokv.com",
    "api31-normal-useast2a.tiktokv.com",
    "api-h2.tiktokv.com",
    "api.tiktokv.com",
)

TIKTOK = Platform(
    name=PLATFORM,
    title="TikTok",
    services=[
        Service(
            name="tiktok_web",
            label="tiktok_web",
            surface="web",
            hosts=(*WWW, *SHORT, *SHARE, *APP_SHARE, *LITE, WEBCAST),
            cookie_domains=("tiktok.com",),
            home=HOME,
            login_page="https://www.tiktok.com/login",
            describe=describe,
            refused_agent=refused_agent,
            probe=Probe(url=HOME, headers=PAGE, decode=session_data, logged_in=lambda data: bool(data.get("user"))),
            cookie_variable="TIKTOK_WEB_COOKIE",
            login_cookies=_LOGIN,
            expiry_cookies=_EXPIRY,
        ),
        Service(
            name=APP_SERVICE,
            label=APP_SERVICE,
            surface="app",
            hosts=_APP_HOSTS,
            cookie_domains=("tiktokv.com",),
            cookie_variable="TIKTOK_APP_COOKIE",
            login_cookies=_LOGIN,
            expiry_cookies=_EXPIRY,
        ),
    ],
    patterns=PATTERNS,
    bare_ids=BARE_IDS,
    short_hosts=SHORT,
    endpoints=ENDPOINTS,
    verdicts=VERDICTS,
    router_for_unknown=f"{WEB}/fetch_one_video",
    volatile=VOLATILE,
    not_offered={"danmaku": "TikTok has no danmaku"},
    cdn=CDN,
    dialects={"v4": V4},
    hop_headers=HOP,
)


class TiktokSpider(PlatformSpider):
    """Crawl TikTok: `scrapy crawl tiktok -a url=…`"""

    name = "tiktok"
    platforms = (TIKTOK,)
