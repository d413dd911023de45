"""Workers of a fleet over a real PostgreSQL server."""
