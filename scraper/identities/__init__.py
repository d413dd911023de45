"""Who asks: cookies, user agents, proxies and their health, as `config/<service>/config.yaml` gives them.

Imports `platform` and below. Start reading at `identity`, then `pool`, which chooses the identity of a list.
"""
