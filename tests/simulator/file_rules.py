"""What is special about the files of a world: how long their addresses hold, how large they are, who gets them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.simulator.media_files import MediaFile

PAST_S = 60


@dataclass(slots=True, kw_only=True)
class FileRules:
    """The switches may be turned while a simulator serves.

    :param stale: how many times the address of a video has already expired when it is given
    :param size: bytes of every video whose size the platform states; 0: some kilobytes
    :param binds_tokens: whether TikTok's CDN accepts only the token of the page that gave the URL
    """

    stale: int = 0
    size: int = 0
    binds_tokens: bool = False
    _given: Counter[str] = field(default_factory=Counter)

    def ends(self, name: str, now: float, valid_s: int) -> int:
        """When an address of a file that is given now expires."""
        if not self.stale:
            return int(now) + valid_s
        self._given[name] += 1
        return int(now) + (valid_s if self._given[name] > self.stale else -PAST_S)

    def sized(self, file: MediaFile) -> MediaFile:
        """The file in the size that all have."""
        return file._replace(size=self.size) if self.size else file
