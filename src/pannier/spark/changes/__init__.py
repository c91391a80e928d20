"""The changes of a table as a streaming source."""
