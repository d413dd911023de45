"""The ledger: what a run has asked, what it still has to ask, and how far its outputs are complete.

It is in the same transaction as the records of a database, and is committed after a feed's bytes are on disk, so that
a run that ended at any moment can be resumed exactly. Imports `jobs` and below. Start reading at `step`, then `ledger`.
"""
