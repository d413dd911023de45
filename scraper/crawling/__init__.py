"""Decide what follows an answer: the next page, extra requests, another attempt, another route, or a failure.

Imports everything but `python_api` and `commands`. Start reading at `spider`, then `callbacks` and `page_handler`.
"""
