"""The short links of the Bilibili world."""

from __future__ import annotations

from itertools import pairwise

from tests.simulator import specials
from tests.simulator.randomness import code_of

TRACKING = "share_source=copy_web&share_medium=android&bbid=XX0A1B2C&ts=1790000000&unique_k="


def short_links(seed: int, bvid: str, parts: str, mid: int) -> tuple[dict[str, str], dict[str, str]]:
    """The codes by name of the case, and the targets by code; the dead code has no target."""
    codes = {
        name: code_of(seed, name)
        for name in (
            "b23_video",
            "b23_part",
            "b23_space",
            "b23_foreign",
            "b23_home",
            "b23_loop",
            "b23_loop_back",
            "b23_chain",
            "b23_dead",
        )
    }
    video = f"https://www.bilibili.com/video/{bvid}"
    targets = {
        codes["b23_video"]: f"{video}?{TRACKING}{codes['b23_video']}",
        codes["b23_part"]: f"https://www.bilibili.com/video/{parts}?p=2&{TRACKING}{codes['b23_part']}&t=12",
        codes["b23_space"]: f"https://space.bilibili.com/{mid}?{TRACKING}{codes['b23_space']}",
        codes["b23_foreign"]: specials.FOREIGN_TARGET,
        codes["b23_home"]: specials.HOME_TARGET,
        codes["b23_loop"]: f"https://b23.tv/{codes['b23_loop_back']}",
        codes["b23_loop_back"]: f"https://b23.tv/{codes['b23_loop']}",
    }
    hops = [codes["b23_chain"], *(code_of(seed, "hop", hop) for hop in range(1, specials.CHAIN_HOPS))]
    for here, there in pairwise(hops):
        targets[here] = f"https://b23.tv/{there}"
    targets[hops[-1]] = video
    return codes, targets
