"""Leaves out what changes the process that imports it."""

collect_ignore = ["clock"]
