"""Scrapy settings: how the crawler is assembled. Settings for users are in config/ and in the last block.

Comments say why a value differs from Scrapy's default. `-s NAME=value` overrides the environment, which overrides
these values.

Most components are in settings that end in _BASE: a user's own EXTENSIONS, DOWNLOADER_MIDDLEWARES … are added to
them, and do not turn them off.
"""

from os import environ

from scrapy.settings import default_settings

from scraper import directories
from scraper.network import on_demand

BOT_NAME = "scraper"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"  # where genspider puts a new one
COMMANDS_MODULE = "scraper.commands"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

# Sending: an identity is chosen, then the request is signed and sent. Requests of platform spiders have a `dispatch` in
# their meta, and keys that make Scrapy's cookie, redirect and retry middlewares skip them (`jobs.request_factory`):
# cookies belong to the identity, and there must be only one retry mechanism. Other requests work as usual in Scrapy.
DOWNLOAD_HANDLERS = {
    "https": "scraper.network.download_handler.DownloadHandler",  # platforms are reached over TLS only
    "http": "scraper.network.on_demand.ScrapyHandler",
}
RETRY_EXCEPTIONS = [error for error in default_settings.RETRY_EXCEPTIONS if error != on_demand.TUNNEL_ERROR]
TRANSPORTS = {  # each is started by the first request that uses it
    "direct": "scraper.network.transports.direct.Direct",
    "impersonate": "scraper.network.transports.impersonate.Impersonate",
    "browser": "scraper.network.browser.transport.Browser",
}
PLAYWRIGHT_PROCESS_REQUEST_HEADERS = None  # the default would send Scrapy's user agent instead of the identity's
PLAYWRIGHT_ABORT_REQUEST = "scraper.network.browser.transport.is_skipped"
PLAYWRIGHT_MAX_PAGES_PER_CONTEXT = environ.get("PLAYWRIGHT_MAX_PAGES_PER_CONTEXT", 4)  # per identity
PLAYWRIGHT_MAX_CONTEXTS = environ.get("PLAYWRIGHT_MAX_CONTEXTS", 16)  # maximum number of identities in the browser
PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT = environ.get("PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT", 20_000)  # milliseconds
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default is False
DOWNLOADER_MIDDLEWARES_BASE = {
    **on_demand.replaced(default_settings.DOWNLOADER_MIDDLEWARES_BASE),
    "scraper.network.middlewares.IdentityMiddleware": 600,  # may set a proxy, so it runs before ProxyMiddleware
    "scraper.network.middlewares.ProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
}
SPIDER_MIDDLEWARES_BASE = {
    **default_settings.SPIDER_MIDDLEWARES_BASE,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # it would drop requests silently
}
REQUEST_FINGERPRINTER_CLASS = "scraper.jobs.fingerprints.Fingerprinter"
HTTPPROXY_AUTH_ENCODING = "utf-8"  # of the proxy's user name and password
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024  # larger than any page of an API; also limits decompressed bodies
SCHEDULER = "scraper.crawling.scheduler.GuardedScheduler"
SCHEDULER_PRIORITY_QUEUE = "scraper.network.scheduler_queue.FairPriorityQueue"
CONCURRENT_REQUESTS = 32  # for all identities together; each has its own limit in `pace`
AUTOTHROTTLE_ENABLED = True

# Receiving: a page is one item inside the engine, so more than one worker per page would be idle.
CONCURRENT_ITEMS = 1
WARN_ON_GENERATOR_RETURN_VALUE = False  # the check parses the source code of callbacks repeatedly
ITEM_PROCESSOR = "scraper.output.item_processor.ItemProcessor"
FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORTERS_BASE = {
    **default_settings.FEED_EXPORTERS_BASE,
    "jsonlines": "scraper.output.exporters.JsonLinesExporter",
    "jsonl": "scraper.output.exporters.JsonLinesExporter",
    "jl": "scraper.output.exporters.JsonLinesExporter",
    "gz": "scraper.output.exporters.GzipLinesExporter",  # .jsonl.gz
    "zst": "scraper.output.exporters.ZstdLinesExporter",  # .jsonl.zst
    "json": "scraper.output.exporters.JsonExporter",
    "csv": "scraper.output.exporters.CsvExporter",
    "xlsx": "scraper.output.workbook.WorkbookLines",
    "table": "scraper.output.record_table.TableExporter",  # what csv is for records
    "xml": "scraper.output.exporters.XmlExporter",
    "pickle": "scraper.output.exporters.PickleExporter",
    "marshal": "scraper.output.exporters.MarshalExporter",
    "pprint": "scraper.output.exporters.PprintExporter",
}
FEED_STORAGES_BASE = {
    **default_settings.FEED_STORAGES_BASE,
    "": "scraper.output.feed_storage.LocalFile",
    "file": "scraper.output.feed_storage.LocalFile",
    "stdout": "scraper.output.feed_storage.StandardOutput",
    "s3": "scraper.output.feed_storage.S3Storage",
}
ITEM_PIPELINES_BASE = {
    "pipelines.database.Database": 800,
    "pipelines.media.Media": 900,
}

EXTENSIONS_BASE = {
    **on_demand.replaced(default_settings.EXTENSIONS_BASE),
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.corestats.CoreStats": None,
    "scraper.output.statistics.PageCoreStats": 0,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scraper.output.feeds.PageFeedExporter": 0,
    "scraper.network.autothrottle.PaceThrottle": 0,
    "scraper.output.visible_text.VisibleLog": 0,
    "scraper.output.progress.Summary": 0,
}
STATS_CLASS = "scraper.output.statistics.CrawlStats"
TELNETCONSOLE_ENABLED = False  # this and REMOTE_CONTROL would open a port that executes code
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "INFO"  # DEBUG logs every page

