"""Make a browser trust the certificate authorities in SSL_CERT_FILE, as the crawl does.

Chromium on Linux reads the user's authorities only from a database in its HOME.
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
    """Return a HOME in which a browser trusts SSL_CERT_FILE, or None if the user's own HOME will do."""
    bundle = os.environ.get("SSL_CERT_FILE")
    if not bundle or not sys.platform.startswith("linux"):
        return None
    extra = _authorities(bundle) - _authorities(certifi.where())
    if not extra:
        return None
    certutil = shutil.which("certutil")
    if certutil is None:
        logger.warning(
            "The browser does not trust the authorities in SSL_CERT_FILE: adding them needs certutil"
            " (on Debian `apt install libnss3-tools`)"
        )
        return None
    home = state.absolute() / "browser" / sha256(b"".join(sorted(extra))).hexdigest()[:16]
    try:
        if not home.exists():
            _make(home, extra, certutil)
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", None) or str(error)
        logger.warning("The authorities in SSL_CERT_FILE could not be added to the browser: %s", detail.strip()[-200:])
        return None
    return home


def _authorities(path: str) -> set[bytes]:
    """Return the certificates in a PEM file, as DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except (OSError, ssl.SSLError):
        return set()
    return set(context.get_ca_certs(binary_form=True))


def _make(home: Path, authorities: set[bytes], certutil: str) -> None:
    """Create a home with a certificate database, atomically: another crawl may be creating the same one.

    :raises OSError: if it cannot be written
    :raises subprocess.SubprocessError: if certutil fails
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        new_home = Path(folder) / "home"
        store = new_home / ".pki" / "nssdb"
        own = Path.home() / ".pki" / "nssdb"
        if own.is_dir():
            shutil.copytree(own, store)
        else:
            store.mkdir(parents=True)
            _run(certutil, store, "-N", "--empty-password")
        for certificate in authorities:
            pem = ssl.DER_cert_to_PEM_cert(certificate)
            _run(certutil, store, "-A", "-a", "-t", "C,,", "-n", sha256(certificate).hexdigest()[:16], stdin=pem)
        new_home.chmod(0o700)
        try:
            new_home.rename(home)
        except OSError:
            if not home.exists():
                raise


def _run(certutil: str, store: Path, *arguments: str, stdin: str = "") -> None:
    command = [certutil, "-d", f"sql:{store}", *arguments]
    subprocess.run(command, input=stdin, text=True, capture_output=True, timeout=_LIMIT_S, check=True)
