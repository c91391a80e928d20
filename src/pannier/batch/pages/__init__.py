"""Jobs that read page by page: scans and queries, in segments, whole or by a sample."""
