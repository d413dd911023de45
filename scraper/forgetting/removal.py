"""Remove a person from databases, ledgers, feeds, reports and captures, all of them together.

First everything is read, until no further id of the person is found. Then the new files are written next to the old
ones, and the databases are changed. Last, the files are put in place, and the databases commit.
"""

import errno
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlparse

import msgspec
from sqlalchemy import Connection

from scraper.forgetting.captures import Captures
from scraper.forgetting.feed import Changes, FeedFile
from scraper.forgetting.media_lists import MediaLists
from scraper.forgetting.person import Person
from scraper.forgetting.tables import Database, compact
from scraper.ledger.backends import backend_of, database_name
from scraper.ledger.compression import DamagedError
from scraper.ledger.database_url import shown_url
from scraper.ledger.files import local_path
from scraper.ledger.progress import FeedPosition
from scraper.ledger.run import FINISHED, Run
from scraper.ledger.run_lock import hold, is_alive, kept_input, release, unfinished_runs
from scraper.ledger.store import default_url
from scraper.output.sinks import shown
from scraper.responses.exceptions import ArgumentError

_REPORTED = ("failures", "lists")
_RENORMALIZED = "scrapy renormalize wrote it: delete it, and write it anew; of a database, name it with DATABASE_URL"


class Place(msgspec.Struct):
    """A file or a table that was changed."""

    name: str
    removed: int
    changed: int


class Untouched(msgspec.Struct):
    """A place that may hold the person, and that was not changed."""

    name: str
    reason: str


