"""The administrator's commands, for one who has the server's folder: no HTTP, no token."""
