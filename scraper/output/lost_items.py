"""Failures for items that a pipeline or an exporter lost by an exception."""

from collections.abc import Sequence
from typing import Any

from scrapy.exporters import BaseItemExporter
from scrapy.extensions.feedexport import ItemFilter

from scraper.output.emitter import masked
from scraper.output.envelope import Envelope, Error, Failure
from scraper.output.statistics import Origin
from scraper.responses.outcomes import Outcome
from scraper.responses.user_components import culprit, full_name, is_users, remedy_for


def failure_of(origin: Origin, error: Exception, components: Sequence[Any]) -> Envelope:
    """Return the failure for an envelope that was lost, so that its input has a line.

    It names the component that raised the exception. If that is the user's own, or the item went through a pipeline of
    the user before, the remedy is to fix that.

    :param components: the pipelines and sinks of the crawl
    """

    def is_component(owner: object) -> bool:
        parts = (BaseItemExporter, ItemFilter)
        return isinstance(owner, parts) or any(owner is component for component in components)

    meta, component = origin.meta, culprit(error.__traceback__, is_component)
    where = component or "a pipeline or an exporter"
    about = Error(
        name=Outcome.BUG.name,
        message=masked(f"{meta.key or 'a failure'} was lost in {where}: {type(error).__name__}: {error}"),
        remedy=_remedy(component, [full_name(other) for other in components]),
        retryable=False,
        retry_after=None,
        input=meta.target or "",
    )
    return Envelope(Outcome.BUG.value, origin.router, Failure(error=about, meta=meta))


def _remedy(component: str, components: Sequence[str]) -> str:
    if is_users(component):
        return remedy_for(component)
    if users := [name for name in components if is_users(name)]:
        return f"check what {' and '.join(users)} made of the record; if it is right, {Outcome.BUG.advice('')}"
    return Outcome.BUG.advice("")
