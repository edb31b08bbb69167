"""Work: what was asked, and how far it is."""
