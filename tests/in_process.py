"""`scrapy …` in the test process: the code of the command line, on an event loop of its own and without a reactor.

A process costs 1.5–3 s of CPU before its crawl begins, this some milliseconds. What the command changes in the process
is put back, and what it leaves open is an error. Only what takes a process is missing: a kill, a terminal, and routes
in a browser, which need Twisted's reactor.
"""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, chdir, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from scrapy.cmdline import execute
from scrapy.utils import log as scrapy_log
from scrapy.utils.log import _uninstall_scrapy_root_handler
from scrapy.utils.project import get_project_settings
from twisted.python import log as twisted_log

from scraper.commands.uncaught import mask_uncaught
from scraper.identities.masking import SECRETS

ROOT = Path(__file__).parents[1]
PATIENCE_S = 120
_SETTINGS = "scraper.settings"  # reads the environment as it is imported
_HTTP_HANDLER = "scrapy.core.downloader.handlers._base_streaming"
_HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning)


class Result(NamedTuple):
    """What a shell sees of a command."""

    code: int
    out: str
    err: str


class WatchedLoop(asyncio.SelectorEventLoop):
    """Remembers the tasks that were open when the crawl was over: Scrapy cancels them without a word."""

    left: list[str] | None = None

    def run_until_complete(self, future: Any) -> Any:
        """Run as usual. The first run is that of the crawl, those after it close the loop."""
        try:
            return super().run_until_complete(future)
        finally:
            if self.left is None:
                self.left = [repr(task) for task in asyncio.all_tasks(self)]


class Stopped(KeyboardInterrupt):
    """The command must not go on. No task swallows it, as it would an ordinary exception."""


class Terminator:
    """Ends the command of this process when it takes too long, or when what happens meanwhile fails."""

    def __init__(self) -> None:
        self._active = False

    def __enter__(self) -> Terminator:
        signal.signal(signal.SIGALRM, self._raise)
        signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
        self._active = True
        return self

    def __exit__(self, *error: object) -> None:
        self._active = False
        signal.setitimer(signal.ITIMER_REAL, 0)

    def stop(self) -> None:
        """Have the command end at once. It may have ended by itself."""
        send(signal.SIGALRM)

    def _raise(self, number: int, frame: FrameType | None) -> None:
        if self._active:
            raise Stopped


def send(number: signal.Signals) -> None:
    """Send a signal to this process as another one would: it wakes the main thread."""
    signal.pthread_kill(threading.main_thread().ident or 0, number)


def run(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    stdin: bytes = b"",
    settings: Mapping[str, object] | None = None,
    meanwhile: Callable[[threading.Event], object] | None = None,
    may_leave: bool = False,
) -> Result:
    """Run `scrapy` with these words, as a process of this environment would.

    :param env: the whole environment
    :param settings: further settings, as if the project had them
    :param meanwhile: what to do while it runs, in a thread of its own; it is given what tells the end of the command
    :param may_leave: whether it may end with something open, as a crawl does that Scrapy could not start
    :raises AssertionError: it did not end, or left a task or a socket open
    """
    with ExitStack() as stack:
        for context in (chdir(ROOT), _environment(env), _modules(env), _signals()):
            stack.enter_context(context)
        out, err = stack.enter_context(_streams(stdin))
        for context in (_logging(), _hooks(), _warnings(), _garbage()):
            stack.enter_context(context)
        loop = stack.enter_context(_loop())
        terminator = Terminator()
        if meanwhile:
            stack.enter_context(_another_thread(meanwhile, terminator))
        stack.enter_context(terminator)
        code = _execute(["scrapy", *words], settings or {})
    written, errors = out.written.getvalue().decode(), err.written.getvalue().decode()
    assert code is not None, f"it did not end in {PATIENCE_S} s\n{errors}"
    assert may_leave or not loop.left, loop.left
    assert may_leave or "ResourceWarning" not in errors, errors
    return Result(code, written, errors)


@contextmanager
def nothing_left_open() -> Iterator[None]:
    """Hold that no file or socket is open, and no thread alive that a process would wait for, that was not before."""
    before = _open_now()
    yield
    assert not (left := _open_now() - before), left


def _open_now() -> set[str]:
    folder = Path("/proc/self/fd")
    files = set()
    for link in folder.iterdir() if folder.exists() else ():
        with suppress(FileNotFoundError):  # of the listing itself
            files.add(f"{link.name} {link.readlink()}")
    files = {file for file in files if "socket:" in file or "/" in file}  # c-ares closes its pipes a second later
    return files | {repr(thread) for thread in threading.enumerate() if not thread.daemon}


