"""What of the documentation is generated: pages that follow the code and can't go stale."""
