"""Stable hashes for compact sets."""

from hashlib import blake2b


def hash64(name: str) -> int:
    """Return a 64-bit hash that is the same in every run."""
    return int.from_bytes(blake2b(name.encode("utf-8", "replace"), digest_size=8).digest())