def _execute(argv: list[str], more: Mapping[str, object]) -> int | None:
    settings = get_project_settings()
    settings.setdict({"TWISTED_REACTOR_ENABLED": False, **more}, priority="project")
    try:
        execute(argv, settings)
    except SystemExit as ended:
        return int(ended.code or 0)
    except Stopped:
        return None
    except Exception as error:  # noqa: BLE001 the interpreter's own door, which a process has as well
        sys.excepthook(type(error), error, error.__traceback__)
    return 1


new_stdout: Callable[[], io.BytesIO] = io.BytesIO
"""What standard output is made by; a test may put another in its place, which takes less."""


class _Stream(io.TextIOWrapper):
    """Keeps what is written to it."""

    def __init__(self, written: io.BytesIO) -> None:
        self.written = written
        super().__init__(self.written, "utf-8", write_through=True)


@contextmanager
def _environment(env: Mapping[str, str]) -> Iterator[None]:
    kept = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(env)
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


@contextmanager
def _modules(env: Mapping[str, str]) -> Iterator[None]:
    """Let the settings be read anew, and modules of PYTHONPATH be found; neither is kept."""
    settings, path = sys.modules.pop(_SETTINGS, None), list(sys.path)
    folders = tuple(filter(None, env.get("PYTHONPATH", "").split(os.pathsep)))
    sys.path[:0] = folders
    try:
        yield
    finally:
        sys.path[:] = path
        for name, module in list(sys.modules.items()):
            if name == _SETTINGS or (getattr(module, "__file__", None) or "").startswith(folders):
                del sys.modules[name]
        if settings:
            sys.modules[_SETTINGS] = settings


@contextmanager
def _signals() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def _streams(stdin: bytes) -> Iterator[tuple[_Stream, _Stream]]:
    kept = sys.stdin, sys.stdout, sys.stderr
    out, err = _Stream(new_stdout()), _Stream(io.BytesIO())
    given = io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin)), "utf-8")
    sys.stdin, sys.stdout, sys.stderr = given, out, err
    try:
        yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept


@contextmanager
def _logging() -> Iterator[None]:
    """Let the command set up logging as in a new process."""
    root, observers = logging.root, list(twisted_log.theLogPublisher.observers)
    handlers, level = root.handlers, root.level
    levels = {logger: logger.level for logger in _loggers()}
    root.handlers, factory = [], logging.getLogRecordFactory()
    SECRETS.clear()
    logging.getLogger(_HTTP_HANDLER).addFilter(_is_expected)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        logging.setLogRecordFactory(factory)
        _uninstall_scrapy_root_handler()  # else each later crawl of this process gets a handler of its own
        logging.getLogger(_HTTP_HANDLER).removeFilter(_is_expected)
        scrapy_log._uninstall_scrapy_root_handler()  # it would be installed anew by the next crawl of any kind
        root.handlers, root.level = handlers, level
        for logger in _loggers():
            logger.setLevel(levels.get(logger, logging.NOTSET))
        for observer in set(twisted_log.theLogPublisher.observers) - set(observers):
            twisted_log.removeObserver(observer)


@contextmanager
def _hooks() -> Iterator[None]:
    """Let the command choose what is printed of exceptions that nothing catches."""
    kept = sys.excepthook, threading.excepthook
    mask_uncaught()  # as the import of `scraper.commands` does in a new process
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = kept


def _is_expected(record: logging.LogRecord) -> bool:
    """Leave out that Scrapy's own handler for plain HTTP is another one without a reactor."""
    return "is experimental" not in record.getMessage()


def _loggers() -> list[logging.Logger]:
    return [logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]


@contextmanager
def _warnings() -> Iterator[None]:
    """Show those that a new process shows, and what was not closed."""
    hook = sys.unraisablehook
    sys.unraisablehook = sys.__unraisablehook__
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for category in _HIDDEN:
            warnings.simplefilter("ignore", category)
        warnings.simplefilter("always", ResourceWarning)
        try:
            yield
        finally:
            sys.unraisablehook = hook


@contextmanager
def _garbage() -> Iterator[None]:
    """Collect what the command leaves, as the end of a process would: what nobody awaited or closed then says so."""
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()


@contextmanager
def _loop() -> Iterator[WatchedLoop]:
    """Install a loop for Scrapy to find."""
    loop = WatchedLoop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


@contextmanager
def _another_thread(action: Callable[[threading.Event], object], terminator: Terminator) -> Iterator[None]:
    failures: list[BaseException] = []
    ended = threading.Event()

    def act() -> None:
        try:
            action(ended)
        except BaseException as error:  # noqa: BLE001 raised again in the main thread
            failures.append(error)
            terminator.stop()

    thread = threading.Thread(target=act, name="meanwhile")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if failures:
        raise failures[0]
