"""Who may ask a server for what: credentials, signatures that are verified, and rights."""
