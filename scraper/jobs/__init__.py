"""The units of work: a `Job` is one page or one extra request, and the request factory makes its Scrapy request.

Imports `identities`, `inputs` and below. Start reading at `job`, then `request_factory`.
"""
