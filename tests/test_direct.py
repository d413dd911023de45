"""The plain transport leaves no connection open when a crawl ends."""

import asyncio
import gc
import socket
import threading
import warnings

from scrapy.exceptions import DownloadTimeoutError

from scraper.network.transports.direct import Direct
from tests.simulator.authority import Authority
from tests.wire import ask, certified, request


def test_a_peer_that_never_closes_holds_no_connection_open(authority: Authority) -> None:
    """A host that stops reading never answers the TLS goodbye of a request that timed out."""
    ended = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def accept_and_stop_reading() -> None:
        connection, _ = listening.accept()
        with certified(authority, "127.0.0.1").wrap_socket(connection, server_side=True):
            ended.wait(60)

    peer = threading.Thread(target=accept_and_stop_reading)
    peer.start()
    gc.collect()  # of crawls before, whose engines Scrapy does not close if they cannot start
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        [answer] = asyncio.run(ask(Direct, request(url), DOWNLOAD_TIMEOUT=1))
        gc.collect()
    ended.set()
    peer.join()
    listening.close()
    assert isinstance(answer, DownloadTimeoutError)
    assert not [str(warning.message) for warning in caught if warning.category is ResourceWarning]
