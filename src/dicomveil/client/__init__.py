"""The HTTP client: its settings, the connection, and the protocol of anonapi."""
