"""The changes of a table as a streaming source: DynamoDB Streams, micro-batch by micro-batch.

    spark.readStream.format("pannier-changes").option("target", "aws").load("Orders")

| column | of each change |
|---|---|
| `sequence_number`, `shard` | its place; among changes of one key, numbers grow |
| `event_name` | INSERT, MODIFY or REMOVE |
| `at` | when, to the second |
| `keys`, `new_image`, `old_image` | DynamoDB JSON; or structs, where a schema says so |

A stream begins with the oldest change that DynamoDB has, of the last 24 hours. The process beside
the driver reads every record once, to find the end of a batch (`shard_log` says why), so it is what
bounds the throughput. It is a source of its own beside `pannier`, because Spark asks for a schema
before it says whether it streams.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, Self

import orjson
from pyspark.sql import types as spark
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition

from pannier.errors import UserError
from pannier.model.attribute_value import Item
from pannier.spark.changes.shard_log import Position, ShardLog
from pannier.spark.options import COMMON, Given, Mode
from pannier.spark.place import Place
from pannier.spark.plain_errors import told_plainly
from pannier.spark.schemas.columns import Columns
from pannier.spark.schemas.described import table_description

if TYPE_CHECKING:
    from pyarrow import RecordBatch

_BATCH_RECORDS: Final = 1000
_IMAGES: Final = {"keys": "Keys", "new_image": "NewImage", "old_image": "OldImage"}
_KNOWN: Final[Mapping[str, str]] = {
    **{name: COMMON[name] for name in ("table", "target", "region")},
    "maxRecords": "about how many changes a micro-batch has at most",
    "mode": "failfast, or permissive",
}
SCHEMA: Final = spark.StructType(
    [
        spark.StructField("sequence_number", spark.StringType()),
        spark.StructField("shard", spark.StringType()),
        spark.StructField("event_name", spark.StringType()),
        spark.StructField("at", spark.TimestampType()),
        spark.StructField("keys", spark.StringType()),
        spark.StructField("new_image", spark.StringType()),
        spark.StructField("old_image", spark.StringType()),
    ]
)


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """How changes are read.

    Attributes:
        table: the table's name.
        target: as given; None for the environment's.
        region: for signatures; None for the environment's.
        records_max: about how many changes a micro-batch has at most; None for all there are.
        mode: what is done about a value that does not fit its column.
    """

    table: str
    target: str | None
    region: str | None
    records_max: int | None
    mode: Mode

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        """The options of a stream.

        Raises:
            UserError: one that there is not, or a value that is none.
        """
        given = Given(options, _KNOWN, "reading changes")
        permissive = given.choice("mode", ("failfast", "permissive")) == "permissive"
        return cls(
            given.table(),
            given.text("target"),
            given.text("region"),
            given.whole("maxRecords", 1, 10**9),
            "permissive" if permissive else "failfast",
        )


class ChangesSource(DataSource):
    """The changes of a table of DynamoDB."""

    @classmethod
    def name(cls) -> str:
        """The format's name."""
        return "pannier-changes"

    def schema(self) -> spark.StructType:
        """What is known of every change."""
        return SCHEMA

    def streamReader(self, schema: spark.StructType) -> "ChangesReader":  # noqa: N802  # Spark's
        """What reads the changes."""
        with told_plainly():
            return ChangesReader(ChangeOptions.of(self.options), schema)


class ShardPart(InputPartition):
    """What one task reads: a shard, between two positions."""

    def __init__(self, place: Place, arn: str, shard: str, start: Position, end: Position) -> None:
        super().__init__(None)
        self.place = place
        self.arn = arn
        self.shard = shard
        self.start = start
        self.end = end


