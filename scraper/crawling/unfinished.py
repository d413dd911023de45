"""Find what a crawl left unfinished when it was stopped, and the commands that crawl the rest."""

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from scraper.inputs.asked_targets import Asked
from scraper.inputs.duplicates import ListId
from scraper.jobs.job import Job
from scraper.output.resume_command import command
from scraper.platform.atlas import Atlas

_SHOWN = 20
_INPUTS = ("url", "file")


def unfinished(jobs: Iterable[Job], atlas: Atlas) -> tuple[set[int], list[str]]:
    """Sort unfinished jobs into inputs to crawl again and lists to continue.

    :return: the numbers of the inputs, and a command for each list, from its first unfinished page
    """
    first: dict[ListId, Job] = {}
    for job in jobs:
        if job.walk not in first or job.page < first[job.walk].page:
            first[job.walk] = job
    inputs, lists = set(), []
    for job in first.values():
        words = command(job, job.cursor, atlas) if job.followed or job.page > 1 else ""
        if words:
            lists.append((job.input, words + _limits(job)))
        else:
            inputs.add(job.input)
    return inputs, [words for number, words in lists if number not in inputs]


def _limits(job: Job) -> str:
    """Return the arguments for what the user's limits leave of a list; whole limits if others are followed from it."""
    ask, is_whole = job.ask, bool(job.ask.follow or job.step)
    left = {
        "max_items": ask.max_items and ask.max_items - (0 if is_whole else job.position),
        "max_pages": ask.max_pages and ask.max_pages - (0 if is_whole else job.page - 1),
    }
    return "".join(f" -a {name}={number}" for name, number in left.items() if number)


def given_inputs(targets: Iterable[Asked], asked: int, unfinished: Collection[int]) -> Iterator[str]:
    """Yield the inputs to crawl again, as given.

    :param asked: number of inputs requested; all further ones are unfinished
    :param unfinished: the numbers of unfinished inputs before that
    """
    for asked_target in targets:
        if asked_target.number > asked or asked_target.number in unfinished:
            yield asked_target.target.given
            yield from asked_target.others


def same_with(spider: str, arguments: Mapping[str, str], inputs: Iterable[str], path: Path) -> Iterator[str]:
    """Yield the command that crawls inputs again, with the same arguments, if there are any.

    :param arguments: the arguments of the crawl
    :param path: the file for many inputs; if it cannot be written, the command contains the first ones
    """
    rest = iter(inputs)
    first = list(islice(rest, _SHOWN + 1))
    if not first:
        return
    kept = {name: value for name, value in arguments.items() if name not in _INPUTS}
    if any(name in arguments for name in _INPUTS):
        kept = {**_inputs(first, rest, path), **kept}
    yield written(spider, kept)


def written(spider: str, arguments: Mapping[str, str]) -> str:
    """Return the command of a crawl.

    >>> written("toys", {"url": "a b"})
    "scrapy crawl toys -a 'url=a b'"
    """
    options = (f"-a {shlex.quote(f'{name}={value}')}" for name, value in arguments.items())
    return " ".join([f"scrapy crawl {spider}", *options])


def together(commands: Sequence[str], path: Path) -> Iterator[str]:
    """Yield commands, or the one that runs them from a file if they are many and it can be written."""
    if len(commands) > _SHOWN and _is_written(path, commands):
        yield f"sh {shlex.quote(str(path))}"
    else:
        yield from commands


def _inputs(first: list[str], rest: Iterator[str], path: Path) -> dict[str, str]:
    if len(first) <= _SHOWN:
        return {"url": " ".join(first)}
    return {"file": str(path)} if _is_written(path, chain(first, rest)) else {"url": " ".join([*first[:_SHOWN], "…"])}


def _is_written(path: Path, lines: Iterable[str]) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError:
        return False
    return True
