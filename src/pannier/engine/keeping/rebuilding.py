"""What can be read of a database, in a new one: rows as they are, all that follows from them anew.

Items, backups, streams, tokens and metrics are taken over if they can be read. Counts, index
entries and expiry times are made of the items. A stream keeps what comes behind the last gap, so
that its readers are told of a loss, and do not pass over it unawares.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from pannier.engine.backfill import add_entries
from pannier.engine.backups import BACKUP_PREFIX
from pannier.engine.catalog import NEXT_SPACE_KEY, TABLE_PREFIX, Table
from pannier.engine.checking import Findings, metrics
from pannier.engine.checking.checker import known_spaces
from pannier.engine.checking.records import Records, read_records
from pannier.engine.checking.rows import shown_key, table_of_backup
from pannier.engine.expiry import Expiry, expiry_space
from pannier.engine.idempotency import EXPIRY_PREFIX, TOKEN_PREFIX
from pannier.engine.metrics.space import METRICS_SPACE
from pannier.engine.row_groups import space_end
from pannier.engine.rows import SPACE_BYTES, row_item, row_key, row_size, space_prefix, to_row
from pannier.engine.streams.registry import NEXT_STREAM_KEY, STREAM_PREFIX
from pannier.engine.streams.stream import parsed_row, stream_space
from pannier.engine.writing import save_counts
from pannier.errors import PannierError
from pannier.model.attribute_value import check_item
from pannier.storage.store import Entry, Group, Store

_ROWS_MAX: Final = 1000
_FIRST_EXPIRY_SPACE: Final = expiry_space(0)
_LISTED_MAX: Final = 100


@dataclass
class Rebuilt:
    """What was taken over, and what was not.

    Attributes:
        tables: items by table.
        lost: what was not, in words; the first of them.
        lost_count: how much that is.
    """

    tables: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    lost_count: int = 0

    def lose(self, what: str) -> None:
        """Something could not be taken over."""
        self.lost_count += 1
        if len(self.lost) < _LISTED_MAX:
            self.lost.append(what)


class Rebuilding:
    """Takes over one database.

    Args:
        source: what can be read.
        target: an empty store.
        strays: where items go whose table is not known.
        progress: called now and then, with how many rows were taken over.
    """

    def __init__(
        self, source: Store, target: Store, strays: Path, progress: Callable[[int], None]
    ) -> None:
        self._source = source
        self._target = target
        self._strays = strays
        self._progress = progress
        self._rows = 0
        self.rebuilt = Rebuilt()

    def run(self) -> Rebuilt:
        """Take over everything."""
        findings = Findings()
        records = read_records(self._source, findings)
        for finding in findings.listed:
            self.rebuilt.lose(f"{finding.place}: {finding.what}")
        for table in records.tables.values():
            self._table(table)
        for record in records.backups.values():
            self._backup(record)
        for record in records.streams:
            self._stream(record)
        self._metrics()
        self._catalog(records)
        self._stray(records)
        self._target.sync()
        return self.rebuilt

    def _table(self, table: Table) -> None:
        record = table.record
        record.pop("backfills", None)
        if record.get("ttl") is not None:
            record["ttl"].pop("cursor", None)
        table.change(record)
        table.expiry = Expiry.of(record)
        for space in table.spaces():
            space.item_count = space.size_bytes = 0

        def follow(rows: list[Entry], group: Group) -> None:
            for index in table.indexes:
                add_entries(index, rows, group)
            if table.expiry is not None:
                for key, row in rows:
                    table.expiry.add(key, row, group)

        items, size_bytes = self._items(table, table.space.prefix, table.name, follow)
        table.space.item_count, table.space.size_bytes = items, size_bytes
        group = self._target.new_group()
        group.put(TABLE_PREFIX + table.name.encode(), orjson.dumps(record))
        save_counts(table, group)
        self._target.write(group)
        self.rebuilt.tables[table.name] = items

    def _items(
        self,
        table: Table,
        prefix: bytes,
        place: str,
        follow: Callable[[list[Entry], Group], None] = lambda _rows, _group: None,
    ) -> tuple[int, int]:
        """Take over the items of a space; returns how many, and their size in bytes."""
        items = size_bytes = 0
        for rows in self._groups(self._source.range(prefix, space_end(prefix))):
            good: list[Entry] = []
            for key, row in rows:
                mended = _mended(table, prefix, key, row)
                if mended is None:
                    self.rebuilt.lose(f"{place}: the item {shown_key(table, key, row)} is damaged")
                else:
                    good.append((key, mended))
            items += len(good)
            size_bytes += sum(row_size(row) for _, row in good)
            self._put(good, follow)
        return items, size_bytes

    def _backup(self, record: dict[str, Any]) -> None:
        prefix = space_prefix(record["space"])
        items, size_bytes = self._items(table_of_backup(record), prefix, record["arn"])
        before = record["table"]["ItemCount"]
        if items != before:
            self.rebuilt.lose(f"{record['arn']}: has {items:,} of {before:,} items")
        record["table"] |= {"ItemCount": items, "TableSizeBytes": size_bytes}
        self._put([(BACKUP_PREFIX + record["arn"].encode(), orjson.dumps(record))])

    def _stream(self, record: dict[str, Any]) -> None:
        prefix = space_prefix(stream_space(record["number"]))
        first = self._behind_last_gap(record, prefix)
        start = prefix + first.to_bytes(8, "big")
        for rows in self._groups(self._source.range(start, space_end(prefix))):
            self._put(rows)
        record["first"] = first
        record["next"] = max(record["next"], first)
        self._put([(STREAM_PREFIX + record["arn"].encode(), orjson.dumps(record))])

    def _behind_last_gap(self, record: dict[str, Any], prefix: bytes) -> int:
        first: int = record["first"]
        last: int | None = None
        for key, row in self._source.range(prefix, space_end(prefix)):
            number, _, content = parsed_row(key, row)
            sound = _is_json(content)
            if (last is not None and number != last + 1) or not sound:
                self.rebuilt.lose(f"{record['arn']}: the records before {number + (not sound):,}")
                first = number + (not sound)
            last = number
        return first

    def _metrics(self) -> None:
        prefix = space_prefix(METRICS_SPACE)
        for rows in self._groups(self._source.range(prefix, space_end(prefix))):
            self._put([(key, value) for key, value in rows if metrics.readable(key, value) is None])

    def _catalog(self, records: Records) -> None:
        """Tokens, and the numbers that come next."""
        for prefix in (TOKEN_PREFIX, EXPIRY_PREFIX):
            stop = prefix[:-1] + bytes([prefix[-1] + 1])
            for rows in self._groups(self._source.range(prefix, stop)):
                self._put(rows)
        tables = [each for each in known_spaces(records) if each < _FIRST_EXPIRY_SPACE]
        streams = [record["number"] for record in records.streams]
        self._put(
            [
                (NEXT_SPACE_KEY, b"%d" % max(self._next(NEXT_SPACE_KEY), max(tables) + 1)),
                (NEXT_STREAM_KEY, b"%d" % max(self._next(NEXT_STREAM_KEY), *streams, 0)),
            ]
        )

    def _next(self, key: bytes) -> int:
        try:
            return int(self._source.get(key) or 1)
        except Exception:  # it can't be read, and is made anew
            return 1

    def _stray(self, records: Records) -> None:
        """Items of tables that nobody knows any more, as lines of DynamoDB JSON, for people."""
        known = known_spaces(records)
        space, file = -1, None
        try:
            start, stop = space_prefix(1), space_prefix(_FIRST_EXPIRY_SPACE)
            for key, row in self._source.range(start, stop):
                number = int.from_bytes(key[:SPACE_BYTES], "big")
                if number in known:
                    continue
                if number != space:
                    if file is not None:
                        file.close()
                    self._strays.mkdir(exist_ok=True)
                    file = (self._strays / f"space-{number}.jsonl").open("wb")
                    space = number
                    self.rebuilt.lose(f"the table of space {number}: its items are in {file.name}")
                if file is not None and _is_json(row[4:]):
                    file.write(b'{"Item":' + row[4:] + b"}\n")
        finally:
            if file is not None:
                file.close()

    def _put(
        self,
        rows: Iterable[Entry],
        follow: Callable[[list[Entry], Group], None] = lambda _rows, _group: None,
    ) -> None:
        kept = list(rows)
        group = self._target.new_group()
        for key, value in kept:
            group.put(key, value)
        follow(kept, group)
        self._target.write(group)
        self._rows += len(kept)
        self._progress(self._rows)

    @staticmethod
    def _groups(rows: Iterator[Entry]) -> Iterator[list[Entry]]:
        while group := list(islice(rows, _ROWS_MAX)):
            yield group


def _mended(table: Table, prefix: bytes, key: bytes, row: bytes) -> bytes | None:
    """An item's row, made anew; None if there is no item, or another one's."""
    try:
        item = row_item(row)
        size_bytes = check_item(item)
        if key != row_key(prefix, table.schema.item_key(item)):
            return None
        return to_row(item, size_bytes)
    except (PannierError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _is_json(content: bytes) -> bool:
    try:
        orjson.loads(content)
    except ValueError:
        return False
    return True
