"""What a power cut may leave of a store's folder, and what has to be there afterwards.

A disk keeps what was synced. Of what was written since, it keeps whatever it happened to write
already: nothing, a part that ends anywhere, blocks in the wrong order. `Disk` notes what each log
held when it was last synced, and `ruins` makes folders as the cut may leave them: each log that
was written to since is cut back somewhere, to its end, to zeros, to garbage, or to what the file
held before it was used again.

MANIFEST, CURRENT and tables are taken as they are: RocksDB syncs those itself before it goes on.
"""

import os
import random
import shutil
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pannier.storage.rocks import RocksStore

_BLOCK_BYTES: Final = 512  # that a disk writes whole
_GARBAGE_BYTES: Final = 64


class Disk:
    """The folder of a store, and what is safe in it.

    Args:
        store: new; its syncs are watched from now on. Nothing may write while `copy` runs.
        data: its folder.
    """

    def __init__(self, store: RocksStore, data: Path) -> None:
        self._data = data
        self._synced: dict[int, tuple[str, bytes]] = {}  # by inode, since a log gets other names
        self._names: set[str] = set()  # of the logs, when they were last synced
        self.on_sync = lambda: None
        store._db = _Watched(store._db, self)  # type: ignore[assignment]

    @property
    def has_new_log(self) -> bool:
        """Whether a log was begun since the last sync."""
        return not {each.name for each in self._data.glob("*.log")} <= self._names

    def sync(self, flush: Any, *, really: bool) -> None:
        """Called instead of RocksDB's `flush_wal`."""
        before = self._logs()
        flush(really)
        if really:
            self._synced = before
            self._names = {name for name, _ in before.values()}
            self.on_sync()

    def copy(self, to: Path) -> "Ruin":
        """The folder at this moment, as the operating system shows it."""
        while True:
            try:
                tables = self._tables()
                # In this order: a log whose rows are in a table by now may vanish meanwhile.
                logs = self._logs()
                shutil.rmtree(to, ignore_errors=True)
                to.mkdir(parents=True)
                for name in ("CURRENT", "MANIFEST-*", "OPTIONS-*", "IDENTITY", "*.json", "*.sst"):
                    for each in self._data.glob(name):
                        shutil.copyfile(each, to / each.name)
                if self._tables() == tables:
                    break
            except FileNotFoundError:
                continue  # RocksDB was at work behind us
        for name, content in logs.values():
            (to / name).write_bytes(content)
        safe = {logs[inode][0]: self._synced.get(inode, ("", None))[1] for inode in logs}
        return Ruin(to, safe)

    def _tables(self) -> list[tuple[str, int]]:
        """The tables and what lists them, with their sizes."""
        return sorted(
            (each.name, each.stat().st_size)
            for name in ("MANIFEST-*", "*.sst")
            for each in self._data.glob(name)
        )

    def _logs(self) -> dict[int, tuple[str, bytes]]:
        found = {}
        for each in self._data.glob("*.log"):
            try:
                with each.open("rb") as file:
                    found[os.fstat(file.fileno()).st_ino] = (each.name, file.read())
            except FileNotFoundError:  # its rows are in a table since this moment
                continue
        return found


class _Watched:
    """RocksDB, with syncs that are noted."""

    def __init__(self, db: Any, disk: Disk) -> None:
        self._db = db
        self._disk = disk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def flush_wal(self, sync: bool) -> None:
        self._disk.sync(self._db.flush_wal, really=sync)


class Ruin:
    """A copy of a folder, from which cut ones are made.

    Args:
        folder: the copy.
        safe: what each log held when it was last synced; None for a log that is new since.
    """

    def __init__(self, folder: Path, safe: dict[str, bytes | None]) -> None:
        self._folder = folder
        self._safe = safe
        self._whole = {name: (folder / name).read_bytes() for name in safe}

    @property
    def unsynced(self) -> list[str]:
        """The logs that were written to since they were synced."""
        return [name for name, whole in self._whole.items() if self._safe[name] != whole]

    def ruins(self, chance: random.Random, count: int, to: Path) -> Iterator[str]:
        """Make so many cut folders, one after the other in the same place; says what was done."""
        for _ in range(count):
            shutil.rmtree(to, ignore_errors=True)
            shutil.copytree(self._folder, to)
            done = []
            for name in self.unsynced:
                how = self._cut(name, chance)
                if how is not None:
                    content, words = how
                    (to / name).write_bytes(content)
                else:
                    (to / name).unlink()
                    words = "not there"
                done.append(f"{name}: {words}")
            yield "; ".join(done)

    def _cut(self, name: str, chance: random.Random) -> tuple[bytes, str] | None:
        """What is left of a log; None if not even its name."""
        whole, safe = self._whole[name], self._safe[name]
        if safe is None and chance.random() < 0.2:
            return None
        old = safe or b""
        start, stop = _changed(old, whole)
        at = chance.choice(
            (start, stop, *_ends(whole, start, stop)[:50], chance.randint(start, stop))
        )
        kind = chance.choice(("end", "zeros", "garbage", "old", "block"))
        if kind == "block":  # an early block is missing, later ones are there
            block = chance.randint(start, stop)
            after = min(stop, (block // _BLOCK_BYTES + 1) * _BLOCK_BYTES)
            lost = old[block:after].ljust(after - block, b"\0")
            return whole[:block] + lost + whole[after:], f"without {block} to {after}"
        if kind == "garbage":
            rest = chance.randbytes(_GARBAGE_BYTES)
        elif kind == "zeros":
            rest = bytes(stop - at)
        elif kind == "old":
            rest = old[at:]
        else:
            # What was synced stays: where a log is used again, its old end does, too.
            rest = old[at:] if len(old) > stop else b""
        return whole[:at] + rest, f"{kind} from {at} of {start} to {stop}"


def _changed(old: bytes, new: bytes) -> tuple[int, int]:
    """Where two contents of a file begin and end to differ."""
    start = bisect_left(
        range(min(len(old), len(new))), True, key=lambda at: old[: at + 1] != new[: at + 1]
    )
    stop = len(new)
    if len(old) == len(new):
        while stop > start and old[stop - 1] == new[stop - 1]:
            stop -= 1
    return start, stop


def _ends(log: bytes, start: int, stop: int) -> list[int]:
    """Where records end, between two places: a cut there can't be told from the log's own end."""
    block, head = 32 * 1024, 11  # checksum 4, length 2, type 1, number of the log 4
    ends, at = [], 0
    while at + head <= stop:
        left = block - at % block
        if left < head:
            at += left
            continue
        length, kind = int.from_bytes(log[at + 4 : at + 6], "little"), log[at + 6]
        if kind == 0:
            break
        at += head + length
        if start < at <= stop:
            ends.append(at)
    return ends
