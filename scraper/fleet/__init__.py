"""The fleet: several workers crawl one watch list, over PostgreSQL.

A worker takes the lease of a target before it crawls it, and of an identity before it uses it. Both end with the
worker: they last for as long as its row in `fleet_worker` is renewed. Start reading at `schema`, then `worker`.
"""
