"""What tests without a browser do: they say so, and fail where one was promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browsers import chromium, trusting


@pytest.mark.parametrize("promise", [{}, {"CI": "true"}, {"REQUIRE_BROWSER": "1"}], ids=str)
def test_no_browser(promise: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "REQUIRE_BROWSER"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**promise, "PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    ending = pytest.fail.Exception if promise else pytest.skip.Exception
    with pytest.raises(ending, match="apt-get install chromium"):
        chromium()
    with pytest.raises(ending, match="certutil is not installed"):
        trusting(tmp_path, tmp_path / "ca.pem")
