"""The simulator's own certificate authority."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

CACHED_HOSTS = 256


class Authority:
    """Issues one leaf certificate per host name and keeps the TLS contexts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ca = trustme.CA(organization_name="Simulator")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._ca.cert_pem.write_to_path(str(path))

    def context(self, host: str) -> ssl.SSLContext:
        """The server side TLS context of `host`."""
        context = self._contexts.get(host)
        if context is None:
            if len(self._contexts) >= CACHED_HOSTS:
                self._contexts.clear()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["http/1.1"])
            self._ca.issue_cert(host).configure_cert(context)
            self._contexts[host] = context
        return context
