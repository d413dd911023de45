"""The HTTP front: the calls that users know, answered by one long-lived crawler.

Start reading at `app.py`, then `endpoint_routes.py`.
"""
