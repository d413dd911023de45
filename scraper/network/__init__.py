"""The way to the wire: middlewares, pace, headers, and the transports that send.

`transports/` sends over plain or browser-like HTTPS, `browser/` through the platform's own page.

Imports `identities` and below, and `jobs`. Start reading at `download_handler`.
"""
