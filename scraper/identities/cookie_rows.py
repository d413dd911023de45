"""The state of each service's cookies, without values, as `scrapy cookies` and the pages show it."""

import time
from os import environ
from pathlib import Path
from typing import Any

import msgspec

from scraper.identities.cookie_report import Login, inspect
from scraper.identities.service_config import ConfigFile
from scraper.platform.service import Service
from scraper.responses.exceptions import ArgumentError

_READ_BY_OTHERS = 0o077


def cookie_rows(service: Service, config_dir: str) -> list[dict[str, Any]]:
    """Return one row per identity of a service.

    `problem` is why its configuration cannot be read, `says` a sentence about the cookie, `from` where it comes from.
    """
    now, row = time.time(), {"service": service.label, "identity": "", "from": "", "problem": "", "says": ""}
    try:
        config = ConfigFile(service, config_dir)
    except ArgumentError as error:
        return [{**row, "problem": str(error), "notes": []}]
    notes = [_open(path) for path in config.paths if _is_open(path)]
    rows = []
    for credentials in config.loaded.credentials:
        login: Login = inspect(service, credentials.cookies, credentials.expires, now, credentials.name)
        from_ = service.cookie_variable if environ.get(service.cookie_variable) else str(config.path)
        fields = {**msgspec.to_builtins(login), "from": from_ if login.present else ""}
        rows.append({**row, **fields, "says": login.words(now), "notes": notes})
    return rows


def _is_open(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & _READ_BY_OTHERS)
    except OSError:
        return False


def _open(path: Path) -> str:
    return f"{path} is readable by other users of this machine; run: chmod 600 {path}"
