"""What downloads of media files cost, and that none is lost: against curl, and against the same crawl without them."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from tests.bench.report import Bar, Ratio, Report, at_least, at_most
from tests.bench.runner import WrongError, environment, write_configs
from tests.bench.server import ROOT
from tests.simulator import World, media_files
from tests.simulator.cdn import picture
from tests.simulator.media_files import MediaFile

_LARGE, _SMALL, _TO_REMUX = 2**30, 2**20, 235 * 10**6
_LENGTH_MS, _UNTIL = 15_000, 4_000_000_000
_POSTS, _IMAGES, _LATENCY_S = 200, 1000, 0.5
_LONGEST_S, _POLL_S = 600.0, 0.02
_SLOW_CDN = {"host": "v*-webapp-prime.tiktok.com", "do": "drip", "piece": 2048, "pause": 0.1}
_RESETS = {"host": "i?.hdslb.com", "do": "cut", "every": 10, "share": 0.5}
_SETTINGS = ["-s", "LOG_LEVEL=WARNING", "-s", "TELNETCONSOLE_ENABLED=0"]


@dataclass(frozen=True)
class Media:
    """Four measurements; the first and the third once a round."""

    id: str = "media"

    def run(self, rounds: int) -> Report:
        """Measure them."""
        lines: list[str] = []
        bars: list[Bar] = []
        for measure in (_large, _remuxed, _with_slow_cdn, _images):
            report = measure(rounds)
            lines += report.lines
            bars += report.bars
        return Report(lines, bars)


class Served:
    """A simulator in a process of its own.

    :ivar proxy: its address
    :ivar env: what sends a crawl to it
    """

    def __init__(self, env: dict[str, str], log: Path):
        self.env, self._log = env, log
        self.proxy = env["http_proxy"]

    def requests(self) -> list[dict[str, Any]]:
        """Everything that was asked so far."""
        lines = self._log.read_bytes().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith(b"\n")]


@contextmanager
def served(folder: Path, world: World, faults: Sequence[dict[str, Any]] = ()) -> Iterator[Served]:
    """Serve a world for as long as the context lasts."""
    log, env, rules = (folder / name for name in ("log.jsonl", "env", "faults.json"))
    rules.write_text(json.dumps(faults), "utf-8")
    command = [sys.executable, "-m", "tests.simulator", "--seed", str(world.seed), "--videos", str(world.videos)]
    command += ["--creators", str(world.creators), "--delay", str(world.page_latency[0]), "--log", str(log)]
    command += ["--env", str(env), "--faults", str(rules)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            _wait(lambda: env.exists() and env.read_text("utf-8").count("\n") > 1, process)
            pairs = (line.removeprefix("export ").partition("=") for line in env.read_text("utf-8").splitlines())
            yield Served({name: value.strip("'") for name, _, value in pairs}, log)
        finally:
            process.terminate()


def _large(rounds: int) -> Report:
    """Download a large file by curl and by `scraper.media`, in turn; and a small one, for the memory."""
    ratios, peaks = [], []
    with TemporaryDirectory() as name, served(Path(name), World()) as cdn:
        out, url = Path(name) / "out.mp4", _address(_LARGE)
        for _ in range(rounds + 1):  # the first one warms up
            curl = _curl(cdn, url, out)
            wall_s, peak_mb = _client("download", url, cdn.proxy, str(out))
            _check_size(out, _LARGE)
            ratios.append(curl / wall_s)
            peaks.append(peak_mb)
        _, small_mb = _client("download", _address(_SMALL), cdn.proxy, str(out))
        _check_size(out, _SMALL)
    ratio, growth = Ratio.of(ratios[1:]), max(peaks) - small_mb
    lines = [
        f"media: a file of 1 GiB, throughput against curl: {ratio}",
        f"media: peak {small_mb:.0f} MB for a file of 1 MiB, {max(peaks):.0f} MB for one of 1 GiB",
    ]
    bars = [
        at_least("media: throughput of a large file, against curl", 0.5, ratio.median, str(ratio), " ×"),
        at_most("media: memory for a file of 1 GiB", 30, growth, f"{growth:+.0f} MB", " MB"),
    ]
    return Report(lines, bars)


def _remuxed(rounds: int) -> Report:
    """Put picture and sound into one file, once, whatever the rounds: small ones and large ones."""
    peaks = []
    with TemporaryDirectory() as name:
        for size in (_SMALL, _TO_REMUX):
            paths = [Path(name) / part for part in ("picture", "sound", "out")]
            film = MediaFile("x", "mp4", _LENGTH_MS, "h264", "", size)
            for path, file in zip(paths, (film, MediaFile("x", "m4a", _LENGTH_MS, "", "aac")), strict=False):
                path.write_bytes(media_files.content(file))
            peaks.append(_client("remux", *map(str, paths))[1])
            if paths[2].stat().st_size < size * 0.99:
                raise WrongError(f"a film of {size} bytes became one of {paths[2].stat().st_size} with sound")
    growth = peaks[1] - peaks[0]
    line = f"media: peak {peaks[0]:.0f} MB for remuxing 1 MiB, {peaks[1]:.0f} MB for 235 MB"
    return Report([line], [at_most("media: memory for remuxing 235 MB", 64, growth, f"{growth:+.0f} MB", " MB")])


def _with_slow_cdn(rounds: int) -> Report:
    """Crawl posts without their files and with them, from a slow CDN, in turn; each until the last post is requested.

    Answers take some time, as those of platforms do: what is measured is whether posts wait for files.
    """
    ratios = []
    for _ in range(rounds + 1):
        plain, with_files = _pages_a_second([]), _pages_a_second(["-s", "MEDIA=video"])
        ratios.append(with_files / plain)
    ratio = Ratio.of(ratios[1:])
    line = f"media: pages a second while files come from a slow CDN, against no files: {ratio}"
    return Report([line], [at_least("media: rate of the crawl with a slow CDN", 0.9, ratio.median, str(ratio), " ×")])


def _pages_a_second(words: Sequence[str]) -> float:
    world = World(videos=_POSTS, page_latency=(_LATENCY_S, 0.0))
    works = [world.tiktok.video(0, place) for place in range(_POSTS)]
    with TemporaryDirectory() as name, served(Path(name), world, [_SLOW_CDN]) as cdn:
        folder = Path(name)
        targets = folder / "targets.txt"
        targets.write_text("\n".join(world.tiktok.url(work) for work in works), "utf-8")
        _warm_up(cdn)
        with _crawl(cdn, folder, "tiktok", "-a", f"file={targets}", *words) as process:
            _wait(lambda: len(_pages(cdn)) >= _POSTS, process)
        times = [request["time"] for request in _pages(cdn)]
    return (len(times) - 1) / (times[-1] - times[0])


def _warm_up(cdn: Served) -> None:
    """Let the server load what makes files, and make the certificate of the CDN: both would delay pages."""
    for url in (_address(_SMALL), "https://v16-webapp-prime.tiktok.com/"):
        subprocess.run(["curl", "-s", "-k", "-x", cdn.proxy, "-o", "/dev/null", url], check=True, timeout=_LONGEST_S)


def _pages(cdn: Served) -> list[dict[str, Any]]:
    return [request for request in cdn.requests() if request.get("host") == "www.tiktok.com"]


def _images(rounds: int) -> Report:
    """Download many small files, once, while each tenth connection is reset."""
    world = World(creators=1, videos=_IMAGES)
    with TemporaryDirectory() as name, served(Path(name), world, [_RESETS]) as cdn:
        folder = Path(name)
        link = f"url=https://space.bilibili.com/{world.creator(0).mid}"
        with _crawl(cdn, folder, "bilibili", "-a", link, "-s", "MEDIA=cover") as process:
            code = process.wait(_LONGEST_S)
        if code:
            raise WrongError(f"the crawl of {_IMAGES} covers ended with exit code {code}")
        records = [json.loads(line)["data"] for line in (folder / "out.jsonl").read_bytes().splitlines()]
        covers = [record for record in records if record["meta"]["record_type"] == "media"]
        for cover in covers:
            expected = media_files.digest(picture(urlsplit(cover["url"]).path))
            if cover["sha256"] != expected or cover["media_status"] != "done":
                raise WrongError(f"{cover['path']} is not what the CDN has")
        files = [path for path in (folder / "output" / "media").rglob("*.jpg") if path.is_file()]
        numbers = len(covers), len({cover["video_id"] for cover in covers}), len(files)
        if numbers != (_IMAGES,) * 3:
            raise WrongError(f"{numbers} records, posts and files of {_IMAGES} covers")
        resets = sum(request.get("fault") == "cut" for request in cdn.requests())
    line = (
        f"media: {_IMAGES} covers in one crawl, with {resets} connections reset: all there, once, with the right hash"
    )
    return Report([line], [])


def _address(size: int) -> str:
    """The address of a file of some size, which holds for every world."""
    file = MediaFile(f"{size} bytes", "mp4", _LENGTH_MS, "h264", "aac", size)
    return f"http://v16m-default.tiktokcdn.com/{media_files.token(file)}/{_UNTIL:08x}/video/tos/x/y/"


def _curl(cdn: Served, url: str, out: Path) -> float:
    """Return the seconds that curl takes."""
    command = ["curl", "-s", "-f", "-x", cdn.proxy, "-o", str(out), "-w", "%{time_total}", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S)
    if done.returncode:
        raise WrongError(f"curl ended with exit code {done.returncode}")
    _check_size(out, _LARGE)
    return float(done.stdout)


def _client(*words: str) -> tuple[float, float]:
    """Return the seconds and the peak in MB of `tests.bench.media_client`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.media_client", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=_LONGEST_S,
    )  # fmt: skip
    if done.returncode:
        raise WrongError(f"{words[0]} ended with exit code {done.returncode}: {done.stderr}")
    wall_s, peak_mb = json.loads(done.stdout)
    return wall_s, peak_mb


def _check_size(path: Path, size: int) -> None:
    """Check what was downloaded, and remove it with what is next to it."""
    got = path.stat().st_size
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    if got != size:
        raise WrongError(f"a file of {size} bytes came with {got}")


@contextmanager
def _crawl(cdn: Served, folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    write_configs(folder / "config")
    command = [sys.executable, "-m", "scrapy", "crawl", *words, "-O", str(folder / "out.jsonl"), *_SETTINGS]
    with subprocess.Popen(command, cwd=ROOT, env={**environment(folder), **cdn.env}) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def _wait(holds: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _LONGEST_S
    while not holds():
        if process.poll() is not None or time.monotonic() > end:
            raise WrongError("a process ended before, or did not get that far")
        time.sleep(_POLL_S)


MEDIA = Media()
