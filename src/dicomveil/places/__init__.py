"""Where objects come from and go to, one file per technology."""
