"""JOBDIR: what becomes of a crawl whose state cannot be written or read, and that no secret is in it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests import canaries
from tests.canaries import echo, leaks
from tests.crawling import Crawl, Running, crawl
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=1, videos=90, page_latency=(0.01, 0.0))
USER = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
SECRET = canaries.header(WORLD.login_cookie)
PLAYER = "/x/player/wbi/v2"  # the first of two routes to subtitles
FILTER = """
from scrapy.dupefilters import RFPDupeFilter


class Filter(RFPDupeFilter):
    def request_seen(self, request):
        if "pn=2" in request.url:
            raise LookupError("a filter of the user's")
        return super().request_seen(request)
"""


def videos(*crawls: Crawl) -> set[str]:
    return {record["video_id"] for done in crawls for record in done.records if record["type"] == "video"}


def rest(done: Crawl) -> Crawl:
    """Run the command for the rest that a crawl logged."""
    (command,) = re.findall(r"To crawl the rest: (.*)", done.err)
    return crawl(*shlex.split(command)[4::2], world=WORLD)


def test_a_job_folder_that_goes_stops_the_crawl(tmp_path: Path) -> None:
    job = tmp_path / "job"

    def replace(running: Running) -> None:
        running.until(lambda: bool(running.sim.requests))
        shutil.rmtree(job)
        job.write_text("a file")

    settings = {"JOBDIR": job}
    done = crawl(f"url={USER}", world=WORLD, settings=settings, meanwhile=replace, may_raise=True, folder=tmp_path)
    assert done.code == 7 and done.err.count(f"JOBDIR={job} cannot be written: ") >= 1
    assert videos(done, rest(done)) == set(WORLD.bvids(0))


def test_a_filter_that_raises_costs_its_request_and_is_reported(tmp_path: Path) -> None:
    (tmp_path / "users_filter.py").write_text(FILTER)
    settings = {"DUPEFILTER_CLASS": "users_filter.Filter"}
    done = crawl(f"url={USER}", world=WORLD, settings=settings, env={"PYTHONPATH": str(tmp_path)}, may_raise=True)
    assert done.code == 1 and "LookupError: a filter of the user's" in done.err
    assert len(videos(done)) == 30 and videos(done, rest(done)) == set(WORLD.bvids(0))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [("job", "a file", "File exists"), ("job/requests.queue/active.json", '{"half', "is damaged")],
)
def test_a_job_folder_that_is_no_use_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    done = crawl(f"url={USER}", world=WORLD, settings={"JOBDIR": tmp_path / "job"}, feed=None)
    assert done.code == 2 and not done.requests
    assert f"JOBDIR={tmp_path / 'job'}: " in done.err and message in done.err


def stop_before_answers_come(running: Running) -> None:
    """So that what follows from these answers is saved."""
    running.until(lambda: any(seen.path == PLAYER for seen in running.sim.requests))
    running.sim.hold()
    number = len(running.sim.requests)
    running.until(lambda: len(running.sim.requests) > number)
    running.interrupt()
    running.until(lambda: "shutting down" in (running.folder / "log").read_text("utf-8"))
    running.sim.release()


def test_no_secret_is_in_a_job_folder(tmp_path: Path) -> None:
    """Requests wait in it that know why an earlier route failed, in the platform's words, which echo."""
    body = {"code": 99999, "message": echo(SECRET)}
    links = " ".join(
        f"https://www.bilibili.com/video/{bvid}?token={canaries.LINKED}" for bvid in [*WORLD.bvids(0)][:20]
    )
    done = crawl(
        f"url={links}",
        "router=fetch_video_subtitles",
        world=WORLD,
        faults=[Fault(path=PLAYER, do="json", body=body)],
        config=canaries.config(SECRET, {"proxy": canaries.PROXY.replace("127.0.0.1:1", "{simulator}")}),
        settings={"JOBDIR": tmp_path / "job", "AWS_SECRET_ACCESS_KEY": canaries.KEY, "LOG_FILE": tmp_path / "log"},
        meanwhile=stop_before_answers_come,
        folder=tmp_path,
    )
    queued = [body for name, body in done.files.items() if name.startswith("job/requests.queue/")]
    assert any("not accepted: SESSDATA=…".encode() in body for body in queued), [*done.files]
    assert {"job/spider.state", "job/requests.seen", "job/inputs"} <= set(done.files)
    assert json.loads(done.files["job/requests.queue/active.json"])
    assert leaks(done, SECRET) == []
