"""Totals for those who watch many services alike: Prometheus, and OpenTelemetry's protocol."""
