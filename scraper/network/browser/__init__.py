"""Transport through the platform's own page in a browser, whose script signs the requests."""
