"""Where TikTok's files are."""

from scraper.platform.cdn import Cdn
from spiders.tiktok.ids import HOME
from spiders.tiktok.media import WEB_COOKIES

CDN = Cdn(
    hosts=(
        "*.tiktokcdn.com",
        "*.tiktokcdn-us.com",
        "*.tiktokcdn-eu.com",
        "v*-webapp*.tiktok.com",
        "*.ibytedtos.com",
        "*.muscdn.com",
    ),
    referer=HOME,
    cookies=WEB_COOKIES,
)
