"""`scrapy forget`: afterwards nothing names the person, and everything else is as before."""

from __future__ import annotations

import csv
import gzip
import hashlib
import itertools
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from backports import zstd

from scraper.forgetting.feed import FeedFile
from scraper.forgetting.person import Person
from scraper.ledger.run_lock import hold, release
from scraper.ledger.store import default_url
from tests.crawling import Crawl, crawl
from tests.postgres import Server
from tests.simulator import World
from tests.simulator.signing import OPEN

WORLD = World(seed=4, creators=2, videos=3, comments=12, replies=2, signing=OPEN)
TIKTOK = WORLD.tiktok
PERSON, OTHER = TIKTOK.creator(0), TIKTOK.creator(1)
LINKS = [f"https://www.tiktok.com/@{maker.handle}" for maker in (PERSON, OTHER)]
LINKS.append(f"https://space.bilibili.com/{WORLD.creator(0).mid}")
NAMING = ("uid", "sec_uid", "unique_id", "short_id", "nickname", "signature", "avatar_url")
READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("BEGIN")
connection.execute("SELECT count(*) FROM video").fetchall()
print("reading", flush=True)
sys.stdin.read()
"""
FEEDS = ("out.csv", "out.jsonl.zst", "out.jsonl.gz")


def go(folder: Path, **more: Any) -> Crawl:
    outputs = [f"--overwrite-output={folder}/{name}" for name in FEEDS]
    return crawl(
        f"url={' '.join(LINKS)}", "with=comments,author", "max_items=3", *outputs, world=WORLD, folder=folder,
        command=("crawl", "hybrid"), configs={"tiktok_web": ""},
        settings={"DATABASE_URL": f"sqlite:///{folder}/all.db", "OBSERVE": "edge,placement", "RAW_CAPTURE": "1"},
        **more,
    )  # fmt: skip


def forget(folder: Path, *words: str) -> Crawl:
    command = ("forget", *words, "-s", f"DATABASE_URL=sqlite:///{folder}/all.db")
    return crawl(world=WORLD, folder=folder, command=command)


def values(data: Any) -> Iterator[dict[str, Any]]:
    """Yield all objects in an object."""
    if isinstance(data, dict):
        yield data
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from values(part)


def of_person(done: Crawl) -> set[str]:
    """Return what identifies the person, wherever it is in the records."""
    own = [one for one in values(done.records) if PERSON.handle == one.get("unique_id")]
    return {one[name] for one in own for name in NAMING if one.get(name)}


def unpacked(files: dict[str, bytes]) -> dict[str, bytes]:
    unpack = {".zst": zstd.decompress, ".gz": gzip.decompress}
    return {name: unpack.get(Path(name).suffix, bytes)(body) for name, body in files.items()}


def holding(done: Crawl, named: set[str]) -> set[tuple[str, str]]:
    files = unpacked(done.files)
    return {(name, text) for name, body in files.items() for text in named if text.encode() in body}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forget")


@pytest.fixture(scope="module")
def crawls(folder: Path) -> dict[str, Crawl]:
    link = LINKS[0]
    return {
        "first": go(folder),
        "dry": forget(folder, "tiktok", link, "--dry-run"),
        "real": forget(folder, "tiktok", link, "--json"),
        "again": forget(folder, "tiktok", link),
    }


def test_a_database_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "all.db").write_text("this is no database")
    done = forget(tmp_path, "tiktok", LINKS[0])
    assert done.code == 7 and "all.db: file is not a database" in done.err


def test_reports_of_runs_describe_the_new_files(crawls: dict[str, Crawl], folder: Path) -> None:
    (text,) = (body for name, body in crawls["real"].files.items() if name.endswith(".run.json"))
    feeds = {Path(feed["uri"]).name: (feed["bytes"], feed["sha256"]) for feed in json.loads(text)["feeds"]}
    files = {name: crawls["real"].files[name] for name in feeds}
    assert "out.video.csv" in feeds
    assert feeds == {name: (len(body), hashlib.sha256(body).hexdigest()) for name, body in files.items()}


def test_reports_of_runs_count_the_rows_that_are_left(crawls: dict[str, Crawl]) -> None:
    before, after = (
        {Path(feed["uri"]).name: feed["rows"] for report in crawls[name].reports for feed in report["feeds"]}
        for name in ("first", "real")
    )
    files = unpacked(crawls["real"].files)
    rows = {name: len(files[name].splitlines()) for name in after if not name.endswith(".csv")}
    tables = {name: len([*csv.DictReader(files[name].decode().splitlines(True))]) for name in after.keys() - rows}
    assert after == rows | tables and after != before and len(tables) > 1


def test_a_report_covers_only_the_rows_of_its_run(tmp_path: Path) -> None:
    for link in LINKS[:2]:
        done = crawl(
            f"url={link}", "max_items=2", f"--output={tmp_path}/both.jsonl", world=WORLD, folder=tmp_path, feed=None,
            command=("crawl", "tiktok"), configs={"tiktok_web": ""},
        )  # fmt: skip
        assert done.code == 0, done.err
    first, second = done.reports
    assert [report["feeds"][0]["rows"] for report in (first, second)] == [2, 2]
    done = crawl(world=WORLD, folder=tmp_path, command=("forget", "tiktok", LINKS[0]), feed="both.jsonl")
    body = done.files["both.jsonl"]
    left = [envelope["data"]["meta"]["run_id"] for envelope in done.envelopes]
    assert left == [second["run_id"]] * 2
    (one,), (two,) = (report["feeds"] for report in done.reports)
    assert (one["rows"], one["bytes"], one["sha256"]) == (0, 0, hashlib.sha256(b"").hexdigest())
    assert (two["rows"], two["bytes"], two["sha256"]) == (2, len(body), hashlib.sha256(body).hexdigest())


def test_nothing_below_the_folder_names_the_person(crawls: dict[str, Crawl]) -> None:
    named = of_person(crawls["first"])
    assert len(named) >= 5 and {PERSON.handle} < named
    places = {name for name, _ in holding(crawls["first"], named)}
    assert any(name.startswith("output/raw/") for name in places)
    assert {"all.db", "out.jsonl", "out.jsonl.zst", "out.jsonl.gz", "out.video.csv", "out.author.csv"} <= places
    assert holding(crawls["real"], named) == set()
    assert crawls["real"].code == 0, crawls["real"].out + crawls["real"].err


def test_a_dry_run_changes_nothing(crawls: dict[str, Crawl]) -> None:
    dry, first = crawls["dry"], crawls["first"]
    assert {name: body for name, body in dry.files.items() if "all.db" not in name} == {
        name: body for name, body in first.files.items() if "all.db" not in name
    }
    assert "would be removed" in dry.out and dry.code == 0 and "all.db author: 1 row" in dry.out


def test_the_rest_is_as_it_was(folder: Path, crawls: dict[str, Crawl]) -> None:
    before, after = crawls["first"].files["out.jsonl"].splitlines(), crawls["real"].files["out.jsonl"].splitlines()
    of_others = [line for line in before if PERSON.handle.encode() not in line]
    assert [line for line in after if line in of_others] == of_others != []
    own = [record for record in crawls["first"].records if PERSON.handle in json.dumps(record.get("author", record))]
    assert len(before) - len(after) >= len(own) >= 4
    for name in ("out.jsonl.zst", "out.jsonl.gz"):
        assert unpacked(crawls["real"].files)[name].splitlines() == after
    with sqlite3.connect(folder / "all.db") as database:
        (number,) = database.execute("SELECT count(*) FROM video").fetchone()
    assert number == len(
        {record["meta"]["key"] for record in map(data_of, after) if record["meta"]["record_type"] == "video"}
    )


def data_of(line: bytes) -> dict[str, Any]:
    return json.loads(line)["data"]


def test_it_says_what_it_did(crawls: dict[str, Crawl]) -> None:
    report = json.loads(crawls["real"].out)
    assert PERSON.handle in report["ids"] and len(report["ids"]) >= 3 and not report["untouched"]
    names = [place["name"].rpartition("/")[2] for place in report["places"]]
    assert {"out.jsonl", "all.db author", "all.db video", "all.db run", "all.db list_run"} <= set(names)
    assert crawls["again"].code == 0 and "nothing is stored about this person" in crawls["again"].out


def test_what_renormalize_wrote_is_listed(tmp_path: Path) -> None:
    words = (f"url={LINKS[0]}", "max_items=1")
    [run] = crawl(
        *words, world=WORLD, folder=tmp_path, command=("crawl", "tiktok"), configs={"tiktok_web": ""},
        settings={"RAW_CAPTURE": 1},
    ).reports  # fmt: skip
    new, database = tmp_path / "new.jsonl", tmp_path / "new.db"
    again = crawl(
        f"-O{new}", world=WORLD, folder=tmp_path, command=("renormalize", run["run_id"]), feed=None,
        settings={"DATABASE_URL": f"sqlite:///{database}"},
    )  # fmt: skip
    assert again.code == 0 and PERSON.handle in new.read_text("utf-8")

    def untouched(*more: str) -> set[str]:
        words = ("forget", "tiktok", LINKS[0], "--json", "--dry-run", *more)
        done = crawl(world=WORLD, folder=tmp_path, command=words, feed=None)
        names = {place["name"] for place in json.loads(done.out)["untouched"]}
        assert done.code == (3 if names else 0), done.err
        return names

    assert untouched() == {str(new), str(database)}
    assert untouched("-s", f"DATABASE_URL=sqlite:///{database}") == {str(new)}
    new.unlink()
    database.unlink()
    assert untouched() == set()


@pytest.mark.parametrize(
    "given", ["nobody", "https://www.tiktok.com/@x/video/7300000000000000001", "https://vm.tiktok.com/ZMabcdefg/"]
)
def test_wrong_usage_is_refused(tmp_path: Path, given: str) -> None:
    platform = "youtube" if given == "nobody" else "tiktok"
    done = forget(tmp_path, platform, given)
    assert done.code == 2 and ("unknown platform" if given == "nobody" else given) in done.err


def test_it_waits_for_no_run(tmp_path: Path) -> None:
    link = f"url={LINKS[2]}"
    first = crawl(link, "max_requests=3", "with=author", world=WORLD, folder=tmp_path)
    run_id, state = first.reports[0]["run_id"], str(tmp_path / "state")
    assert hold(state, run_id, default_url(state))
    try:
        done = crawl(world=WORLD, folder=tmp_path, command=("forget", "bilibili", str(WORLD.creator(0).mid)))
    finally:
        release(state, run_id, is_finished=False)
    assert done.code == 2 and f"run {run_id} is still alive" in done.err
    assert done.files["out.jsonl"] == first.files["out.jsonl"]


def test_a_run_can_be_resumed_after_others_were_forgotten(tmp_path: Path) -> None:
    """The feeds of a stopped run are rewritten, and it goes on where it stopped."""
    mids = [WORLD.creator(number).mid for number in range(2)]
    users = "url=" + " ".join(f"https://space.bilibili.com/{mid}" for mid in mids)
    first = crawl(users, "max_requests=9", "with=comments,author", world=WORLD, folder=tmp_path)
    other = next(
        record["author"]["uid"] for record in first.records
        if record["meta"]["record_type"] == "comment" and record["author"]["uid"] not in map(str, mids)
    )  # fmt: skip
    forgotten = crawl(world=WORLD, folder=tmp_path, command=("forget", "bilibili", other))
    assert forgotten.code == 0 and "cannot be resumed" not in forgotten.out
    assert other.encode() in first.files["out.jsonl"] and other.encode() not in forgotten.files["out.jsonl"]
    done = crawl(world=WORLD, folder=tmp_path, command=("resume",))
    assert "was replaced" not in done.err and len(done.records) > len(forgotten.files["out.jsonl"].splitlines())
    keys = [record["meta"]["key"] for record in done.records]
    assert len(keys) == len(set(keys))


def test_a_run_that_was_asked_for_the_person_is_ended(tmp_path: Path) -> None:
    first = crawl(f"url={LINKS[2]}", "max_requests=3", "with=author", world=WORLD, folder=tmp_path)
    assert first.code == 3
    forgotten = crawl(world=WORLD, folder=tmp_path, command=("forget", "bilibili", str(WORLD.creator(0).mid)))
    assert "cannot be resumed" in forgotten.out
    assert crawl(world=WORLD, folder=tmp_path, command=("resume",)).code == 2
    assert not holding(forgotten, {str(WORLD.creator(0).mid), WORLD.creator(0).name})


def test_an_id_within_a_longer_one_is_another() -> None:
    person = Person("x", ["1234", "a.b"])
    assert person.names("by 1234: a") and person.names("@a.b") and not person.names("51234 1234x axb @a.bc")


@pytest.mark.nightly
def test_a_person_is_removed_from_postgresql(postgres: Server, tmp_path: Path) -> None:
    url = postgres.new_database()
    settings = {"DATABASE_URL": url, "OBSERVE": "edge"}
    first = crawl(
        f"url={LINKS[2]}", "with=comments,author", "max_items=3", world=WORLD, folder=tmp_path, settings=settings
    )
    author = next(record for record in first.records if record["meta"]["record_type"] == "author")
    named = {author["uid"], author["nickname"]}
    assert holding_rows(url, named)
    done = crawl(
        world=WORLD, folder=tmp_path, command=("forget", "bilibili", author["uid"], "-s", f"DATABASE_URL={url}")
    )
    assert done.code == 0, done.out + done.err
    assert holding_rows(url, named) == {} and holding(done, named) == set()


def holding_rows(url: str, named: set[str]) -> dict[str, int]:
    """Return the numbers of rows of a server that hold some texts, by table."""
    held: Counter[str] = Counter()
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                held[table] += any(text in str(row) for text in named)
    return {table: number for table, number in held.items() if number}


def line(uid: str, **more: Any) -> str:
    meta = {"platform": "x", "key": f"x:video:of-{uid}", "record_type": "video"}
    return (
        json.dumps(
            {"code": 200, "router": "/r", "data": {"author": {"uid": uid}, **more, "meta": meta}}, separators=(",", ":")
        )
        + "\n"
    )


LINE_TEXTS = [line("1234"), line("77", title="by 1234"), line("78"), line("79"), '{"cut']


@pytest.mark.parametrize("kind", ["jsonl", "gz", "zst"])
def test_places_in_a_feed_move_with_its_lines(tmp_path: Path, kind: str) -> None:
    pack = {"gz": gzip.compress, "zst": zstd.compress}.get(kind, bytes)
    frames = [pack("".join(LINE_TEXTS[:2]).encode()), pack(LINE_TEXTS[2].encode()), pack(LINE_TEXTS[3].encode())]
    path = tmp_path / "a"
    path.write_bytes(b"".join(frames) + pack(LINE_TEXTS[4].encode())[:-1])
    ends = [0, len(frames[0]), len(frames[0] + frames[1]), len(b"".join(frames))]
    feed, person = FeedFile(path, kind), Person("x", ["1234"])
    feed.learn(person)
    assert feed.rewrite(person, ends) == (1, 1)
    feed.replace()
    body, unpack = path.read_bytes(), {"gz": gzip.decompress, "zst": zstd.decompress}.get(kind, bytes)
    texts = [unpack(body[feed.moved[a] : feed.moved[b]]).decode() for a, b in itertools.pairwise(ends)]
    assert texts == [line("77", title="by forgotten"), LINE_TEXTS[2], LINE_TEXTS[3]]
    assert body[feed.moved[ends[-1]] :] == pack(LINE_TEXTS[4].encode())[:-1]


def test_a_table_keeps_its_other_rows_byte_by_byte(tmp_path: Path) -> None:
    rows = ['author.uid,title,mentions,meta.key', '1234,own,,x:video:1', '"77","two\r\nlines ""quoted""",[],x:video:2',
            '78,by 1234,"[{""uid"":""1234""},{""uid"":""5""}]",x:video:3', '"79",,,x:video:1']  # fmt: skip
    path = tmp_path / "a.csv"
    path.write_bytes("\r\n".join([*rows, ""]).encode())
    feed, person = FeedFile(path, "table"), Person("x", ["1234"])
    person.keys.add("x:video:1")
    assert feed.rewrite(person, []) == (2, 1)
    feed.replace()
    kept = [rows[0], rows[2], '78,by forgotten,"[{""uid"":""5""}]",x:video:3', ""]
    assert path.read_bytes() == "\r\n".join(kept).encode()


