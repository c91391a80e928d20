"""All of a database, in the order of its store, so that nothing in it is passed over."""

from collections.abc import Callable, Iterator

from pannier.engine.checking import metrics, streams
from pannier.engine.checking.findings import Findings
from pannier.engine.checking.records import Records, read_records
from pannier.engine.checking.rows import BackupRows, TableRows
from pannier.engine.expiry import expiry_space
from pannier.engine.metrics.space import METRICS_SPACE
from pannier.engine.rows import SPACE_BYTES, space_prefix
from pannier.engine.streams.stream import stream_space
from pannier.storage.store import Store

_SPACES_END = b"\xff" * (SPACE_BYTES + 1)


def check_store(store: Store, progress: Callable[[int], None] = lambda _: None) -> Findings:
    """Look at everything a store holds. Writes nothing.

    Args:
        store: nobody writes it meanwhile.
        progress: called now and then, with how many rows were looked at.
    """
    findings = Findings(progress)
    records = read_records(store, findings)
    known = known_spaces(records)
    for table in records.tables.values():
        TableRows(store, table, findings).check()
    for backup in records.backups.values():
        BackupRows(store, backup, findings).check()
    for record in records.streams:
        streams.check(store, record, findings)
    metrics.check(store, findings)
    for space, rows in _unknown_spaces(store, known):
        findings.add(
            "orphan", f"space {space}", f"{rows:,} rows belong to no table, index or stream"
        )
        findings.looked_at(rows)
    return findings


def known_spaces(records: Records) -> set[int]:
    """The numbers of all spaces that belong to something."""
    known = {0, METRICS_SPACE}
    for table in records.tables.values():
        known.add(table.record["space"])
        known.update(table.record["index_spaces"].values())
        if table.expiry is not None:
            known.add(expiry_space(table.record["space"]))
    known.update(record["space"] for record in records.backups.values())
    known.update(stream_space(record["number"]) for record in records.streams)
    return known | records.unfinished


def _unknown_spaces(store: Store, known: set[int]) -> Iterator[tuple[int, int]]:
    """The spaces that have rows and belong to nothing, and how many rows."""
    ordered = sorted(known)
    for number, after in zip(ordered, [*ordered[1:], None], strict=True):
        start = space_prefix(number + 1)
        stop = _SPACES_END if after is None else space_prefix(after)
        space, rows = None, 0
        for key, _ in store.range(start, stop):
            found = int.from_bytes(key[:SPACE_BYTES], "big")
            if found != space:
                if space is not None:
                    yield space, rows
                space, rows = found, 0
            rows += 1
        if space is not None:
            yield space, rows
