"""Item pipelines that store records. They handle envelopes only; `scraper/settings.py` sets their order."""
