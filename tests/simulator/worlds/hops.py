"""The short links that every platform has: to a work, to nowhere, in a circle, and too far."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from tests.simulator.randomness import code_of

CHAIN_HOPS = 6
FOREIGN_TARGET = "https://ads.example.com/landing?from=short"


def short_links(seed: int, prefix: str, base: str, targets: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The codes by name of the case (`<prefix>_<case>`), and the targets by code; the dead code has no target.

    `base` is the address before a code; `targets` are those of the platform, `video` among them.
    """
    every = {**targets, "foreign": FOREIGN_TARGET}
    codes = {f"{prefix}_{name}": code_of(seed, prefix, name) for name in (*every, "loop", "loop_back", "chain", "dead")}
    links = {codes[f"{prefix}_{name}"]: target for name, target in every.items()}
    links[codes[f"{prefix}_loop"]] = f"{base}{codes[f'{prefix}_loop_back']}/"
    links[codes[f"{prefix}_loop_back"]] = f"{base}{codes[f'{prefix}_loop']}/"
    hops = [codes[f"{prefix}_chain"], *(code_of(seed, prefix, "hop", hop) for hop in range(1, CHAIN_HOPS))]
    for here, there in pairwise(hops):
        links[here] = f"{base}{there}/"
    links[hops[-1]] = targets["video"]
    return codes, links
