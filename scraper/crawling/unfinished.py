"""Find the inputs that a crawl left unfinished when its output failed, and the command that crawls them."""

import shlex
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from scraper.inputs.asked_targets import Asked

_SHOWN = 20
_INPUTS = ("url", "file")


def unfinished_inputs(targets: Iterable[Asked], asked: int, unfinished: Collection[int], follows: bool) -> list[str]:
    """Return the inputs without a complete answer in the output, as given.

    :param asked: number of inputs read; all further ones are unfinished
    :param unfinished: numbers of the inputs without an answer, with an open list, or with a lost page
    :param follows: whether more is fetched for each record, which may be unfinished for any input
    """
    inputs: list[str] = []
    for target in targets:
        if target.number > asked or target.number in unfinished or follows:
            inputs += [target.target.given, *target.others]
    return inputs


def resume(spider: str, arguments: Mapping[str, str], inputs: list[str], path: Path) -> str:
    """Return the command that crawls inputs again, with the same arguments.

    :param arguments: the arguments of the crawl
    :param path: the file for many inputs; if it cannot be written, the command contains the first ones
    """
    kept = {name: value for name, value in arguments.items() if name not in _INPUTS}
    if inputs and any(name in arguments for name in _INPUTS):
        kept = {**_inputs(inputs, path), **kept}
    options = [f"-a {shlex.quote(f'{name}={value}')}" for name, value in kept.items()]
    return " ".join([f"scrapy crawl {spider}", *options])


def _inputs(inputs: list[str], path: Path) -> dict[str, str]:
    if len(inputs) > _SHOWN:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{text}\n" for text in inputs), "utf-8")
        except OSError:
            return {"url": " ".join([*inputs[:_SHOWN], "…"])}
        return {"file": str(path)}
    return {"url": " ".join(inputs)}