class Removal:
    """
    :param folder: STATE_DIR
    :param output_dir: OUTPUT_DIR
    :ivar at: the database that is read or changed, to name it in a failure
    :ivar places: what was changed, or would be
    :ivar untouched: what could not be
    :ivar ended: the ids of runs that cannot be resumed any more, since they were asked for the person
    """

    def __init__(self, person: Person, folder: str, output_dir: str, database_url: str | None, *, is_dry: bool):
        self.person, self._folder, self._is_dry = person, folder, is_dry
        self._output_dirs = {Path(output_dir).absolute()}
        urls = [database_url, default_url(folder), *(url for _, url in unfinished_runs(folder, database_url))]
        by_name = {database_name(url): url for url in reversed([*filter(None, urls)]) if backend_of(url).exists()}
        self._urls = [*by_name.values()]
        self.at = ""
        self.places: list[Place] = []
        self.untouched: list[Untouched] = []
        self.ended: list[str] = []
        self._new_files: list[tuple[Path, Path]] = []
        self._left: list[Path] = []
        self._emptied: list[tuple[Path, Path]] = []

    def run(self) -> None:
        """Do it.

        :raises ArgumentError: if a run is alive
        :raises OSError: if a file cannot be written
        :raises SQLAlchemyError: if a database cannot
        """
        with ExitStack() as stack:
            connections = {url: self._connect(stack, url) for url in self._urls}
            databases = {url: self._database(url, connection) for url, connection in connections.items()}
            known = [(database, run) for database in databases.values() for run in database.runs()]
            for connection in connections.values():
                connection.rollback()  # others wait for the end of a transaction
            self._hold(stack, known, databases)
            feeds = self._feeds([run for _, run in known])
            self._learn(databases, connections, feeds)
            rewritten = self._rewrite(stack, feeds, [run for _, run in known])
            captures = self._find_captures(stack, [run for _, run in known])
            self._list_renormalized(captures, feeds)
            stores = {store for database in databases.values() for store in database.stores()}
            media_lists = MediaLists([run for _, run in known], stores, self._output_dirs)
            for path, number in media_lists.find(self.person):
                self._note(path, Changes(number))
            for database, run in known:
                self._change_run(stack, database, run, rewritten)
            for url, database in databases.items():
                self.at = shown_url(url)
                database.remove(self.person)
                names = sorted({*database.removed, *database.changed})
                own = shown_url(url)
                self.places += [
                    Place(f"{own} {name}", database.removed[name], database.changed[name]) for name in names
                ]
                self._remove_files(database.files())
            if self._is_dry:
                return
            self._put_in_place(rewritten)
            for one in captures:
                one.put_in_place()
            media_lists.remove(self.person)
            for url, connection in connections.items():
                self.at = shown_url(url)
                connection.commit()
                if problem := compact(connection):
                    reason = (
                        f"it is removed, but rests of rows may stay in the file, which cannot be compacted: {problem}"
                    )
                    self.untouched.append(Untouched(shown_url(url), reason))

    def _connect(self, stack: ExitStack, url: str) -> Connection:
        self.at = shown_url(url)
        connection = backend_of(url).connect(writes=True)
        stack.callback(connection.close)
        return connection

    def _database(self, url: str, connection: Connection) -> Database:
        self.at = shown_url(url)
        return Database(connection)

    def _hold(self, stack: ExitStack, known: Sequence[tuple[Database, Run]], databases: dict[str, Database]) -> None:
        """Hold the locks of the runs that are not finished.

        :raises ArgumentError: if one is alive
        """
        urls = {id(database): url for url, database in databases.items()}
        for database, run in known:
            if run.state == FINISHED:
                continue
            if is_alive(self._folder, run.run_id):
                raise ArgumentError(f"run {run.run_id} is still alive, and would go on writing: stop it first")
            if not Path(self._folder, "runs", f"{run.run_id}.lock").exists():
                self.untouched.append(Untouched(f"run {run.run_id}", "it is not finished, and not of this folder"))
            elif hold(self._folder, run.run_id, shown_url(urls[id(database)])):
                stack.callback(release, self._folder, run.run_id, is_finished=False)

    def _feeds(self, known: Sequence[Run]) -> dict[Path, FeedFile]:
        """Return the feeds of runs that are files here."""
        feeds: dict[Path, FeedFile] = {}
        seen: set[str] = set()
        for run in known:
            for uri, options in run.feeds.items():
                path, position = _path_of(run, uri), run.progress.feeds.get(uri)
                if path is not None and path.is_file() and FeedFile.is_readable(options):
                    feeds.setdefault(path, FeedFile(path, options["format"]))
                reason = ""
                if urlparse(uri).scheme not in ("", "file", "stdout"):
                    reason = "it is not on this machine"
                elif path is not None and path.is_file() and not FeedFile.is_readable(options):
                    reason = (
                        f"{options.get('format')} files cannot be changed line by line: delete it, or write it anew"
                    )
                elif path is not None and not path.exists() and position and position.items:
                    reason = "the file is not there any more"
                if reason and uri not in seen:
                    seen.add(uri)
                    self.untouched.append(Untouched(shown(uri), reason))
        return feeds

    def _learn(
        self, databases: dict[str, Database], connections: dict[str, Connection], feeds: dict[Path, FeedFile]
    ) -> None:
        """Read everything until no further id of the person is found."""
        is_new = True
        while is_new:
            is_new = False
            for path, feed in [*feeds.items()]:
                try:
                    is_new |= feed.learn(self.person)
                except DamagedError as error:
                    self.untouched.append(Untouched(str(path), str(error)))
                    del feeds[path]
            for url, database in databases.items():
                self.at = shown_url(url)
                is_new |= database.learn(self.person)
                connections[url].rollback()

    def _rewrite(self, stack: ExitStack, feeds: dict[Path, FeedFile], known: Sequence[Run]) -> dict[Path, FeedFile]:
        """Write the new feeds next to the old ones. Return those that change."""
        marks: dict[Path, list[int]] = {}
        for run in known:
            for position in run.progress.feeds.values():
                places = (position.start, position.size, position.closed or 0)
                marks.setdefault(Path(position.path), []).extend(places)
        rewritten = {}
        for path, feed in feeds.items():
            stack.callback(feed.discard)
            changes = feed.rewrite(self.person, marks.get(path, []))
            if any(changes):
                rewritten[path] = feed
                self._note(path, changes)
        return rewritten

    def _find_captures(self, stack: ExitStack, known: Sequence[Run]) -> list[Captures]:
        """Find the captured answers that name the person."""
        reports = [Path(run.report) for run in known if run.report]
        places = [Captures(folder) for folder in sorted(self._output_dirs | {path.parent.parent for path in reports})]
        for captures in places:
            stack.callback(captures.discard)
            if any(changes := captures.find(self.person)):
                self._note(captures.folder, changes)
            self.untouched += [Untouched(str(captures.folder), reason) for reason in captures.unreadable]
        return places

    def _remove_files(self, files: Iterable[tuple[str, str]]) -> None:
        """Have media files removed at the end, with the envelopes next to them."""
        for store, path in files:
            if "://" in store:
                self.untouched.append(Untouched(f"{store}/{path}", "it is not on this machine"))
                continue
            file = Path(store, path)
            if file.exists():
                self.places.append(Place(str(file), 1, 0))
            self._left += [file, file.with_name(f"{file.name}.json")]
            self._emptied.append((Path(store), file.parent))

    def _list_renormalized(self, places: Sequence[Captures], feeds: Iterable[Path]) -> None:
        """List what `scrapy renormalize` wrote, if it is there and is no feed or database of a run."""
        known = {str(path.resolve()) for path in feeds} | {*map(database_name, self._urls)}
        for name in sorted({name for captures in places for name in captures.outputs} - known):
            if not name.startswith("/") or Path(name).exists():
                self.untouched.append(Untouched(name, _RENORMALIZED))

    def _change_run(self, stack: ExitStack, database: Database, run: Run, rewritten: dict[Path, FeedFile]) -> None:
        """Change where the feeds of a run end, its report, and what it was asked for."""
        lost: dict[str, int] = {}
        for uri, position in run.progress.feeds.items():
            if (feed := rewritten.get(Path(position.path))) is not None:
                about, before = feed.new.stat(), feed.removed[position.start]
                lost[uri] = feed.removed[position.closed or position.size] - before
                position.items -= feed.removed[position.size] - before
                position.start, position.size = feed.moved[position.start], feed.moved[position.size]
                position.closed = position.closed and feed.moved[position.closed]
                position.file = (about.st_dev, about.st_ino)
        database.note_positions(run)
        kept = kept_input(self._folder, run.run_id)
        asked = [*run.arguments.values(), kept.read_text("utf-8", "replace") if kept.exists() else ""]
        if run.state != FINISHED and any(map(self.person.names, asked)):
            database.finish(run)
            self.ended.append(run.run_id)
            self._left += [kept, kept.with_suffix(".lock")]
        given = Path(run.folder, run.arguments.get("file", ""))
        if given.is_file() and self.person.names(given.read_text("utf-8", "replace")):
            place = Untouched(str(given), "it is your own target file")
            self.untouched += [place] if place not in self.untouched else []  # several runs may read one file
        if run.report and (path := Path(run.report)).is_file():
            feeds = {uri: (run.progress.feeds[uri], number) for uri, number in lost.items()}
            self._change_report(stack, path, feeds, rewritten)

    def _change_report(
        self,
        stack: ExitStack,
        path: Path,
        feeds: Mapping[str, tuple[FeedPosition, int]],
        rewritten: Mapping[Path, FeedFile],
    ) -> None:
        """Change the report of a run.

        :param feeds: the feeds that are rewritten, and how many rows of the run each lost
        """
        before = path.read_bytes()
        report = msgspec.json.decode(before)
        removed = 0
        for part in _REPORTED:
            rows = report[part]["rows"]
            report[part]["rows"] = [row for row in rows if not self.person.names(str(row))]
            removed += len(rows) - len(report[part]["rows"])
        after = self.person.redacted(report)
        is_changed = removed or after != report
        for feed in after["feeds"]:
            if feed["uri"] in feeds:
                position, lost = feeds[feed["uri"]]
                data = rewritten[Path(position.path)].new.read_bytes()[: position.closed]
                feed |= {"bytes": len(data), "sha256": feed["sha256"] and hashlib.sha256(data).hexdigest()}
                feed["rows"] = feed["rows"] and feed["rows"] - lost
                is_changed = True
        if is_changed:
            new_path = path.with_name(f".{path.name}.forget")
            stack.callback(new_path.unlink, missing_ok=True)
            new_path.write_bytes(msgspec.json.format(msgspec.json.encode(after), indent=1) + b"\n")
            self._new_files.append((new_path, path))
            self._note(path, Changes(removed, 1))

    def _put_in_place(self, rewritten: dict[Path, FeedFile]) -> None:
        for feed in rewritten.values():
            feed.replace()
        for new, path in self._new_files:
            new.replace(path)
        for path in self._left:
            path.unlink(missing_ok=True)
        for store, folder in self._emptied:
            _remove_empty(folder, store)

    def _note(self, path: Path, changes: Changes) -> None:
        self.places.append(Place(str(path), *changes))


def _remove_empty(folder: Path, store: Path) -> None:
    """Remove a folder of a store, and those around it, if nothing is in them: their names may be the person's."""
    while folder != store and folder.is_relative_to(store):
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass  # with an earlier file
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            return
        folder = folder.parent


def _path_of(run: Run, uri: str) -> Path | None:
    """Return the file of a feed on this machine, or the one in which a feed to upload is kept. None for others."""
    position = run.progress.feeds.get(uri)
    if position is not None and Path(position.path).is_file():
        return Path(position.path)
    local = local_path(uri)
    return Path(run.folder, local) if local else None
