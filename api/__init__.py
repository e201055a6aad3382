"""The HTTP API, its first page and the catalogues of messages."""
