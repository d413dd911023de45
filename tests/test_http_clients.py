"""The examples of docs/http-clients.md and of the README run as they are against a front before the simulator."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cases import ROOT
from tests.front_support import Served, served
from tests.long_lived import WORLD

PAGE = (ROOT / "docs" / "http-clients.md").read_text("utf-8")
LINKS = {
    "https://www.tiktok.com/@user/video/7300000000000000001": WORLD.tiktok.url(WORLD.tiktok.video(1, 0)),
    "BV1L9Uoa9EUx": WORLD.video(1, 0).bvid,
    "100200300": str(WORLD.creator(0).mid),
}
TIMEOUT_S = 60


def examples(language: str, text: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


async def run(example: str, front: Served, folder: Path, *command: str) -> str:
    """Run an example to its end and return its output; fail if it fails."""
    for written, real in {**LINKS, "http://127.0.0.1:8000": str(front.client.base_url)}.items():
        example = example.replace(written, real)
    direct = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(*command, example, cwd=folder, env=direct, **pipes)  # type: ignore[arg-type]
    out, err = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
    assert process.returncode == 0, f"{example}\n{out.decode()}\n{err.decode()}"
    return out.decode()


def _of_a_deleted_post(command: str) -> str:
    return command.replace(next(iter(LINKS)), WORLD.special["deleted"])


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_examples_for_curl(live: Any, tmp_path: Path) -> None:
    (tmp_path / "cookie.json").write_text(json.dumps({"service": "bilibili", "cookie": WORLD.login_cookie}), "utf-8")

    async def calls() -> None:
        async with served(live) as front:
            commands = examples("sh")
            post, page, nothing, continued, cookie, batch = [
                await run(example, front, tmp_path, "bash", "-euc") for example in commands
            ]
            assert json.loads(post)["data"]["video_id"] == LINKS["BV1L9Uoa9EUx"]
            assert len(json.loads(page)["data"]["items"]) == 30 and json.loads(page)["data"]["pn"] == 3
            assert nothing == continued == "" and json.loads(cookie)["data"]["logged_in"]
            [file] = tmp_path.glob("tiktok_*.mp4")
            whole, clip = file.read_bytes(), tmp_path / "clip.mp4"
            assert whole[4:8] == b"ftyp" and clip.read_bytes() == whole
            downloading, continuing = commands[2:4]
            clip.write_bytes(whole[:1000])
            await run(continuing, front, tmp_path, "bash", "-euc")
            assert clip.read_bytes() == whole
            with pytest.raises(AssertionError, match="error: 416"):
                await run(continuing, front, tmp_path, "bash", "-euc")
            with pytest.raises(AssertionError, match="error: 404"):
                await run(_of_a_deleted_post(downloading), front, tmp_path, "bash", "-euc")
            refused = json.loads((tmp_path / "download").read_bytes())
            assert refused["code"] == 404 and refused["data"]["error"]["remedy"]
            with pytest.raises(AssertionError, match="error: 404"):
                await run(_of_a_deleted_post(continuing), front, tmp_path, "bash", "-euc")
            assert clip.read_bytes() == whole, "the envelope is not appended"
            assert [line["code"] for line in json.loads(batch)["data"]["items"]] == [200, 200]

    asyncio.run(calls())


def test_the_example_for_python(live: Any, tmp_path: Path) -> None:
    async def calls() -> None:
        async with served(live) as front:
            [example] = examples("python")
            assert (await run(example, front, tmp_path, sys.executable, "-c")).endswith("\n95 videos\n")
            gone = example.replace(next(iter(LINKS)), WORLD.special["deleted"])
            with pytest.raises(AssertionError, match="RuntimeError: NOT_FOUND: it does not exist"):
                await run(gone, front, tmp_path, sys.executable, "-c")

    asyncio.run(calls())


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed, so the JavaScript was not run")
def test_the_example_for_javascript(live: Any, tmp_path: Path) -> None:
    async def calls() -> None:
        async with served(live) as front:
            [example] = examples("js")
            command = ("node", "--input-type=module", "-e")
            assert (await run(example, front, tmp_path, *command)).endswith("\n95 videos\n")

    asyncio.run(calls())


def test_the_calls_of_the_readme_and_of_docker(live: Any, tmp_path: Path) -> None:
    readme, deployment = ((ROOT / name).read_text("utf-8") for name in ("README.md", "docs/deployment.md"))
    [console] = examples("console", readme)
    commands = console.splitlines()
    assert commands[0] == "make serve" and len(commands) == 2, "two commands"
    docker = next(block for block in examples("sh", deployment) if block.startswith("docker compose up"))

    async def calls() -> None:
        async with served(live) as front:
            for command in (commands[1], docker.splitlines()[1]):
                answer = json.loads(await run(f"{command} --silent", front, tmp_path, "bash", "-euc"))
                assert answer["data"]["video_id"] == LINKS["BV1L9Uoa9EUx"]

    asyncio.run(calls())


def test_the_table_of_what_differs_names_calls_that_exist(live: Any) -> None:
    table = PAGE.partition("## Coming from")[2]
    named = set(re.findall(r"`(/api/[a-z_/]+)`", table))
    gone = set(re.findall(r"`(/api/[a-z_/]+)` \| [^|]+ \| not there", table))

    async def calls() -> None:
        async with served(live) as front:
            known = set((await front.client.get("/openapi.json")).json()["paths"])
            assert len(named) > 3 and named - known == gone == {"/api/ios/shortcut"}

    asyncio.run(calls())
