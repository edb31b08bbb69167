"""Words: what should happen to each element. Pure values, no bytes of any file."""
