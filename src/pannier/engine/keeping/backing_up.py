"""A backup of a whole database: the state of one moment, read through, copied, and compared.

That of a table, `CreateBackup`, lies in the database itself: see `engine.backups`.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pannier._version import __version__
from pannier.engine.checking import Findings
from pannier.engine.checking.records import read_records
from pannier.storage.backup_files import Progress, check_vacant, silent, write_backup
from pannier.storage.damage import DamagedStoreError, damage
from pannier.storage.folder import FORMAT
from pannier.storage.reading import StoreReader

_EVERYTHING = (b"", b"\xff" * 5)


def back_up(
    store: Path, destination: Path, now_s: float, progress: Progress = silent
) -> dict[str, Any]:
    """Make a backup of a store that nobody changes, a checkpoint for example.

    Args:
        store: its folder.
        destination: a new folder, or an empty one.
        now_s: the moment that it shows, in seconds since 1970.
        progress: follows the bytes.

    Returns:
        The note of the backup: `tables`, `rows`, `created`, `files` and more.

    Raises:
        DamagedStoreError: the database is damaged, and the backup would be as well.
        StorageError: the disk refuses.
    """
    check_vacant(destination)
    tables, rows = _read_through(store)
    about = {
        "format": FORMAT,
        "created_by": f"pannier {__version__}",
        "created": datetime.fromtimestamp(now_s, UTC).isoformat(timespec="seconds"),
        "tables": tables,
        "rows": rows,
    }
    return write_backup(store, destination, about, progress)


def _read_through(path: Path) -> tuple[dict[str, dict[str, int]], int]:
    """The tables of a store, and how many rows it has, each of which was read with its checksum."""
    store = StoreReader(path)
    try:
        rows = sum(1 for _ in store.range(*_EVERYTHING))
        records = read_records(store, Findings())
    except Exception as error:
        damaged = damage(error)
        if damaged is None:
            raise
        raise DamagedStoreError(
            f"the database is damaged, a backup would be as well: {damaged}"
        ) from error
    finally:
        store.close()
    tables = {
        name: {"items": table.space.item_count, "size_bytes": table.space.size_bytes}
        for name, table in records.tables.items()
    }
    return tables, rows
