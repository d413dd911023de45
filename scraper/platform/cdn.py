"""The declaration of a platform's CDN: the only hosts that media files are downloaded from."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Cdn:
    """
    :param hosts: its hosts; `*` stands for any characters
    :param referer: the page that its files are shown on, sent if a record names no headers
    :param cookies: the names of the cookies that it needs, sent if a record names no headers
    """

    hosts: Sequence[str]
    referer: str = ""
    cookies: Sequence[str] = ()

    def allows(self, url: str) -> bool:
        """Return whether a file may be requested from a URL, which may come from a redirect.

        >>> cdn = Cdn(hosts=("*.cdn.test",))
        >>> [cdn.allows(url) for url in ("https://v1.cdn.test:8082/a", "http://v1.cdn.test/a", "https://x.test/.cdn.test")]
        [True, False, False]
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        host = parts.hostname or ""
        return parts.scheme == "https" and any(fnmatchcase(host, pattern) for pattern in self.hosts)


NO_CDN = Cdn(hosts=())
"""That of a platform whose files are not downloaded."""
