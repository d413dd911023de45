"""Having a browser trust what the crawl trusts: the authorities in SSL_CERT_FILE.

Chromium on Linux takes authorities of the user's from a database below its HOME, and from nowhere else.
"""

import logging
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import certifi

logger = logging.getLogger(__name__)

_LIMIT_S = 30


def trusting_home(state: Path) -> Path | None:
    """Return a HOME for a browser that trusts the authorities of SSL_CERT_FILE, None where the user's own will do."""
    bundle = os.environ.get("SSL_CERT_FILE")
    if not bundle or not sys.platform.startswith("linux"):
        return None
    extra = _authorities(bundle) - _authorities(certifi.where())
    if not extra:
        return None
    certutil = shutil.which("certutil")
    if certutil is None:
        logger.warning(
            "The browser does not know the authorities of SSL_CERT_FILE: it needs certutil for that"
            " (on Debian `apt install libnss3-tools`)"
        )
        return None
    home = state.absolute() / "browser" / sha256(b"".join(sorted(extra))).hexdigest()[:16]
    try:
        if not home.exists():
            _make(home, extra, certutil)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        logger.warning("The authorities in SSL_CERT_FILE could not be added to the browser: %s", said.strip()[-200:])
        return None
    return home


def _authorities(path: str) -> set[bytes]:
    """Return the certificates of a file, as DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except (OSError, ssl.SSLError):
        return set()
    return set(context.get_ca_certs(binary_form=True))


def _make(home: Path, authorities: set[bytes], certutil: str) -> None:
    """Make a home with a database, whole or not at all: another crawl may be making the same.

    :raises OSError: where it cannot be written
    :raises subprocess.SubprocessError: where certutil does not do it
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        made = Path(folder) / "home"
        store = made / ".pki" / "nssdb"
        own = Path.home() / ".pki" / "nssdb"
        if own.is_dir():
            shutil.copytree(own, store)
        else:
            store.mkdir(parents=True)
            _run(certutil, store, "-N", "--empty-password")
        for each in authorities:
            pem = ssl.DER_cert_to_PEM_cert(each)
            _run(certutil, store, "-A", "-a", "-t", "C,,", "-n", sha256(each).hexdigest()[:16], given=pem)
        made.chmod(0o700)
        try:
            made.rename(home)
        except OSError:
            if not home.exists():
                raise


def _run(certutil: str, store: Path, *words: str, given: str = "") -> None:
    command = [certutil, "-d", f"sql:{store}", *words]
    subprocess.run(command, input=given, text=True, capture_output=True, timeout=_LIMIT_S, check=True)
