"""Raw capture: every answer of a run, kept as it came, and read again with today's parsers.

Imports `output` and below. Start reading at `capture`, then `recorder` for a crawl and `rereader` for what comes after.
"""
