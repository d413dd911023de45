"""Mask secrets in what the interpreter prints of an exception that nothing caught."""

import os
import sys
import threading
import traceback
from types import TracebackType

from scraper.identities.masking import mask


def mask_uncaught() -> None:
    """Mask secrets in the tracebacks of uncaught exceptions from now on, of the main thread and of others."""
    sys.excepthook = _print
    threading.excepthook = _print_of_thread


def _print(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print a traceback. Nothing is printed if the reader of standard output left early, such as `head`."""
    if issubclass(kind, KeyboardInterrupt):
        if sys.stderr is not None:
            sys.stderr.write("Interrupted\n" if _is_of_command(trace) else "Interrupted before the start\n")
        return
    if issubclass(kind, BrokenPipeError) and sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else its last flush would fail as well
        return
    if sys.stderr is not None:
        sys.stderr.write(mask("".join(traceback.format_exception(kind, error, trace))))


def _is_of_command(trace: TracebackType | None) -> bool:
    """Return whether an exception came from a command at work."""
    codes = ((frame.f_globals.get("__name__", ""), frame.f_code.co_name) for frame, _ in traceback.walk_tb(trace))
    return any(module.startswith("scraper.commands.") and name == "run" for module, name in codes)


def _print_of_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and sys.stderr is not None:
        name = failed.thread.name if failed.thread else "a thread"
        text = "".join(traceback.format_exception(failed.exc_value))
        sys.stderr.write(mask(f"Exception in thread {name}:\n{text}"))