# Settings for users: `-s NAME=value`, or the environment.
CONFIG_DIR = environ.get("CONFIG_DIR") or str(directories.config_dir())
OUTPUT_DIR = environ.get("OUTPUT_DIR") or str(directories.output_dir())
STATE_DIR = environ.get("STATE_DIR") or str(directories.state_dir())
DATABASE_URL = environ.get("DATABASE_URL")
RATE_LIMIT_WAIT = environ.get("RATE_LIMIT_WAIT", 60)  # seconds
RETRY_TIMES = environ.get("RETRY_TIMES", 3)
ROUTE_REST = environ.get("ROUTE_REST", 60)  # seconds for which a route is skipped after five refusals in a row
CHALLENGE_STOP = environ.get("CHALLENGE_STOP", 5)  # challenges in a row that stop a service; 0 for never
PLAYWRIGHT_LAUNCH_OPTIONS: object = environ.get(
    "PLAYWRIGHT_LAUNCH_OPTIONS", {}
)  # JSON: executable_path, args, headless …
PLAYWRIGHT_CDP_URL = environ.get("PLAYWRIGHT_CDP_URL")  # of a running browser to use
DRIFT_RECORDS = environ.get("DRIFT_RECORDS", 20)  # least number of sampled objects in which a field is judged
DRIFT_FALL = environ.get("DRIFT_FALL", 0.25)  # how far a field's share of known values must fall to be named
DRIFT_EXIT = environ.get("DRIFT_EXIT", 0.5)  # how far it must fall for exit code 6; above 1 for never
LEDGER_ENABLED = True  # keep what is left of a run, for `scrapy resume`
RESUME_RUN = ""  # the id of the run to continue, set by `scrapy resume`
KEEP_RUNS = environ.get("KEEP_RUNS", 100)  # finished runs that stay in the ledger, with their run.json; 0 for all
RUN_WEBHOOK = environ.get("RUN_WEBHOOK")  # the URL that run.json is sent to at the end of a run
RAW_CAPTURE = environ.get("RAW_CAPTURE", "0")  # keep every answer, for `scrapy renormalize`
MEDIA = environ.get("MEDIA", "")  # files that are downloaded: video, image, music, cover, subtitle, danmaku, live_photo
MEDIA_STORE = environ.get("MEDIA_STORE")  # a folder; by default `media` in OUTPUT_DIR
MEDIA_NAME = environ.get("MEDIA_NAME", "{platform}/{author}/{date}_{id}_{title}.{ext}")
MEDIA_QUALITY = environ.get("MEDIA_QUALITY", "best")  # best, h264, <=1080p or smallest
MEDIA_WATERMARK = environ.get("MEDIA_WATERMARK", "0")  # download the files with watermark where there are any
MEDIA_SUBTITLES = environ.get("MEDIA_SUBTITLES", "srt")  # formats of files of subtitles: srt, vtt, txt
MEDIA_DANMAKU = environ.get("MEDIA_DANMAKU", "xml,ass")  # formats of files of danmaku: xml, ass
MEDIA_CONCURRENCY = environ.get("MEDIA_CONCURRENCY", 4)  # files that are downloaded at once
MEDIA_MAX_FILE_SIZE = environ.get("MEDIA_MAX_FILE_SIZE", "0")  # such as 500M; larger files are skipped; 0 for any
MEDIA_MAX_TOTAL = environ.get("MEDIA_MAX_TOTAL", "0")  # of all files of a run; what exceeds it is skipped; 0 for any
MEDIA_MIN_FREE = environ.get("MEDIA_MIN_FREE", "100M")  # what must stay free on the disk of MEDIA_STORE
MEDIA_ARCHIVE = environ.get("MEDIA_ARCHIVE")  # a file that names the posts whose files are not downloaded again
SERVE_JOBS = environ.get("SERVE_JOBS", 2)  # jobs of `scrapy serve` that run at once
WORKER_LEASE = environ.get("WORKER_LEASE", 30)  # seconds after which others take over what a silent worker held
SERVE_SPOOL = environ.get("SERVE_SPOOL", "4G")  # size of the files that `scrapy serve` makes before it sends them
OBSERVE = environ.get("OBSERVE", "")  # optional records: placement, edge
FIELDS = environ.get("FIELDS", "")  # the fields that are written, such as video_id,text,statistics.*; "" for all
DROP = environ.get("DROP", "")  # fields that are not written
PRIVACY = environ.get("PRIVACY", "")  # what is written of personal data, such as P1=hmac,P2=drop,P3=keep
DIALECT = environ.get("DIALECT")  # v4: posts under the names of the older API
SUMMARY = environ.get("SUMMARY", "auto")  # a progress line and a summary: on, off, or auto: on a terminal
SERVE_MAX_CALLS = environ.get("SERVE_MAX_CALLS", 200)  # that scrapy serve answers at once
SERVE_MAX_CALLS_EACH = environ.get("SERVE_MAX_CALLS_EACH", 100)  # of one token, or of one address without tokens
SERVE_CALLS_PER_MINUTE = environ.get("SERVE_CALLS_PER_MINUTE", 60_000)  # of each of those; 0 for any number
