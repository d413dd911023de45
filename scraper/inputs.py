"""Which targets were asked for, so that the same one given twice is fetched once and answered twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from scraper.targets import Target


@dataclass(slots=True)
class _Asked:
    others: list[Target] = field(default_factory=list)
    answering: bool = False
    before: bool = False


class Inputs:
    """The targets under way, by router and target.

    A target that comes again before its first answer shares that answer; after it, it is fetched anew, so that it
    gets all of its answer.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], _Asked] = {}
        self._followed: set[int] = set()

    def ask(self, key: tuple[str, str], target: Target, others: Sequence[Target] = (), led_to: bool = False) -> bool:
        """Say whether a target of the user must be fetched.

        :param others: further inputs that mean the same
        :param led_to: whether a short link led to it: then it is fetched, though an earlier run has answered another
            input that means the same
        """
        asked = self._asked.get(key)
        if asked is None or asked.answering or (asked.before and led_to):
            self._asked[key] = _Asked([*others])
            return True
        asked.others += [target, *others]
        return False

    def follow(self, key: tuple[str, str]) -> bool:
        """Say whether a target that a record led to must be fetched: each only once in a crawl."""
        if key in self._asked or hash(key) in self._followed:
            return False
        self._followed.add(hash(key))
        return True

    def answered_before(self, key: tuple[str, str]) -> None:
        """Note that an earlier run of a resumed crawl has asked for a target."""
        if asked := self._asked.get(key):
            asked.before = True

    def unanswered(self) -> list[str]:
        """Return the targets that got no answer."""
        return [target for (_, target), asked in self._asked.items() if not asked.answering and not asked.before]

    def answer(self, key: tuple[str, str]) -> list[Target]:
        """Return the further inputs that share an answer; from now on no input joins them."""
        asked = self._asked.get(key)
        if asked is None:
            return []
        asked.answering = True
        return asked.others