def test_tokens_stand_for_the_person_if_the_key_is_known() -> None:
    person = Person("x", ["1234"], lambda text: f"token{text}")
    assert person.is_to_go({"author": {"uid": "token1234"}, "meta": {"platform": "x"}})
    assert person.redacted_text("x:author:token1234") == "x:author:forgotten" and person.ids == {"1234"}
    assert person.learn({"author": {"uid": "token1234", "unique_id": "a.b"}, "meta": {"platform": "x"}})


def test_what_a_name_is_part_of_stays() -> None:
    person = Person("x", ["1234"])
    person.nicknames.add("Ann")
    assert person.redacted_text("@Ann and @Anna, Ann") == "@forgotten and @Anna, Ann"
    assert person.redacted({"author_name": "Ann", "title": "sound - Ann"}) == {
        "author_name": "forgotten",
        "title": "sound - forgotten",
    }


def test_it_lists_what_it_did_not_change(tmp_path: Path) -> None:
    others = [f"--overwrite-output={tmp_path}/{name}" for name in ("a.json", "a.xlsx", "moved.jsonl")]
    targets = tmp_path / "targets.txt"
    targets.write_text(LINKS[2])
    crawl(f"file={targets}", "max_items=2", *others, world=WORLD, folder=tmp_path)
    (tmp_path / "moved.jsonl").rename(tmp_path / "there.jsonl")
    done = crawl(world=WORLD, folder=tmp_path, command=("forget", "bilibili", str(WORLD.creator(0).mid), "--json"))
    untouched = {Path(place["name"]).name: place["reason"] for place in json.loads(done.out)["untouched"]}
    assert untouched.keys() == {"a.json", "a.xlsx", "moved.jsonl", "targets.txt"} and done.code == 3
    assert "not there any more" in untouched["moved.jsonl"] and "line by line" in untouched["a.xlsx"]


def test_a_feed_in_a_dialect_is_changed_as_well(tmp_path: Path) -> None:
    crawl(f"url={LINKS[2]}", "max_items=2", world=WORLD, folder=tmp_path, settings={"DIALECT": "v4"})
    done = crawl(world=WORLD, folder=tmp_path, command=("forget", "bilibili", str(WORLD.creator(0).mid)))
    assert done.code == 0 and done.files["out.jsonl"] == b""


@pytest.mark.nightly  # it waits for the reader
def test_it_says_if_a_file_cannot_be_compacted(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/all.db"
    crawl(f"url={LINKS[2]}", "max_items=2", world=WORLD, folder=tmp_path, settings={"DATABASE_URL": database})
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", READER, str(tmp_path / "all.db")], **pipes) as reader:
        reader.stdout.readline()
        done = forget(tmp_path, "bilibili", str(WORLD.creator(0).mid))
        reader.stdin.close()
    assert done.code == 3 and "cannot be compacted" in done.out


def test_nothing_is_stored_before_the_first_crawl(tmp_path: Path) -> None:
    done = forget(tmp_path, "bilibili", "100200300")
    assert done.code == 0 and "nothing is stored" in done.out and not (tmp_path / "all.db").exists()
