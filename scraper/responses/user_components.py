"""Recognise exceptions that the user's own components raised, such as a pipeline, an exporter or a middleware."""

from collections.abc import Callable
from traceback import walk_tb
from types import TracebackType

_OURS = ("scraper.", "scrapy.", "pipelines.database.", "twisted.", "builtins.")


def culprit(trace: TracebackType | None, is_component: Callable[[object], bool]) -> str:
    """Return the full name of the first component in a traceback, "" if there is none.

    :param is_component: returns whether an object is one of the components in question
    """
    for frame, _ in walk_tb(trace):
        owner = frame.f_locals.get("self")
        if owner is not None and is_component(owner):
            return full_name(owner)
    return ""


def full_name(component: object) -> str:
    """Return the module and the class of a component."""
    return f"{type(component).__module__}.{type(component).__qualname__}"


def is_users(component: str) -> bool:
    """Return whether a component is the user's own, by its full name.

    >>> is_users("myproject.pipelines.Prices"), is_users("scrapy.exporters.XmlItemExporter"), is_users("")
    (True, False, False)
    """
    return bool(component) and not component.startswith(_OURS)


def remedy_for(component: str) -> str:
    """Return what to do about an exception in a component of the user."""
    return f"fix {component}: the traceback is in the log; then run the same input again"
