"""What a crawl left undone when its output failed, and the command that does it."""

import shlex
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from scraper.inputs.asked_targets import Asked

_SHOWN = 20
_INPUTS = ("url", "file")


def unfinished_inputs(targets: Iterable[Asked], asked: int, unfinished: Collection[int], follows: bool) -> list[str]:
    """Return the inputs without a complete answer in the output, as they were given.

    :param asked: how many inputs were asked for; all further ones are unfinished
    :param unfinished: the numbers of inputs that got no answer, whose list is not at its end, or whose page was lost
    :param follows: whether more is fetched for each record, which may be unfinished for any input
    """
    found: list[str] = []
    for each in targets:
        if each.number > asked or each.number in unfinished or follows:
            found += [each.target.given, *each.others]
    return found


def resume(spider: str, given: Mapping[str, str], inputs: list[str], path: Path) -> str:
    """Return the command that asks for inputs again, with all else as it was.

    :param given: the arguments of the crawl
    :param path: the file that many inputs are written to; if it cannot be written, the first ones are in the command
    """
    kept = {name: value for name, value in given.items() if name not in _INPUTS}
    if inputs and any(name in given for name in _INPUTS):
        kept = {**_inputs(inputs, path), **kept}
    return " ".join([f"scrapy crawl {spider}", *(f"-a {shlex.quote(f'{name}={each}')}" for name, each in kept.items())])


def _inputs(inputs: list[str], path: Path) -> dict[str, str]:
    if len(inputs) > _SHOWN:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{each}\n" for each in inputs), "utf-8")
        except OSError:
            return {"url": " ".join([*inputs[:_SHOWN], "…"])}
        return {"file": str(path)}
    return {"url": " ".join(inputs)}
