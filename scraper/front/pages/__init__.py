"""The pages at `/`: look up a post or a list, cookies, runs. HTML from the server, without scripts or foreign hosts.

Start reading at `lookup_pages.py`; `rendering.py` makes every page.
"""
