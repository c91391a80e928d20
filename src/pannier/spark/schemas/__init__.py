"""Spark's types and DynamoDB's: values both ways, and schemas out of samples."""
