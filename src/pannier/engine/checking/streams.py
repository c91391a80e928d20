"""The records of one stream: each can be read, says its own number, and none is missing."""

from typing import Any

import orjson

from pannier.engine.checking.findings import Findings
from pannier.engine.row_groups import space_end
from pannier.engine.rows import space_prefix
from pannier.engine.streams.record import sequence_text
from pannier.engine.streams.stream import Stream, parsed_row, stream_space
from pannier.storage.store import Store


def check(store: Store, record: dict[str, Any], findings: Findings) -> None:
    """Look at all records of a stream.

    Args:
        store: where it lies.
        record: what the catalog says of it.
        findings: what is wrong is added to these.
    """
    stream = Stream(record, lambda: 0.0)
    prefix = space_prefix(stream_space(stream.number))
    rows = last_ms = 0
    expected: int | None = None
    for key, row in store.range(prefix, space_end(prefix)):
        rows += 1
        number, created_ms, content = parsed_row(key, row)
        place = f"record {number:,}"
        if number < stream.first:
            findings.add("stream", stream.arn, f"{place} was trimmed")
        if expected is not None and number != expected:
            findings.add(
                "stream", stream.arn, f"records {expected:,} to {number - 1:,} are missing"
            )
        expected = number + 1
        if created_ms < last_ms:
            findings.add("stream", stream.arn, f"{place} is older than the one before")
        last_ms = created_ms
        try:
            said = orjson.loads(content)["dynamodb"]["SequenceNumber"]
        except (ValueError, KeyError, TypeError) as error:
            findings.add("stream", stream.arn, f"{place} can't be read: {error!r}")
            continue
        if said != sequence_text(number):
            findings.add("stream", stream.arn, f"{place} says that it is {said}")
    findings.looked_at(rows)
