"""The output of a crawl: envelopes, exporters, the run's report, counts, progress and exit code.

Imports `jobs` and below. Start reading at `envelope`, then `emitter`.
"""
