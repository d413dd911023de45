"""Log failures: a warning for each of the first inputs that fail, and the number of the others at the end."""

import logging
from collections import Counter
from collections.abc import Iterable

from scraper.output.envelope import Envelope, Failure
from scraper.output.visible_text import visible

logger = logging.getLogger(__name__)
_WARNED = 20


class FailureLog:
    """Warns of failures that are in the output.

    :ivar example: the first failure
    :ivar is_muted: whether it does not warn
    """

    is_muted = False

    def __init__(self) -> None:
        self.example: Failure | None = None
        self._inputs: set[str] = set()
        self._others: Counter[str] = Counter()

    def add(self, envelopes: Iterable[Envelope]) -> None:
        """Warn about failures, once per input: one video may fail in its comments, its replies and its author."""
        for data in (envelope.data for envelope in envelopes if isinstance(envelope.data, Failure)):
            self.example = self.example or data
            if self.is_muted:
                continue
            given = data.meta.target or data.error.input
            if given in self._inputs or len(self._inputs) >= _WARNED:
                self._others[data.error.name] += 1
            else:
                self._inputs.add(given)
                logger.warning("%s", sentence(data))

    def close(self) -> None:
        """Log how many failures got no warning of their own."""
        if self._others:
            numbers = ", ".join(f"{name} {number}" for name, number in self._others.most_common())
            logger.warning("%d more failures are in the output (%s)", self._others.total(), numbers)


def sentence(failure: Failure) -> str:
    """Return what failed, why, and what to do about it, on one line."""
    error = failure.error
    return visible(f"{error.name} {error.input}: {error.message}; {error.remedy}")
