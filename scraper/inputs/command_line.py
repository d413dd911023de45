"""Write the command of a crawl."""

import shlex
from collections.abc import Mapping


def written(spider: str, arguments: Mapping[str, str]) -> str:
    """Return the command of a crawl.

    >>> written("toys", {"url": "a b"})
    "scrapy crawl toys -a 'url=a b'"
    """
    options = (f"-a {shlex.quote(f'{name}={value}')}" for name, value in arguments.items())
    return " ".join([f"scrapy crawl {spider}", *options])
