"""What puts bytes on the wire. Each is a download handler."""
