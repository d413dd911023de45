"""Read whole runs again, and compare what they give with their feeds."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scrapy.spiderloader import SpiderLoaderProtocol

from scraper.captures.capture import FOLDER, SUFFIX, RunIndex, index_path
from scraper.captures.comparison import Comparison
from scraper.captures.raw_answers import RawAnswers
from scraper.captures.rereading import Rereader
from scraper.ledger.compression import DamagedError
from scraper.output.dialect import DialectWriter
from scraper.output.envelope import Envelope, EnvelopePage
from scraper.output.record_changes import RecordChanges
from scraper.platform.atlas import Atlas
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted


class RunResult:
    """What came of one run.

    :ivar comparison: with its feed, None if there is none to compare with
    :ivar problems: a sentence for each capture that could not be used
    """

    def __init__(self, run_id: str, comparison: Comparison | None, problems: list[str]):
        self.run_id, self.comparison, self.problems = run_id, comparison, problems
        self.answers = self.records = self.failures = 0

    def add(self, envelopes: Sequence[Envelope]) -> None:
        """Count envelopes, and compare them."""
        failed = sum(envelope.failed for envelope in envelopes)
        self.failures += failed
        self.records += len(envelopes) - failed
        if self.comparison:
            self.comparison.add(envelopes)


class Renormalizing:
    """Reads the captures of runs again.

    :param indexes: the paths of their indexes
    :param atlas_of: returns the platforms of a spider, by its name
    :param changes: what the settings change in the records that are written, None for nothing
    :param dialect: what posts are written in, None for our names
    :param compared: the feed to compare with, None for that of each run
    :ivar results: those of the runs that were begun
    """

    def __init__(
        self,
        indexes: Sequence[RunIndex],
        atlas_of: Callable[[str], Atlas],
        changes: RecordChanges | None,
        dialect: DialectWriter | None,
        compared: Path | None,
    ):
        self.indexes, self._atlas_of, self._compared = indexes, atlas_of, compared
        self._changes, self._dialect = changes, dialect
        self.results: list[RunResult] = []

    @property
    def problems(self) -> int:
        """How many captures could not be used."""
        return sum(len(result.problems) for result in self.results)

    def pages(self) -> Iterator[EnvelopePage]:
        """Yield the envelopes of all runs."""
        for index in self.indexes:
            yield from self._run(index)

    def feed_of(self, index: RunIndex) -> Path | None:
        """Return the feed to compare a run with, None if there is none."""
        return self._compared or next((path for path in map(Path, index.feeds) if path.is_file()), None)

    def _comparison(self, index: RunIndex, problems: list[str]) -> Comparison | None:
        if (feed := self.feed_of(index)) is None:
            return None
        try:
            return Comparison(feed, self._changes, self._dialect)
        except (OSError, DamagedError) as error:
            problems.append(f"{feed} cannot be compared with: {error}")
            return None

    def _run(self, index: RunIndex) -> Iterator[EnvelopePage]:
        answers = RawAnswers(index.path.parents[1])
        rereader = Rereader(self._atlas_of(index.spider), index.run_id, answers, index.again)
        result = RunResult(index.run_id, self._comparison(index, rereader.problems), rereader.problems)
        self.results.append(result)
        try:
            for capture in index.captures():
                result.answers += capture.ref is not None
                if envelopes := rereader.envelopes(capture):
                    result.add(envelopes)
                    yield EnvelopePage(envelopes, capture.job)
            result.problems += [f"{index.path}: line {number} cannot be read" for number in sorted(index.damaged)]
            if result.comparison:
                result.comparison.end()
        finally:
            if result.comparison:
                result.comparison.close()


def find_indexes(name: str, output_dir: str) -> list[RunIndex]:
    """Return the indexes of a run, or of all runs of a folder.

    :raises ArgumentError: if there are none
    """
    folder = Path(name)
    if folder.is_dir():
        places = [folder, folder / FOLDER]
        indexes = sorted(path for place in places for path in place.glob(f"*{SUFFIX}"))
        if not indexes:
            raise ArgumentError(f"{folder} holds no captures; a crawl with -s RAW_CAPTURE=1 writes them")
        return list(map(RunIndex, indexes))
    path = index_path(output_dir, name)
    if not path.exists():
        known = counted(len(list(path.parent.glob(f"*{SUFFIX}"))), "run")
        raise ArgumentError(f"there are no captures of a run {name} in {path.parent}, which holds those of {known}")
    return [RunIndex(path)]


def atlas_of(loader: SpiderLoaderProtocol, spider: str) -> Atlas:
    """Return the platforms of a spider.

    :raises ArgumentError: if there is no such spider
    """
    if spider not in loader.list():
        raise ArgumentError(f"the answers are those of the spider {spider or '(none)'}, which is not there")
    atlas: Atlas = loader.load(spider).build_atlas()  # type: ignore[attr-defined]  # only platform spiders capture
    return atlas
