"""The hand: commands that parse, call a room, and print."""
