"""The catalog's records, each by itself: one that is wrong does not hide the others."""

from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from pannier.engine.backups import BACKUP_PREFIX, UNFINISHED_PREFIX
from pannier.engine.catalog import COUNT_PREFIX, NEXT_SPACE_KEY, TABLE_PREFIX, Table
from pannier.engine.checking.findings import Findings
from pannier.engine.idempotency import EXPIRY_PREFIX, TOKEN_PREFIX
from pannier.engine.rows import CATALOG_SPACE, SPACE_BYTES, space_prefix
from pannier.engine.streams.registry import NEXT_STREAM_KEY, STREAM_PREFIX, Streams
from pannier.engine.streams.stream import Stream
from pannier.storage.memory import MemoryStore
from pannier.storage.store import Store

CATALOG: Final = "catalog"
_COUNT_BYTES: Final = 16


@dataclass
class Records:
    """What the catalog names.

    Attributes:
        tables: by name.
        backups: the records of on-demand backups, by ARN.
        streams: the records of streams.
        unfinished: spaces of copies that never ended; they are removed when it is opened.
    """

    tables: dict[str, Table] = field(default_factory=dict)
    backups: dict[str, dict[str, Any]] = field(default_factory=dict)
    streams: list[dict[str, Any]] = field(default_factory=list)
    unfinished: set[int] = field(default_factory=set)


class _Reading:
    """Reads the records one by one."""

    def __init__(self, store: Store, findings: Findings) -> None:
        self._store = store
        self._findings = findings
        self.records = Records()
        self.counts: dict[int, bytes] = {}
        self._next_space = 1
        self._readers = {
            TABLE_PREFIX: self._table,
            COUNT_PREFIX: self._count,
            STREAM_PREFIX: self._stream,
            BACKUP_PREFIX: self._backup,
            UNFINISHED_PREFIX: self._unfinished,
            EXPIRY_PREFIX: self._token_expiry,
            TOKEN_PREFIX: self._token,
            NEXT_SPACE_KEY: self._next,
            NEXT_STREAM_KEY: self._next_stream,
        }

    def read(self) -> Records:
        rows = 0
        for key, value in self._store.range(CATALOG_SPACE, space_prefix(1)):
            rows += 1
            prefix = next((each for each in self._readers if key.startswith(each)), None)
            if prefix is None:
                self._findings.add("record", CATALOG, f"{_shown(key)} is of no known kind")
                continue
            try:
                self._readers[prefix](key[len(prefix) :], value)
            except Exception as error:  # whatever a record holds, the others are looked at
                self._findings.add("record", CATALOG, f"{_shown(key)} can't be read: {error!r}")
        self._findings.looked_at(rows)
        self._relations()
        return self.records

    def _table(self, name: bytes, value: bytes) -> None:
        table = Table(orjson.loads(value), Streams(MemoryStore(), lambda: 0.0))
        if table.name != name.decode():
            raise ValueError(f"it is about {table.name}")
        for space in table.spaces():
            space.load(self._store)
        self.records.tables[table.name] = table

    def _count(self, prefix: bytes, value: bytes) -> None:
        if len(prefix) != SPACE_BYTES or len(value) != _COUNT_BYTES:
            raise ValueError("it has the wrong length")
        self.counts[int.from_bytes(prefix, "big")] = value

    def _stream(self, arn: bytes, value: bytes) -> None:
        record = orjson.loads(value)
        if Stream(record, lambda: 0.0).arn != arn.decode():
            raise ValueError("it is about another stream")
        self.records.streams.append(record)

    def _backup(self, arn: bytes, value: bytes) -> None:
        record = orjson.loads(value)
        if record["arn"] != arn.decode():
            raise ValueError("it is about another backup")
        int(record["space"]), int(record["table"]["ItemCount"])
        self.records.backups[record["arn"]] = record

    def _unfinished(self, _: bytes, value: bytes) -> None:
        spaces = set(map(int, orjson.loads(value)))
        self.records.unfinished |= spaces
        self._findings.notes.append(
            "a copy of a table was not finished; what is left of it is removed when the database "
            "is opened"
        )

    def _token(self, _: bytes, value: bytes) -> None:
        record = orjson.loads(value)
        str(record["digest"]), int(record["expires_ms"]), dict(record["reads"])

    def _token_expiry(self, _: bytes, value: bytes) -> None:
        if not value.startswith(TOKEN_PREFIX):
            raise ValueError("it is about no token")

    def _next(self, rest: bytes, value: bytes) -> None:
        if rest:
            raise ValueError("it is of no known kind")
        self._next_space = int(value)

    def _next_stream(self, rest: bytes, value: bytes) -> None:
        if rest:
            raise ValueError("it is of no known kind")
        int(value)

    def _relations(self) -> None:
        """What holds between records: every space is used once, and is below the next."""
        users: dict[int, str] = {}
        for table in self.records.tables.values():
            spaces = {"table": table.record["space"], **table.record["index_spaces"]}
            for part, number in spaces.items():
                self._used(users, number, f"{table.name} ({part})")
        for arn, record in self.records.backups.items():
            self._used(users, record["space"], arn)
        counted = {
            int.from_bytes(space.prefix, "big")
            for table in self.records.tables.values()
            for space in table.spaces()
        }
        for number in sorted(self.counts.keys() - counted):
            self._findings.add("record", CATALOG, f"counts of space {number}, which nothing has")
        arns = {record["arn"] for record in self.records.streams}
        for table in self.records.tables.values():
            description = table.description
            enabled = description.get("StreamSpecification", {}).get("StreamEnabled")
            if enabled and description["LatestStreamArn"] not in arns:
                self._findings.add("record", table.name, "its stream has no record")

    def _used(self, users: dict[int, str], number: int, user: str) -> None:
        if number in users:
            self._findings.add("record", user, f"shares space {number} with {users[number]}")
        if number >= self._next_space:
            self._findings.add("record", user, f"space {number} is not below the next one")
        users[number] = user


def read_records(store: Store, findings: Findings) -> Records:
    """Read the whole catalog, and say what is wrong with it."""
    return _Reading(store, findings).read()


def _shown(key: bytes) -> str:
    return repr(key[SPACE_BYTES:].decode("utf-8", "backslashreplace"))
