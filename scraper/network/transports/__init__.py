"""Transports over HTTPS: `direct` uses aiohttp, `impersonate` a browser's TLS handshake."""
