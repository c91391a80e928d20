"""A store that is only looked at: nothing in its folder is written, not even by RocksDB.

The binding writes a file of its own whenever it opens a folder. So what is opened is a folder of
links, somewhere else, that lead to the real files.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rocksdict import AccessType, DBRecoveryMode, ReadOptions

from pannier.errors import StorageError
from pannier.storage.damage import check_manifest, damage, refuse_headless
from pannier.storage.ranges import entries
from pannier.storage.rocks import open_rocks, options_of_store
from pannier.storage.store import Entry, Group, View
from pannier.storage.synced_mark import read_mark

Lost = Callable[[bytes, bytes, str], None]
"""Is told of a stretch that can't be read: the key before it, the key behind it, and why."""

_FELT_BYTES: Final = 8  # behind the length of the keys that are known
_COPIED: Final = ("CURRENT", "rocksdict-config.json", "IDENTITY")


class StoreReader:
    """A `Store` on disk that can't be written.

    Args:
        path: the store's folder. Nobody may write it meanwhile.
        lost: is told of what can't be read, and ranges go on behind it; None lets errors through.
        recovery: how the log is read; by default up to the first damage.

    Raises:
        DamagedStoreError: it can't be opened because files are damaged or missing.
        StorageError: it can't be opened.
    """

    def __init__(
        self, path: Path, lost: Lost | None = None, recovery: DBRecoveryMode | None = None
    ) -> None:
        refuse_headless(path)
        self.lost = lost
        self._path = path
        self._shadow = TemporaryDirectory(prefix="pannier-")
        try:
            _link_all(path, Path(self._shadow.name))
            options = options_of_store()
            if recovery is not None:
                options.set_recycle_log_file_num(0)  # which goes with one way to recover only
                options.set_wal_recovery_mode(recovery)
            shadow = Path(self._shadow.name)
            self._db = open_rocks(shadow, AccessType.read_only(), named=path, options=options)
        except BaseException:
            self._shadow.cleanup()
            raise
        # What is read once and in order needs no place in memory.
        reading = ReadOptions()
        reading.fill_cache(False)  # type: ignore[call-arg]  # the stub forgets its argument
        self._reading = reading

    @property
    def sequence(self) -> int:
        """The number of the newest change."""
        return self._db.latest_sequence_number()

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, or None."""
        value: bytes | None = self._db.get(key)
        return value

    def get_many(self, keys: list[bytes], *, keep: bool = True) -> list[bytes | None]:  # noqa: ARG002
        """The values of many keys, each None where there is none."""
        values: list[bytes | None] = self._db.get(keys)  # type: ignore[arg-type, assignment]
        return values

    def range(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[Entry]:
        """The entries from `start` up to, not including, `stop`, as far as they can be read."""
        if reverse:
            yield from entries(self._db.iter(self._reading), start, stop, reverse=True)
            return
        cursor = self._db.iter(self._reading)
        cursor.seek(start)
        last = start
        while True:
            while cursor.valid():
                key = cursor.key()
                if key >= stop:
                    return
                yield key, cursor.value()
                last = key
                cursor.next()
            try:
                cursor.status()
                return
            except Exception as error:
                if self.lost is None or damage(error) is None:
                    raise
                behind = self._behind(last, stop)
                self.lost(last, behind, str(error).replace(self._shadow.name, str(self._path)))
                if not last <= behind < stop:
                    return
                cursor.seek(behind)

    def values(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[bytes]:
        """The values of a `range`."""
        return (value for _, value in self.range(start, stop, reverse=reverse))

    def new_group(self) -> Group:
        """Refused: there is nothing to write to."""
        raise TypeError("a store that is only read can't be written")

    def write(self, group: Group) -> None:  # noqa: ARG002
        """Refused."""
        raise TypeError("a store that is only read can't be written")

    def is_behind(self) -> bool:
        """Never: nothing is written."""
        return False

    def sync(self) -> None:
        """Nothing to do."""

    def snapshot(self) -> View:
        """The store itself, which does not change."""
        return self

    def close(self) -> None:
        """Let go of the store."""
        try:
            with suppress(Exception):  # of damage, which whoever read has been told
                self._db.close()
        finally:
            self._shadow.cleanup()

    def _behind(self, last: bytes, stop: bytes) -> bytes:
        """About the first key behind a stretch that can't be read.

        Where the stretch ends nobody knows, so it is felt for: behind all keys with as long a
        beginning of the last good key as possible, then by halves.
        """
        length = len(last)
        low = last + b"\0"
        high = stop
        while length:
            candidate = _successor(last[:length])
            if candidate >= stop:
                break
            if self._readable_at(candidate):
                high = candidate
                break
            low = candidate
            length -= 1
        if high == stop and not self._readable_at(stop):
            return stop
        return self._halved(low, high)

    def _halved(self, low: bytes, high: bytes) -> bytes:
        width = max(len(low), len(high)) + _FELT_BYTES
        below, above = (int.from_bytes(each.ljust(width, b"\0"), "big") for each in (low, high))
        for _ in range(16 * _FELT_BYTES):
            if above - below <= 1:
                break
            middle = (below + above) // 2
            if self._readable_at(middle.to_bytes(width, "big")):
                above = middle
            else:
                below = middle
        return min(above.to_bytes(width, "big"), high)

    def _readable_at(self, key: bytes) -> bool:
        cursor = self._db.iter(self._reading)
        cursor.seek(key)
        if cursor.valid():
            return True
        try:
            cursor.status()
        except Exception:
            return False
        return True


def losses(path: Path, sequence: int) -> str | None:
    """What a store's note says against what it shows; None where they agree. Writes nothing.

    Raises:
        DamagedStoreError: the manifest is not what it was.
    """
    mark = read_mark(path)
    if mark is None:
        return None
    check_manifest(path, mark)
    if sequence >= mark.sequence:
        return None
    return f"its log ends at change {sequence:,}, but {mark.sequence:,} had been written"


def _link_all(path: Path, shadow: Path) -> None:
    try:
        for file in path.iterdir():
            if file.name in _COPIED:
                shutil.copyfile(file, shadow / file.name)
            elif file.is_file() and file.name != "LOCK":
                with suppress(FileExistsError):
                    (shadow / file.name).symlink_to(file.absolute())
    except OSError as error:
        raise StorageError(
            f"the database in {path} can't be read: {error.strerror}",
            "Name the folder of a database, as somebody who may read it.",
        ) from error


def _successor(prefix: bytes) -> bytes:
    """The first key behind all keys with a prefix; of the highest prefix, itself and more."""
    stripped = prefix.rstrip(b"\xff")
    if not stripped:
        return prefix + b"\xff"
    return stripped[:-1] + bytes([stripped[-1] + 1])
