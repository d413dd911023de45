"""Scrapy's settings: how the machine is put together. What a user tunes is in config/ and in the last block.

Each value that differs from Scrapy's default says why. `-s NAME=value` wins over the environment, and that over these.
"""

from os import environ

from scraper import directories

BOT_NAME = "scraper"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"  # where genspider puts a new one
COMMANDS_MODULE = "scraper.commands"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

# The way out: an identity, then signing and the wire. Requests of ours carry a `dispatch` and keys that have Scrapy's
# middlewares for cookies, redirects and retries pass them by (`jobs.request_factory`): the identity has the cookies,
# and one page must not be sent by two mechanisms. For other requests Scrapy works as usual.
DOWNLOAD_HANDLERS = {"https": "scraper.network.download_handler.DownloadHandler"}  # ours go over TLS only
TRANSPORTS = {  # each is started by the first request that goes by it
    "direct": "scraper.network.transports.direct.Direct",
    "impersonate": "scraper.network.transports.impersonate.Impersonate",
    "browser": "scraper.network.browser.transport.Browser",
}
PLAYWRIGHT_PROCESS_REQUEST_HEADERS = None  # by default Scrapy's user agent is sent, and not the one that was signed for
PLAYWRIGHT_ABORT_REQUEST = "scraper.network.browser.transport.is_skipped"
PLAYWRIGHT_MAX_PAGES_PER_CONTEXT = environ.get("PLAYWRIGHT_MAX_PAGES_PER_CONTEXT", 4)  # of one identity
PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT = environ.get("PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT", 20_000)  # milliseconds
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default is not to
DOWNLOADER_MIDDLEWARES = {
    "scraper.network.middlewares.MaskingMiddleware": 580,  # of what is unpacked
    "scraper.network.middlewares.IdentityMiddleware": 600,  # before the proxy's, whose choice it may make
    "scraper.network.middlewares.ProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # it drops a request, and nothing answers its input
}
REQUEST_FINGERPRINTER_CLASS = "scraper.jobs.fingerprints.Fingerprinter"
HTTPPROXY_AUTH_ENCODING = "utf-8"  # of a proxy's user and password
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024  # no page of an API is larger; a body that unpacks to more is refused too
SCHEDULER_PRIORITY_QUEUE = "scraper.network.scheduler_queue.FairPriorityQueue"
CONCURRENT_REQUESTS = 32  # over all identities; each has its own limit in `pace`
AUTOTHROTTLE_ENABLED = True
SCHEDULER_DISK_QUEUE = "scrapy.squeues.PickleLifoSQLiteQueue"  # these survive a kill, where JOBDIR is set
SCHEDULER_START_DISK_QUEUE = "scrapy.squeues.PickleFifoSQLiteQueue"

# The way in: one page is one item, so that more than one worker a page would find nothing to do.
CONCURRENT_ITEMS = 1
WARN_ON_GENERATOR_RETURN_VALUE = False  # the check reads and parses the source of a callback again and again
ITEM_PROCESSOR = "scraper.output.item_processor.ItemProcessor"
FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORTERS = {
    "jsonlines": "scraper.output.exporters.JsonLinesExporter",
    "jsonl": "scraper.output.exporters.JsonLinesExporter",
    "jl": "scraper.output.exporters.JsonLinesExporter",
    "json": "scraper.output.exporters.JsonExporter",
    "csv": "scraper.output.exporters.CsvExporter",
    "xml": "scraper.output.exporters.XmlExporter",
    "pickle": "scraper.output.exporters.PickleExporter",
    "marshal": "scraper.output.exporters.MarshalExporter",
    "pprint": "scraper.output.exporters.PprintExporter",
}
FEED_STORAGES = {
    "": "scraper.output.feed_storage.LocalFile",
    "file": "scraper.output.feed_storage.LocalFile",
}
ITEM_PIPELINES_BASE = {  # not ITEM_PIPELINES: `-s ITEM_PIPELINES=…` replaces that, and DATABASE_URL would do nothing
    "pipelines.database.Database": 800,
}

EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.corestats.CoreStats": None,
    "scraper.output.statistics.PageCoreStats": 0,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scraper.output.feeds.PageFeedExporter": 0,
    "scraper.network.autothrottle.PaceThrottle": 0,
    "scraper.output.visible_text.VisibleLog": 0,
    "scraper.output.progress.Summary": 0,
}
TELNETCONSOLE_ENABLED = False  # both open a port that runs code
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "INFO"  # DEBUG writes a line for every page

# What a user sets: `-s NAME=value`, or the environment.
CONFIG_DIR = environ.get("CONFIG_DIR") or str(directories.config_dir())
OUTPUT_DIR = environ.get("OUTPUT_DIR") or str(directories.output_dir())
STATE_DIR = environ.get("STATE_DIR") or str(directories.state_dir())
DATABASE_URL = environ.get("DATABASE_URL")
RATE_LIMIT_WAIT = environ.get("RATE_LIMIT_WAIT", 60)  # seconds
RETRY_TIMES = environ.get("RETRY_TIMES", 3)
ROUTE_REST = environ.get("ROUTE_REST", 60)  # seconds in which a route that was refused five times is not asked
PLAYWRIGHT_LAUNCH_OPTIONS: object = environ.get(
    "PLAYWRIGHT_LAUNCH_OPTIONS", {}
)  # JSON: executable_path, args, headless …
PLAYWRIGHT_CDP_URL = environ.get("PLAYWRIGHT_CDP_URL")  # of a browser that runs already
OBSERVE = environ.get("OBSERVE", "")  # what lists and records tell beside: listing, edge
SUMMARY = environ.get("SUMMARY", "auto")  # a progress line and a summary: on, off, or auto: on a terminal
