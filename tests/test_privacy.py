"""`FIELDS`, `DROP` and `PRIVACY`: what is written of records, in every output."""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from scraper.output.envelope import Envelope, Error, Failure
from scraper.output.privacy import Privacy
from scraper.output.record_changes import RecordChanges, changes_of
from scraper.output.selection import Selection
from scraper.records import Meta
from scraper.responses.exceptions import ArgumentError
from tests.crawling import Crawl, crawl
from tests.pages import run
from tests.simulator import World
from tests.simulator.signing import OPEN
from tests.test_items import envelope

KEY = "0123456789abcdef0123456789abcdef"
NAMING = ("uid", "sec_uid", "unique_id", "short_id", "nickname", "sender_hash", "signature", "author_name")
WORLD = World(seed=4, creators=2, videos=3, comments=12, replies=2, signing=OPEN)
TIKTOK, DOUYIN = WORLD.tiktok, WORLD.douyin
LINKS = [
    f"https://space.bilibili.com/{WORLD.creator(0).mid}",
    f"https://www.tiktok.com/@{TIKTOK.creator(0).handle}",
    f"https://www.douyin.com/user/{DOUYIN.creator(0).sec_uid}",
    "https://www.tiktok.com/@nobody.at.all77",
]
ALL_HIDDEN = "P1=hmac,P2=drop,P3=drop"


