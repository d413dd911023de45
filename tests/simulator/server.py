"""The simulator as a whole: a proxy in a background thread that serves every platform's hosts."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.simulator import damage
from tests.simulator.authority import Authority
from tests.simulator.connection import Connection
from tests.simulator.desk import Desk
from tests.simulator.faults import Fault, choose
from tests.simulator.messages import Answer, Request, Seen
from tests.simulator.notary import Notary
from tests.simulator.platforms import Platform, all_platforms
from tests.simulator.platforms.douyin import Douyin
from tests.simulator.platforms.tiktok import Tiktok
from tests.simulator.randomness import mix
from tests.simulator.violations import Violation, Watch
from tests.simulator.world import World

REMEMBERED_HOSTS = 1024


class Simulator:
    """Serves a world until it is closed; use it as a context manager."""

    def __init__(
        self,
        world: World,
        faults: Iterable[Fault] = (),
        *,
        port: int = 0,
        gzip: bool = False,
        ca: Path | str | None = None,
        remember: int | None = None,
        on_request: Callable[[Seen], None] | None = None,
        on_refused: Callable[[str], None] | None = None,
    ) -> None:
        self.world = world
        self.faults = list(faults)
        self.port = port
        self.gzip = gzip
        self.refused: list[str] = []
        self.platforms = all_platforms(world)
        self.desk = Desk()
        signing = (platform for platform in self.platforms if isinstance(platform, Douyin | Tiktok))
        self.notaries: dict[str, Notary] = {platform.name: platform.gate.notary for platform in signing}
        self._watch = Watch(self.platforms)
        self._violations: deque[Violation] = deque(maxlen=remember)
        self._folder = tempfile.TemporaryDirectory(prefix="simulator-")
        self.authority = Authority(Path(ca) if ca else Path(self._folder.name) / "ca.pem")
        self._seen: deque[Seen] = deque(maxlen=remember)
        self._lock = threading.Lock()
        self._number = 0
        self._counts = remember is None
        self.sent: Counter[str] = Counter()
        self.held = 0
        self._holding = False
        self._held_back: list[Callable[[], None]] = []
        self._on_request = on_request
        self._on_refused = on_refused
        self._owners: dict[str, Platform | None] = {}
        self._connections: set[Connection] = set()
        self._ready = threading.Event()
        self._stopping: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread | None = None
        self._failure: OSError | None = None

    @property
    def env(self) -> dict[str, str]:
        """The environment that sends a crawl here."""
        address = f"http://127.0.0.1:{self.port}"
        names = ("https_proxy", "http_proxy", "HTTPS_PROXY", "HTTP_PROXY")
        return {**dict.fromkeys(names, address), "no_proxy": "", "SSL_CERT_FILE": str(self.authority.path)}

    @property
    def requests(self) -> list[Seen]:
        """Everything asked so far, in order."""
        with self._lock:
            return list(self._seen)

    @property
    def violations(self) -> list[Violation]:
        """What was sent where it does not belong, in order."""
        with self._lock:
            return list(self._violations)

    def forget(self) -> None:
        """Empty the record of requests, of violations and of refused hosts."""
        with self._lock:
            self._seen.clear()
            self._violations.clear()
            self.sent.clear()
            self.refused.clear()

    def hold(self) -> None:
        """Hold all answers back from now on, so that whoever asks waits."""
        self._holding = True

    def hold_from(self, path: str, **query: str) -> None:
        """Hold all answers back from a request on, which waits as well."""

        earlier = self._on_request

        def note(request: Seen) -> None:
            if earlier is not None:
                earlier(request)
            if request.path == path and query.items() <= request.query.items():
                self.hold()
                self._on_request = earlier

        self._on_request = note

    def release(self) -> None:
        """Send what was held back, and answer at once again."""
        self._holding = False
        self._loop.call_soon_threadsafe(self._send_held_back)

    def _send_held_back(self) -> None:
        waiting, self._held_back = self._held_back, []
        for send in waiting:
            send()

    def later(self, delay: float, send: Callable[[], None]) -> Callable[[], None]:
        """Send an answer after its delay, or with all that are held back; returns what calls it off."""
        if self._holding:
            self._held_back.append(send)
            return lambda: self._held_back.remove(send)
        return self._loop.call_later(delay, send).cancel

    def start(self) -> Self:
        """Serve in a background thread; returns when the port is open."""
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def close(self) -> None:
        """Stop serving, cutting what is still open."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self._thread = None
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def count(self, request: Request, sent: int) -> None:
        """Note that so many bytes of a body were sent, unless only the latest requests are remembered."""
        if self._counts:
            self.sent[f"{request.host}{request.path}"] += sent

    def must_wait(self, answer: Answer) -> bool:
        """Whether an answer cannot go out at once."""
        return self._holding or answer.delay > 0

    def admits(self, host: str) -> bool:
        """Whether `host` is a platform's; others are noted as refused."""
        if self._owner(host) is not None:
            return True
        with self._lock:
            self.refused.append(host)
        if self._on_refused is not None:
            self._on_refused(host)
        return False

    def answer(self, request: Request) -> Answer:
        """The answer to one request, faults and latency included."""
        self._number += 1
        request.number = self._number
        platform = self._owner(request.host)
        assert platform is not None
        broken = list(self._watch.violations(request, platform))
        if broken:
            with self._lock:
                self._violations.extend(broken)
        fault = choose(self.faults, request)
        answer = self.desk.answer(platform, request) if fault is None else damage.apply(fault, request, platform)
        answer.delay += self._latency()
        self._note(request, answer, fault)
        return answer

    def _owner(self, host: str) -> Platform | None:
        if host not in self._owners:
            if len(self._owners) >= REMEMBERED_HOSTS:
                self._owners.clear()
            match = (p for p in self.platforms if any(fnmatchcase(host, pattern) for pattern in p.hosts))
            self._owners[host] = next(match, None)
        return self._owners[host]

    def _latency(self) -> float:
        mean, jitter = self.world.page_latency
        if not mean and not jitter:
            return 0.0
        share = mix(self.world.seed, self._number) / 2**64
        return max(0.0, mean + jitter * (2 * share - 1))

    def _note(self, request: Request, answer: Answer, fault: Fault | None) -> None:
        status = 0 if answer.ending == "reset" else answer.status
        record = Seen(
            request.number,
            request.host,
            request.method,
            request.path,
            request.query,
            request.headers,
            request.cookies,
            status,
            fault.do if fault else None,
            time.time(),
            self.held + 1,
            request.scheme == "https",
        )
        with self._lock:
            self._seen.append(record)
        if self._on_request is not None:
            self._on_request(record)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        try:
            server = await self._loop.create_server(self._accept, "127.0.0.1", self.port, backlog=1024)
        except OSError as error:
            self._failure = error
            self._ready.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)

    def _accept(self) -> Connection:
        connection = Connection(self, self._connections.discard)
        self._connections.add(connection)
        return connection
