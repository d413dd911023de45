"""A crawl against the simulator: `make demo`. What it runs is what a user runs; only the network is another."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulator import Simulator, World

ROOT = Path(__file__).parents[1]
PACE = "pace: {delay_s: 0.2, concurrency: 1}\n"


def main() -> int:
    """Crawl share texts of each platform, a creator and a deleted video, and return the exit code of the crawl."""
    world = World(seed=7, creators=3, videos=75)
    deleted, creator = world.special["deleted"], world.creator(0).mid
    targets = ROOT / "output" / "demo-targets.txt"
    targets.parent.mkdir(exist_ok=True)
    targets.write_text(
        f"# what people paste\n【一个视频】 https://b23.tv/{world.special['b23_video']}，快来看\n"
        f"7.43 复制打开抖音，看看【一个作品】 https://v.douyin.com/{world.douyin.special['dy_note']}/ q@r.Eh\n"
        f"https://vm.tiktok.com/{world.tiktok.special['tt_photo']}/\n{world.tiktok.url(world.tiktok.video(1, 0))}\n"
        f"https://space.bilibili.com/{creator}\n{deleted}\nhttps://www.bilibili.com/video/{world.video(1, 0).bvid}\n",
        "utf-8",
    )
    with TemporaryDirectory() as config, Simulator(world) as simulator:
        for name in ("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app"):
            service = Path(config, name)
            service.mkdir()
            (service / "config.yaml").write_text(PACE, "utf-8")
        command = ["scrapy", "crawl", "hybrid", "-a", f"file={targets.relative_to(ROOT)}"]
        print("$", " ".join(command), "   # through the simulator, as a proxy with a CA of its own", flush=True)
        environment = {**os.environ, **simulator.env, "CONFIG_DIR": config, "STATE_DIR": config, "SUMMARY": "on"}
        done = subprocess.run([sys.executable, "-m", *command, "-s", "LOG_LEVEL=WARNING"], cwd=ROOT, env=environment)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
