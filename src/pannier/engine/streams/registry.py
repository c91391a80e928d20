"""All streams of a database: those of tables, and those that outlive their table or their use.

A disabled stream, and that of a deleted table, stays readable for 24 hours (Developer Guide,
"Change data capture for DynamoDB Streams"); then the API does not know it any more, and the sweep
removes what is left of it.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from pannier.engine.rows import CATALOG_SPACE
from pannier.engine.streams.stream import Stream
from pannier.errors import ResourceNotFoundException
from pannier.storage.store import Group, Store, View

if TYPE_CHECKING:
    from pannier.engine.database import Database

STREAM_PREFIX: Final = CATALOG_SPACE + b"stream/"
NEXT_STREAM_KEY: Final = CATALOG_SPACE + b"next-stream"


class Streams:
    """The streams of one database, by ARN.

    Args:
        store: where they lie.
        clock: seconds since 1970.
    """

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._streams: dict[str, Stream] = {}
        records = list(store.range(STREAM_PREFIX, STREAM_PREFIX + b"\xff"))
        for _, record in records:
            stream = Stream(orjson.loads(record), clock)
            stream.load(store)
            self._streams[stream.arn] = stream
        next_number = store.get(NEXT_STREAM_KEY)
        self._next_number = int(next_number) if next_number else 1

    def begin(self, table: dict[str, Any], view_type: str, now_s: float, group: Group) -> Stream:
        """Begin a stream. `Catalog.enable_stream` is what operations call.

        Args:
            table: the table's description.
            view_type: one of AWS's four.
            now_s: seconds since 1970; gives the stream its label.
            group: gets the stream's record.
        """
        created_ms = int(now_s * 1000)
        while (arn := f"{table['TableArn']}/stream/{_label(created_ms)}") in self._streams:
            created_ms += 1  # a table's streams need labels of their own
        stream = Stream(
            {
                "number": self._next_number,
                "arn": arn,
                "label": _label(created_ms),
                "table_name": table["TableName"],
                "key_schema": table["KeySchema"],
                "view_type": view_type,
                "created_ms": created_ms,
                "ended_ms": None,
                "first": 1,
                "next": 1,
            },
            self._clock,
        )
        self._next_number += 1
        group.put(NEXT_STREAM_KEY, b"%d" % self._next_number)
        self._streams[arn] = stream
        _keep(stream, group)
        return stream

    def end(self, stream: Stream, now_s: float, group: Group) -> None:
        """Close a stream's shard. `Catalog.disable_stream` is what operations call."""
        stream.ended_ms = int(now_s * 1000)
        _keep(stream, group)

    def live(self, description: dict[str, Any]) -> Stream | None:
        """The stream that a table writes to, if its description says that there is one."""
        if not description.get("StreamSpecification", {}).get("StreamEnabled"):
            return None
        return self._streams.get(description["LatestStreamArn"])

    def stream(self, arn: str, missing: str) -> Stream:
        """A stream that may be read.

        Args:
            arn: its name.
            missing: the error's text if there is none.

        Raises:
            ResourceNotFoundException: there is none, or not any more.
        """
        stream = self._streams.get(arn)
        if stream is None or stream.is_over(self.now_ms):
            raise ResourceNotFoundException(missing)
        return stream

    def readable(self) -> list[Stream]:
        """All streams that may be read, by ARN."""
        now_ms = self.now_ms
        return [stream for _, stream in sorted(self._streams.items()) if not stream.is_over(now_ms)]

    @property
    def now_ms(self) -> int:
        """The clock in milliseconds."""
        return int(self._clock() * 1000)

    def __bool__(self) -> bool:
        return bool(self._streams)

    def trim(self, view: View, group: Group) -> bool:
        """Add to a group the removal of all that nobody may read any more.

        Bounded: a range for each stream, whatever it holds.

        Returns:
            Whether there was anything.
        """
        now_ms = self.now_ms
        found = False
        for stream in list(self._streams.values()):
            if stream.is_over(now_ms):
                stream.remove(group)
                group.delete(STREAM_PREFIX + stream.arn.encode())
                del self._streams[stream.arn]
                found = True
            elif stream.trim(view, now_ms, group):
                _keep(stream, group)
                found = True
        return found


def sweep(database: "Database") -> None:
    """Remove trimmed records and streams that are over. The caller holds the database's lock."""
    streams = database.catalog.streams
    if streams:
        group = database.store.new_group()
        if streams.trim(database.store, group):
            database.write(group)


def _keep(stream: Stream, group: Group) -> None:
    group.put(STREAM_PREFIX + stream.arn.encode(), orjson.dumps(stream.to_record()))


def _label(time_ms: int) -> str:
    """A stream's label: its creation in ISO 8601, to the millisecond, without a zone."""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}"
