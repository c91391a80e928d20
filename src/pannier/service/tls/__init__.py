"""Encrypted connections: the certificate of a server. Why so: docs/decisions/0018-tls.md."""
