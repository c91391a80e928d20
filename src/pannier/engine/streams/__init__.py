"""DynamoDB Streams: what changed, item by item, readable for 24 hours.

How other modules use it:

- **CreateTable, UpdateTable**: `specification.check_creation` or `specification.check_update` hold
  a `StreamSpecification` against AWS's rules; then `catalog.enable_stream(table, view_type, now_s,
  group)` or `catalog.disable_stream(table, now_s, group)` does it, in the operation's group: the
  table's description, its record in the store, and the stream itself.
- **Item writes**: `writing.apply_change` tells `table.stream`, if there is one.
- **DeleteTable**: `catalog.drop` ends the stream, which stays readable.
- **The four operations of the API**: `registry.Streams` finds streams, `stream.Stream` reads one.

    specification    StreamSpecification, checked
    record           a change -> the record that GetRecords shows
    stream           one stream: its shard, its sequence numbers, its rows
    registry         all streams of a database; their end
    shard_iterator   the opaque tokens
"""
