"""Remove a person from what crawls have left on this machine.

Imports `captures` and below. Start reading at `removal`, then `person`.
"""
