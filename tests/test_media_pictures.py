"""Pictures that are cut off are known by their end, whatever a server said of their size."""

from __future__ import annotations

import io
from pathlib import Path
from random import Random

import pillow_heif
import pytest
from PIL import Image

from scraper.media.content import content_of
from scraper.media.pictures import is_cut_off

FORMATS = {"jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "avif": "AVIF", "heic": "HEIF"}


def picture(name: str, size: int = 64, **more: object) -> bytes:
    """A picture of noise."""
    pillow_heif.register_heif_opener()
    image = Image.frombytes("RGB", (size, size), Random(1).randbytes(3 * size * size))
    body = io.BytesIO()
    image.save(body, name, **more)
    return body.getvalue()


def with_preview() -> bytes:
    """A JPEG with a whole JPEG in its header."""
    body, preview = picture("JPEG"), picture("JPEG", 32)
    return body[:2] + b"\xff\xe1" + (len(preview) + 2).to_bytes(2, "big") + preview + body[2:]


BODIES = {ext: picture(name) for ext, name in FORMATS.items()}
BODIES |= {"progressive": picture("JPEG", progressive=True), "preview": with_preview()}


@pytest.mark.parametrize("name", BODIES)
def test_a_picture_that_is_cut_off(name: str, tmp_path: Path) -> None:
    body, path = BODIES[name], tmp_path / "picture"
    content = content_of(body)
    assert content and content.family == "image"
    path.write_bytes(body)
    assert not is_cut_off(path, content.ext)
    path.write_bytes(body + b"\0" * 100)
    assert not is_cut_off(path, content.ext), "what a server adds does no harm"
    for share in (0.3, 0.6, 0.9, 0.99):
        path.write_bytes(body[: int(len(body) * share)])
        assert is_cut_off(path, content.ext), share


def test_the_preview_is_in_the_header() -> None:
    assert BODIES["preview"].count(b"\xff\xd9") >= 2


def test_a_format_without_an_end_is_never_cut_off(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert not is_cut_off(tmp_path / "empty", "jpg")
    (tmp_path / "other").write_bytes(b"BM")
    assert not is_cut_off(tmp_path / "other", "bmp")
