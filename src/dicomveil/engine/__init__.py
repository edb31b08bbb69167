"""The act: one object in, one object and a report out. No network, clock or randomness."""
