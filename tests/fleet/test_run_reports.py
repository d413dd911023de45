"""Reports of a worker's runs: sent while it crawls, and a webhook that never answers holds up nothing."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from scraper.fleet import run_reports
from scraper.fleet.run_reports import RunReports
from tests.fleet.workers import wait_for


def test_reports_are_sent_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(run_reports, "_AT_ONCE", 1)
    monkeypatch.setattr(run_reports, "post_report", lambda *report: sent.append(report))
    reports = RunReports("http://site.test/hook")
    for report in (b"1", None, b"2"):
        reports.add(report)
    asyncio.run(reports.close())
    assert sent == [("http://site.test/hook", b"1"), ("http://site.test/hook", b"2")]


def test_a_webhook_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(run_reports, "_CLOSING_S", 0.1)
    monkeypatch.setattr(run_reports, "_MOST", 2)
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as server:
        reports = RunReports(f"http://127.0.0.1:{server.getsockname()[1]}/hook")
        for _ in range(run_reports._AT_ONCE):
            reports.add(b"{}")
        wait_for(lambda: reports._waiting.empty())  # the senders have them
        for _ in range(3):
            reports.add(b"{}")
        asyncio.run(reports.close())
    assert "5 reports not sent to RUN_WEBHOOK" in caplog.text
