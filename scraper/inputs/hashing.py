"""What stands for a name in little memory."""

from hashlib import blake2b


def hash64(name: str) -> int:
    """Return a number of 64 bits, the same in each run."""
    return int.from_bytes(blake2b(name.encode("utf-8", "replace"), digest_size=8).digest())
