"""What is asked for: a `Job` is one page or one extra request, and the request factory makes its request.

Imports `identities`, `inputs` and below. Start reading at `job`, then `request_factory`.
"""
