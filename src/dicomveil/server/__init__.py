"""HTTP in, jobs out: the protocol of anonapi, the interface /api/v1, and the pages."""
