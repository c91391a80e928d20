"""What DynamoDB can do of a query: filter expressions, queries by key."""
