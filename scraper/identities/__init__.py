"""Identities: cookies, user agents, proxies and their health, from `config/<service>/config.yaml`.

Imports `platform` and below. Start reading at `identity`, then `pool`, which chooses the identity of a list.
"""
