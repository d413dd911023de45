"""Runs that end at chosen moments, and what their outputs hold after they were resumed."""
