"""Send requests: middlewares, pace, headers and transports.

`transports/` sends over plain or browser-like HTTPS, `browser/` through the platform's own page. `wait_to_send` delays
a request until it may be sent. `private_apis` lists the private parts of other libraries that we use, and why.

Imports `jobs`, `identities` and below. Start reading at `download_handler`.
"""
