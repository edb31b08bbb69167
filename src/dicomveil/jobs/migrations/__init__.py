"""The ledger's database through its versions: made, and brought up to date."""