class ChangesReader(DataSourceStreamReader):
    """Reads the changes of a table.

    Args:
        options: what the user asked for.
        schema: of the rows.
    """

    def __init__(self, options: ChangeOptions, schema: spark.StructType) -> None:
        unknown = [name for name in schema.names if name not in SCHEMA.names]
        if unknown:
            raise UserError(
                f"a change has no column {unknown[0]}",
                f"Its columns: {', '.join(SCHEMA.names)}; the images may be structs.",
            )
        self._options = options
        self._schema = schema
        Columns(schema)  # says what can't be read
        self._place: Place | None = None
        self._log: tuple[str, ShardLog] | None = None

    def initialOffset(self) -> dict[str, Any]:  # noqa: N802  # Spark's name
        """The oldest changes of the stream that the table has now.

        Raises:
            UserError: it has none.
        """
        with told_plainly():
            return {"stream": _stream_of(self._at(), self._options.table), "shards": {}}

    def getDefaultReadLimit(self) -> Any:  # noqa: N802  # Spark's name
        """How many changes a micro-batch has at most, unless the trigger wants all."""
        from pyspark.sql.streaming.datasource import ReadAllAvailable, ReadMaxRows

        most = self._options.records_max
        return ReadAllAvailable() if most is None else ReadMaxRows(most)

    def latestOffset(self, start: Any = None, limit: Any = None) -> dict[str, Any]:  # noqa: N802
        """How far can be read now.

        Args:
            start: the offset from which.
            limit: Spark's `ReadLimit`.

        Raises:
            UserError: changes are gone that were not read.
        """
        with told_plainly():
            if start is None:
                raise UserError(
                    "this Spark does not say from where a stream is read",
                    "Use PySpark 4.2 or newer.",
                )
            log = self._log_of(start["stream"])
            positions = log.advanced(_positions(start), getattr(limit, "max_rows", None))
            shards = {shard: position.to_json() for shard, position in positions.items()}
            return {"stream": start["stream"], "shards": shards}

    def partitions(self, start: dict[str, Any], end: dict[str, Any]) -> list[ShardPart]:
        """A task for each shard that has changes between two offsets."""
        with told_plainly():
            before, after = _positions(start), _positions(end)
            return [
                ShardPart(self._at(), end["stream"], shard, before.get(shard, Position()), position)
                for shard, position in after.items()
                if position.records > before.get(shard, Position()).records
            ]

    def read(self, partition: InputPartition) -> "Iterator[RecordBatch]":
        """The changes of one shard between two positions."""
        if not isinstance(partition, ShardPart):
            return
        texts = frozenset(
            each.name for each in self._schema.fields if each.dataType == spark.StringType()
        )
        with told_plainly(), closing(partition.place.streams()) as client:
            columns = Columns(self._schema, self._options.mode, ("keys",))
            log = ShardLog(client, partition.arn)
            rows: list[Item] = []
            for record in log.records(partition.shard, partition.start, partition.end):
                rows.append(_row(partition.shard, record, texts))
                if len(rows) >= _BATCH_RECORDS:
                    yield columns.batch(rows)
                    rows = []
            if rows:
                yield columns.batch(rows)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_log": None}  # which has a client, and connections

    def _at(self) -> Place:
        if self._place is None:
            self._place = Place.of(self._options.target, self._options.region)
        return self._place

    def _log_of(self, arn: str) -> ShardLog:
        if self._log is None or self._log[0] != arn:
            self._log = (arn, ShardLog(self._at().streams(), arn))
        return self._log[1]


def _stream_of(place: Place, table: str) -> str:
    with place.connect() as connection:
        description = table_description(connection, table)
    if not (description.get("StreamSpecification") or {}).get("StreamEnabled"):
        raise UserError(
            f"the table {table} has no stream",
            "Switch it on: aws dynamodb update-table --stream-specification "
            "StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES --table-name ...",
        )
    return str(description["LatestStreamArn"])


def _positions(offset: Mapping[str, Any]) -> dict[str, Position]:
    return {shard: Position.of(each) for shard, each in offset["shards"].items()}


def _row(shard: str, record: Mapping[str, Any], texts: frozenset[str]) -> Item:
    """A change as an item whose attributes are the columns.

    Args:
        shard: the shard's id.
        record: as botocore has it.
        texts: the columns that are strings.
    """
    change = record["dynamodb"]
    row: Item = {
        "sequence_number": {"S": change["SequenceNumber"]},
        "shard": {"S": shard},
        "event_name": {"S": record["eventName"]},
        "at": {"S": change["ApproximateCreationDateTime"].astimezone(UTC).isoformat()},
    }
    for name, member in _IMAGES.items():
        if member in change:
            image = _plain(change[member])
            row[name] = {"S": orjson.dumps(image).decode()} if name in texts else {"M": image}
    return row


def _plain(value: Any) -> Any:
    """What botocore read, as the API has it: binaries are base64 there."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
