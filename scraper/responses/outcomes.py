"""The outcomes of a request, with their codes and remedies. This is the project's only list of them.

outcome             code  remedy             what it is
------------------  ----  -----------------  ---------------------------------------------------------------
OK                  200   keep               a page of records
INCOMPLETE          206   report             a list that stopped before its end
BAD_INPUT           400   give up            unrecognised link, or a missing or malformed parameter
LOGIN_REQUIRED      401   give up            this endpoint needs a login, or a higher account level
SIGNATURE_REJECTED  403   next route         refused as unsigned or wrongly signed
NOT_FOUND           404   give up            deleted, or never existed
MEDIA_EXPIRED       410   ask again          an expired media URL
UPSTREAM_CHANGED    422   give up            an answer in a format that the parser does not know
CHALLENGE           423   pause identity     captcha, verify page, risk control: reported, never solved
RATE_LIMITED        429   wait               too many requests by this identity
COOKIE_EXPIRED      440   new identity       the cookie is no longer accepted
PRIVATE             451   give up            visible only to its owner, or to people the owner chose
GEO_BLOCKED         452   give up            blocked for this country or IP address
BUG                 500  give up            an error in this program's own code, logged with its traceback
UPSTREAM            502   retry              empty, truncated, not JSON, 5xx, a broken connection
PROXY               503   retry              the user's proxy does not answer
"""

from enum import Enum, IntEnum


class Remedy(Enum):
    """What the crawler does after an outcome."""

    KEEP = "keep"
    REPORT = "report"
    GIVE_UP = "give up"
    RETRY = "retry"
    WAIT = "wait"
    NEXT_ROUTE = "next route"
    NEW_IDENTITY = "new identity"
    PAUSE_IDENTITY = "pause identity"
    ASK_AGAIN = "ask again"


class Outcome(IntEnum):
    """The value is the envelope's `code`."""

    OK = 200
    INCOMPLETE = 206
    BAD_INPUT = 400
    LOGIN_REQUIRED = 401
    SIGNATURE_REJECTED = 403
    NOT_FOUND = 404
    MEDIA_EXPIRED = 410
    UPSTREAM_CHANGED = 422
    CHALLENGE = 423
    RATE_LIMITED = 429
    COOKIE_EXPIRED = 440
    PRIVATE = 451
    GEO_BLOCKED = 452
    BUG = 500
    UPSTREAM = 502
    PROXY = 503

    @property
    def remedy(self) -> Remedy:
        return _REMEDIES.get(self, Remedy.GIVE_UP)

    @property
    def retryable(self) -> bool:
        """Whether the same request can succeed later."""
        return self in _RETRYABLE

    def advice(self, service: str) -> str:
        """Return a sentence that tells the user what to do next.

        :param service: the service whose cookie and pace the sentence names
        """
        return _ADVICE[self].format(service=service)


_REMEDIES = {
    Outcome.OK: Remedy.KEEP,
    Outcome.INCOMPLETE: Remedy.REPORT,
    Outcome.SIGNATURE_REJECTED: Remedy.NEXT_ROUTE,
    Outcome.MEDIA_EXPIRED: Remedy.ASK_AGAIN,
    Outcome.CHALLENGE: Remedy.PAUSE_IDENTITY,
    Outcome.RATE_LIMITED: Remedy.WAIT,
    Outcome.COOKIE_EXPIRED: Remedy.NEW_IDENTITY,
    Outcome.UPSTREAM: Remedy.RETRY,
    Outcome.PROXY: Remedy.RETRY,
}

_RETRYABLE = {
    Outcome.INCOMPLETE,
    Outcome.CHALLENGE,
    Outcome.RATE_LIMITED,
    Outcome.UPSTREAM,
    Outcome.PROXY,
    Outcome.MEDIA_EXPIRED,
}

_ADVICE = {
    Outcome.OK: "",
    Outcome.INCOMPLETE: "run the same target again later, or continue from the cursor in meta.cursor",
    Outcome.BAD_INPUT: "correct the link, id or parameter",
    Outcome.LOGIN_REQUIRED: "log in with `scrapy login {service}`, or give the cookie of a logged-in browser session:"
    " `scrapy update_cookie --service {service} --cookie -`",
    Outcome.SIGNATURE_REJECTED: "try again later, or with the cookie of a logged-in session for {service};"
    " some routes need a browser on this machine: `scrapy doctor` says which",
    Outcome.NOT_FOUND: "nothing to do: it does not exist on the platform",
    Outcome.MEDIA_EXPIRED: "fetch the video again for fresh URLs",
    Outcome.UPSTREAM_CHANGED: "report it with the path in the message: the platform changed the shape of its answer",
    Outcome.CHALLENGE: "open the platform in the browser that the {service} cookie came from and pass the check by"
    " hand, wait, and crawl more slowly; challenges are never solved here",
    Outcome.RATE_LIMITED: "wait for retry_after seconds and raise pace.delay_s of {service}",
    Outcome.COOKIE_EXPIRED: "log in again with `scrapy login {service}`, or in your browser and give the new cookie:"
    " `scrapy update_cookie --service {service} --cookie -`; a running crawl uses it for its next request",
    Outcome.PRIVATE: "nothing to do, unless your own account may see it: then configure its {service} cookie",
    Outcome.GEO_BLOCKED: "use a proxy in a country where it is available (`proxy:` in the configuration)",
    Outcome.BUG: "report it with the traceback from the log: this is an error in the program, not in your input",
    Outcome.UPSTREAM: "try again later; if nothing gets an answer, check your network with `scrapy doctor --quick`",
    Outcome.PROXY: "check https_proxy, or `proxy:` in the configuration of {service}",
}

GIVE_INPUT = "give a link, an id, or a share text that contains one"
FOLLOW_MESSAGE = "do what the message says"
READ_REST = "make the file readable, and crawl the inputs that are left"
CORRECT_ROW = "correct this row of the target file, and crawl it again"
REMOVE_INPUT = "remove this input: it cannot be corrected"
"""Advice for a BAD_INPUT in which nothing can be corrected, or something else than the input."""

DEFINITE = {Outcome.NOT_FOUND, Outcome.PRIVATE, Outcome.GEO_BLOCKED}
"""Definite answers about an input, which do not count as failures of the crawl."""
