"""Media files: which of a record's files to download, how, under which names, and what is checked of each file.

Imports `output` and below. Nothing here is imported unless `MEDIA` is set. Start reading at `follower` for
what a crawl does, at `saving` for one file, at `names` for file names, at `containers` for finished videos.
"""
