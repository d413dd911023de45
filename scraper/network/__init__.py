"""The way to the wire: middlewares, pace, headers, and the transports that send.

`transports/` sends over plain or browser-like HTTPS, `browser/` through the platform's own page.

`wait_to_send` says what a request waits for, `private_apis` which private parts of other libraries are used, and why.

Imports `identities` and below, and `jobs`. Start reading at `download_handler`.
"""
