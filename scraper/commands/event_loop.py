"""Twisted's reactor on a running event loop, for commands that crawl for as long as they run."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from twisted.internet.asyncioreactor import install
from twisted.internet.base import ReactorBase


@contextmanager
def twisted_reactor() -> Iterator[None]:
    """Start Twisted's reactor on the running loop: browsers need it, and what users' pipelines defer to threads."""
    install(asyncio.get_running_loop())
    from twisted.internet import reactor

    started = cast(ReactorBase, reactor)
    started.startRunning(installSignalHandlers=False)
    try:
        yield
    finally:
        if started.threadpool is not None:  # only the threads: the event "shutdown" would stop the loop as well
            started.threadpool.stop()
