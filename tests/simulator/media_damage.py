"""Faults that only files have: those that change what is served are named in the request that a CDN answers."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import replace

from tests.simulator import media_files
from tests.simulator.faults import Fault
from tests.simulator.media_files import PICTURES, MediaFile
from tests.simulator.messages import Answer, Request
from tests.simulator.platforms import Platform

SURPLUS = 4096


def _cut(fault: Fault, request: Request, platform: Platform) -> Answer:
    """Reset the connection after a part of the body: `share` of it, by default the half, or `at` bytes."""
    answer = platform.handle(request)
    answer.sends = int(fault.args.get("at", len(answer.body) * float(fault.args.get("share", 0.5))))
    return answer


def _drip(fault: Fault, request: Request, platform: Platform) -> Answer:
    """Send `piece` bytes every `pause` seconds."""
    answer = platform.handle(request)
    answer.piece, answer.pause = int(fault.args.get("piece", 1024)), float(fault.args.get("pause", 0.01))
    return answer


def _length(fault: Fault, request: Request, platform: Platform) -> Answer:
    """Announce `by` bytes more, or less, than are sent."""
    answer = platform.handle(request)
    answer.announces = max(0, len(answer.body) + int(fault.args.get("by", 64)))
    return answer


def _gzip(fault: Fault, request: Request, platform: Platform) -> Answer:
    """Compress the body, wanted or not."""
    answer = platform.handle(request)
    answer.body = gzip.compress(answer.body, 1, mtime=0)
    answer.headers.append(("Content-Encoding", "gzip"))
    return answer


def _ignore_range(fault: Fault, request: Request, platform: Platform) -> Answer:
    """Answer with the whole file, whatever part is asked for."""
    headers = {name: value for name, value in request.headers.items() if name != "range"}
    return platform.handle(replace(request, headers=headers))


def _change(fault: Fault, request: Request, platform: Platform) -> Answer:
    """Serve another file in its place; see `CHANGES`. With `unconditional`, whatever version a part is asked of."""
    change = CHANGES[fault.do]
    left_out = {"if-range"} if fault.args.get("unconditional") else set[str]()
    headers = {name: value for name, value in request.headers.items() if name not in left_out}
    return platform.handle(replace(request, headers=headers, change=lambda file, body: change(fault, file, body)))


def _packet_cut(fault: Fault, file: MediaFile, body: bytes) -> bytes:
    """The file up to the last packet that ends in `share` of it, by default 0.6; a picture is cut anywhere."""
    limit = int(len(body) * float(fault.args.get("share", 0.6)))
    if file.kind in PICTURES:
        return body[:limit]
    import av

    with av.open(io.BytesIO(body)) as container:
        ends = [packet.pos + packet.size for packet in container.demux() if packet.size and packet.pos is not None]
    return body[: max(end for end in ends if end <= limit)]


def _changed(fault: Fault, file: MediaFile, body: bytes) -> bytes:
    """Another file of the same kind and length."""
    return media_files.content(file._replace(name=f"{file.name}, changed"))


def _larger(fault: Fault, file: MediaFile, body: bytes) -> bytes:
    """The file, and `by` bytes more that mean nothing."""
    return body + bytes(int(fault.args.get("by", SURPLUS)))


CHANGES: dict[str, Callable[[Fault, MediaFile, bytes], bytes]] = {
    "packet_cut": _packet_cut,
    "changed": _changed,
    "larger": _larger,
}
OF_FILES: dict[str, Callable[[Fault, Request, Platform], Answer]] = {
    "cut": _cut,
    "drip": _drip,
    "length": _length,
    "gzip": _gzip,
    "ignore_range": _ignore_range,
    **dict.fromkeys(CHANGES, _change),
}
