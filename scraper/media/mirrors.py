"""Which hosts of CDNs failed: a file is sought there last."""

from collections import OrderedDict
from collections.abc import Iterable
from urllib.parse import urlsplit

_MOST = 1000  # hosts that are remembered


def host_of(url: str) -> str:
    """Return the host of a URL, for messages.

    >>> host_of("https://v1.cdn.test:8082/a?sign=1")
    'v1.cdn.test:8082'
    """
    return urlsplit(url).netloc.rpartition("@")[2]


class Mirrors:
    """Remembers the hosts that failed last."""

    def __init__(self) -> None:
        self._dead: OrderedDict[str, None] = OrderedDict()

    def ordered(self, urls: Iterable[str]) -> list[str]:
        """Return the mirrors of a file, each once: those whose host failed come last."""
        return sorted(dict.fromkeys(urls), key=lambda url: host_of(url) in self._dead)

    def note(self, url: str, *, is_alive: bool) -> None:
        """Note whether a host served a file."""
        host = host_of(url)
        self._dead.pop(host, None)
        if not is_alive:
            self._dead[host] = None
            if len(self._dead) > _MOST:
                self._dead.popitem(last=False)