def go(folder: Path, links: list[str] = LINKS, **settings: str) -> Crawl:
    """Crawl people of all platforms into every kind of output."""
    folder.mkdir()
    with_outputs = {"DATABASE_URL": f"sqlite:///{folder}/all.db", "OBSERVE": "edge,placement", **settings}
    outputs = [f"--overwrite-output={folder}/{name}" for name in ("out.csv", "out.jsonl.zst")]
    words = (f"url={' '.join(links)}", "with=comments,danmaku,author", "max_items=3", *outputs)
    services = dict.fromkeys(("douyin_web", "tiktok_web"), "")
    return crawl(
        *words, world=WORLD, folder=folder, command=("crawl", "hybrid"), configs=services, settings=with_outputs,
        env={"PRIVACY_KEY": KEY}, feed="out.jsonl",
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("privacy")


@pytest.fixture(scope="module")
def crawls(folder: Path) -> dict[str, Crawl]:
    return {
        "plain": go(folder / "plain"),
        "hidden": go(folder / "hidden", PRIVACY=ALL_HIDDEN),
        "chosen": go(
            folder / "chosen",
            [LINKS[0], LINKS[-1]],
            FIELDS="video_id,text,statistics.*,author",
            DROP="author.avatar_url,*.play_count",
        ),
    }


def values(data: Any, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts of some names, wherever they are."""
    for name, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        if isinstance(value, str) and name in names:
            yield value
        yield from values(value, names)


def people(crawls: dict[str, Crawl]) -> set[str]:
    named = set(values(crawls["plain"].records, NAMING))
    return {value for value in named if len(value) > 4} | {"nobody.at.all77"}


def rows(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of the tables of records."""
    connection = sqlite3.connect(folder / "all.db")
    connection.row_factory = sqlite3.Row
    for table in ("video", "author", "comment", "danmaku", "edge", "placement"):
        for row in connection.execute(f"SELECT * FROM {table}"):
            yield table, dict(row)
    connection.close()


def token(text: str) -> str:
    return hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def test_nobody_is_named_in_any_output(folder: Path, crawls: dict[str, Crawl]) -> None:
    named, hidden = people(crawls), crawls["hidden"]
    assert len(named) > 30
    written = [json.dumps(envelope, ensure_ascii=False) for envelope in hidden.envelopes]
    written += [hidden.files[name].decode() for name in hidden.files if name.endswith(".csv")]
    written += [str(row) for _, row in rows(folder / "hidden")]
    for text in written:
        assert [person for person in named if person in text] == [], text
    assert "list_run, failure, ledger_* and watched_list of the database still name your inputs" in hidden.err
    assert KEY not in str(hidden.files) + hidden.err + hidden.out
    assert sorted(crawls["plain"].codes) == sorted(hidden.codes) and hidden.code == crawls["plain"].code


def test_a_person_has_one_token_wherever_it_is_named(folder: Path, crawls: dict[str, Crawl]) -> None:
    ids = ("uid", "sec_uid", "unique_id")
    written = set(values(crawls["hidden"].records, ids))
    assert written == {token(value) for value in values(crawls["plain"].records, ids)}
    authors = {row["key"]: row for table, row in rows(folder / "hidden") if table == "author"}
    posts = [row for table, row in rows(folder / "hidden") if table == "video"]
    assert posts and all(
        f"{row['meta_platform']}:author:{row['author_sec_uid'] or row['author_uid']}" in authors for row in posts
    )


def test_only_chosen_fields_are_written(folder: Path, crawls: dict[str, Crawl]) -> None:
    for record in crawls["chosen"].records:
        stay = {"key", "record_type", "platform", "schema_version", "run_id"}
        assert record.keys() <= {"video_id", "text", "statistics", "author", "meta"} and record["meta"].keys() == stay
        assert "play_count" not in record.get("statistics", {}) and "avatar_url" not in record.get("author", {})
    video = next(record for record in crawls["chosen"].records if record["meta"]["record_type"] == "video")
    assert {"digg_count", "comment_count"} <= video["statistics"].keys() and video["author"]["uid"]
    assert [failure["error"]["input"] for failure in crawls["chosen"].failures][-1:] == [LINKS[-1]]
    table = [*csv.DictReader(io.StringIO(crawls["chosen"].files["out.video.csv"].decode()))]
    assert (
        table[0]["video_id"]
        and table[0]["author.uid"]
        and table[0]["create_time"] == table[0]["author.avatar_url"] == ""
    )
    for name, row in rows(folder / "chosen"):
        assert row["key"] and row["meta_platform"] and row["meta_fetched_at"] is None
        if name == "video":
            assert row["video_id"] and row["author_uid"] and row["create_time"] is row["statistics_play_count"] is None


def test_a_resumed_run_goes_on_in_the_same_way(tmp_path: Path) -> None:
    env = {"PRIVACY": ALL_HIDDEN, "PRIVACY_KEY": KEY}
    link = f"url=https://space.bilibili.com/{WORLD.creator(0).mid}"
    first = done = crawl(link, "max_requests=3", "with=author", world=WORLD, folder=tmp_path, env=env)
    while done.code == 3 and len(done.records) < 4:
        done = crawl(world=WORLD, folder=tmp_path, env={"PRIVACY_KEY": KEY}, command=("resume",))
    assert len(first.records) < 4 and {record["meta"]["record_type"] for record in done.records} == {"video", "author"}
    assert done.code == 0 and not [record for record in done.records if str(WORLD.creator(0).mid) in json.dumps(record)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"FIELDS": "vido_id"}, "FIELDS=vido_id: unknown field vido_id; did you mean video_id?"),
        ({"DROP": "author.avatar"}, "did you mean author.avatar_url?"),
        ({"DROP": "meta.key"}, "always written"),
        ({"FIELDS": "zzzzqqqq"}, "docs/records.md lists all fields"),
        ({"PRIVACY": "P4=drop"}, "P4=drop is no class (P1, P2, P3)"),
        ({"PRIVACY": "P1=hmac,P1=drop"}, "P1 has two actions, hmac and drop"),
        ({"PRIVACY": "P1=hash"}, "PRIVACY=P1=hmac,P2=drop,P3=keep"),
    ],
)
def test_a_wrong_setting_is_refused(settings: dict[str, str], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        changes_of(from_texts(settings))
    assert message in str(error.value)


@pytest.mark.parametrize("key", ["", "short"])
@pytest.mark.parametrize("privacy", ["P1=hmac", "P1=drop", "P3=hmac"])
def test_a_missing_or_short_key_is_refused(monkeypatch: pytest.MonkeyPatch, privacy: str, key: str) -> None:
    monkeypatch.setenv("PRIVACY_KEY", key)
    with pytest.raises(ArgumentError, match="PRIVACY_KEY"):
        changes_of(from_texts({"PRIVACY": privacy}))


def from_texts(settings: dict[str, str]) -> Any:
    return {"FIELDS": "", "DROP": "", "PRIVACY": "", **settings}


def privacy(**actions: str) -> Privacy:
    return Privacy({"P1": "keep", "P2": "keep", "P3": "keep", **actions}, KEY.encode())


def test_each_action() -> None:
    given = envelope("a title")
    given.data.author.nickname, given.data.author.verified = "Somebody", True
    for action, nickname in {"keep": "Somebody", "hmac": token("Somebody"), "mask": "***", "drop": UNSET}.items():
        (written,) = RecordChanges(Selection(), privacy(P1=action)).of([given], UNSET)
        assert written.data.author.nickname == nickname
        assert written.data.author.verified is (True if action == "keep" else UNSET)
        assert written.data.title == "a title"
    assert given.data.author.nickname == "Somebody"


@pytest.mark.parametrize("form", [lambda given: given.to_dict(), lambda given: given])
@pytest.mark.parametrize("absent", [UNSET, None])
def test_what_a_pipeline_made_of_a_record_is_changed_as_well(form: Any, absent: Any) -> None:
    given = envelope("a \0 title")
    given.data.author = {"nickname": "Somebody", "uid": "7"}
    (written,) = RecordChanges(Selection(dropped=("title",)), privacy(P1="hmac")).of([form(given)], absent)
    assert "Somebody" not in str(written) and token("Somebody") in str(written) and "a \0 title" not in str(written)


def test_what_stands_in_place_of_an_object_is_left_out() -> None:
    given = envelope("a title")
    given.data.author = "Somebody"
    assert "Somebody" not in str(RecordChanges(Selection(), privacy(P1="hmac")).of([given], UNSET))


def test_a_failure_names_nobody() -> None:
    link = "https://www.example.com/@some.body/video/7300000000000000001"
    error = Error(
        name="NOT_FOUND", message="the video of some.body is gone", retryable=False, retry_after=None, input=link,
        remedy="check it; this alone: scrapy crawl x -a uniqueId=some.body",
    )  # fmt: skip
    given = Envelope(404, "/api/x", Failure(error=error, meta=Meta(target=link, key="x:author:some.body")))
    (written,) = RecordChanges(Selection(), privacy(P1="hmac")).of([given], UNSET)
    assert "some.body" not in str(written)
    assert written.data.error.message == f"the video of {token('some.body')} is gone"
    assert written.data.error.remedy == "check it" and written.data.error.input == written.data.meta.target == token(
        link
    )


def test_foreign_items_are_written_as_they_are(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run([[{"name": "x"}], [{"name": "y"}]], FEEDS={f"{tmp_path}/a.jsonl": {}}, DROP="title")
    assert (tmp_path / "a.jsonl").read_text().splitlines() == ['{"name":"x"}', '{"name":"y"}']
    assert caplog.text.count("written as they are") == 1
