"""What the user asked for: arguments, parameters, target files, links in texts, and the endpoints that they get.

Imports `platform` and below. Start reading at `arguments`; `share_text` finds links, `endpoint_choice` picks endpoints.
"""
