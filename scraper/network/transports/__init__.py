"""Send requests over HTTPS: each module is a download handler."""
