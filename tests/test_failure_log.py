"""What failed is in the log, once for an input and not without end, and no text of a platform controls a terminal."""

from __future__ import annotations

import logging
import re
import sys

import pytest

from scraper.output.envelope import Envelope, Error, Failure
from scraper.output.failure_log import FailureLog, sentence
from scraper.output.visible_text import VisibleFormatter, visible
from scraper.records import Meta
from tests.crawling import crawl

HOSTILE = "\x1b[2J\x1b]0;x\x07 a\r\n2026-11-28 12:00:00 [scraper] ERROR: forged\x9b1m\u202egnp"
RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[", re.M)


def failure(given: str, name: str = "NOT_FOUND", message: str = "gone") -> Envelope:
    error = Error(name=name, message=message, remedy="check it", retryable=False, retry_after=None, input=given)
    return Envelope(404, "/api/x", Failure(error=error, meta=Meta(platform=None, target=given)))


def test_each_of_the_first_inputs_is_named_and_the_others_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    log = FailureLog()
    for number in range(2_000):
        log.add([failure(f"link{number}"), failure(f"link{number}", "INCOMPLETE")])
    log.close()
    named, last = [record.getMessage() for record in caplog.records[:-1]], caplog.records[-1].getMessage()
    assert [line.split()[1] for line in named] == [f"link{number}:" for number in range(20)]
    assert last == "3980 more failures are in the output (INCOMPLETE 2000, NOT_FOUND 1980)"
    assert log.example is not None and log.example.error.input == "link0"


def test_a_crawl_without_failures_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    FailureLog().close()
    assert not caplog.records


def test_a_failure_is_one_line_that_controls_nothing() -> None:
    shown = sentence(failure("x\ny", message=HOSTILE).data)  # type: ignore[arg-type]
    assert shown.isprintable() and "\\x1b[2J" in shown and "\\r\\n2026" in shown
    assert visible("中文 😀 é") == "中文 😀 é"


def test_no_text_in_a_log_record_passes_for_another_record() -> None:
    formatter = VisibleFormatter(
        logging.Formatter("%(asctime)s [%(name)s] %(levelname)s: %(message)s", "%Y-%m-%d %H:%M:%S")
    )
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        trace = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "said %s", (HOSTILE,), trace)
    text = formatter.format(record)
    assert len(RECORD.findall(text)) == 1 and text.replace("\n", "").isprintable()
    assert all(line.startswith(("    ", "Traceback (")) for line in text.splitlines()[1:]) and "Traceback" in text
    assert record.args == (HOSTILE,), "other handlers get it as it is"


def test_a_crawl_names_what_failed_and_gives_an_example() -> None:
    done = crawl("url=https://evil.example/a\x1b[2Jb https://nowhere.example/", env={"SUMMARY": "on"})
    assert done.code == 2 and not done.requests and "\x1b[2J" not in done.err
    warned = [line for line in done.err.splitlines() if "[scraper.output.failure_log] WARNING: BAD_INPUT" in line]
    assert len(warned) == len(done.envelopes) >= 2
    assert "  example failure: BAD_INPUT https://evil.example/a" in done.err


def test_a_link_of_another_platform_has_the_platform_of_its_host_and_no_surface() -> None:
    done = crawl("url=https://www.bilibili.com/video/BV1L9Uoa9EUx https://youtu.be/abc", command=("crawl", "tiktok"))
    metas = [envelope["data"]["meta"] for envelope in done.envelopes]
    assert [(meta["platform"], meta["surface"]) for meta in metas] == [("bilibili", None), (None, None)]
    own, foreign = (envelope["data"]["error"]["remedy"] for envelope in done.envelopes)
    assert own == "do what the message says" and foreign == "remove this input: it cannot be corrected"


def test_an_output_that_cannot_be_opened_is_corrected_before_the_rest() -> None:
    done = crawl("url=https://youtu.be/abc", "--overwrite-output=/proc/nope/out.jsonl", feed=None)
    [line] = [line for line in done.err.splitlines() if "The crawl did not begin" in line]
    what = "Correct what failed, or name other outputs with -O, -o, DATABASE_URL or STATE_DIR. To crawl: scrapy crawl"
    assert done.code == 7 and what in line


def test_a_file_that_cannot_be_read_is_not_called_a_wrong_link() -> None:
    done = crawl("file=/proc/self/mem")  # a regular file: reading its first page fails
    [envelope] = done.envelopes
    error = envelope["data"]["error"]
    assert error["message"].startswith("the input cannot be read further (")
    assert error["remedy"] == "make the file readable, and crawl the inputs that are left"
