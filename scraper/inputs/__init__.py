"""The user's input: arguments, parameters, target files, links in texts, and the endpoints chosen for them.

Imports `platform` and below. Start reading at `arguments`; `share_text` finds links, `endpoint_choice` picks endpoints.
"""
