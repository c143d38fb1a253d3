"""Messages of the standard: parse the bytes that came, build the bytes to send."""
