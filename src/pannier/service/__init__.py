"""The wire: HTTP, JSON 1.0, error bodies. No semantics of DynamoDB."""
