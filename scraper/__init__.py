"""The machine: everything that is true of every platform. Knows no platform by name."""

__version__ = "0.1.0"
