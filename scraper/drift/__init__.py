"""The drift radar: how often the fields of the records are known, and which keys the platforms' answers have.

Samples of both are kept for each run, so that a field that is known less often than before is noticed.
Imports `ledger` and below. Start reading at `radar`, then `usual_shares`.
"""
