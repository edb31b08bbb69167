"""`anon`: the data manager's commands, from a mapping file to jobs on a server."""
