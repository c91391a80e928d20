"""The store on disk: RocksDB, tuned for batches of small items.

Why RocksDB, and where these settings come from: `docs/decisions/0002-storage.md`, measured with
`benchmarks/storage.py`.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from rocksdict import (
    AccessType,
    BlockBasedOptions,
    Cache,
    Checkpoint,
    DataBlockIndexType,
    DBCompressionType,
    Options,
    Rdict,
    ReadOptions,
    WriteBatch,
)

from pannier.errors import StorageError
from pannier.limits import MIB
from pannier.storage.damage import DamagedStoreError, check_manifest, damage, refuse_headless
from pannier.storage.ranges import Snapshot, entries, values_upwards
from pannier.storage.row_cache import RowCache
from pannier.storage.store import Entry, Group, View
from pannier.storage.synced_mark import SyncedMark, read_mark

_LOG: Final = logging.getLogger(__name__)

_BLOCK_CACHE_BYTES: Final = 256 * MIB  # filled as it is used, not at the start
_ROW_CACHE_BYTES: Final = 64 * MIB  # of the process itself; filled as it is used
_WRITE_BUFFER_BYTES: Final = 32 * MIB
_BUFFERED: Final = "rocksdb.cur-size-active-mem-table"  # in bytes
_BEING_FLUSHED: Final = "rocksdb.num-immutable-mem-table"
# With two of four buffers on their way to the disk, RocksDB holds back whoever sends a third.
_FLUSHED_AT_ONCE_MAX: Final = 1
_LOOKED_AT_EVERY: Final = 16  # times, as a write buffer fills
_ASKED_EVERY: Final = 64  # likewise: what RocksDB knows of itself takes a lock of its own to ask
_BLOOM_BITS_PER_KEY: Final = 10
_LOGS_KEPT: Final = 2  # used again, they are synced in half the time: blocks and size are there

# What RocksDB tells of itself: the rate to which writes are held back, 0 for none; whether none is
# let through. Each is known within a quarter of a microsecond.
_DELAYED: Final = "rocksdb.actual-delayed-write-rate"
_STOPPED: Final = "rocksdb.is-write-stopped"


def options_of_store() -> Options:
    """RocksDB's settings, which hold for files that were written with others, too."""
    blocks = BlockBasedOptions()
    blocks.set_block_cache(Cache(_BLOCK_CACHE_BYTES))
    blocks.set_bloom_filter(_BLOOM_BITS_PER_KEY, False)
    blocks.set_format_version(5)
    # Point reads by a hash inside each block instead of a binary search.
    blocks.set_data_block_index_type(DataBlockIndexType.binary_and_hash())
    blocks.set_data_block_hash_ratio(0.75)

    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_block_based_table_factory(blocks)
    # RocksDB itself would begin a new log here; `RocksStore` does so before, in its own way.
    options.set_write_buffer_size(2 * _WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(4)
    options.set_memtable_whole_key_filtering(True)  # most keys of a fresh put are not there yet
    options.set_memtable_prefix_bloom_ratio(0.025)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_level_compaction_dynamic_level_bytes(True)
    options.set_max_background_jobs(2)
    options.set_bytes_per_sync(MIB)
    options.set_recycle_log_file_num(_LOGS_KEPT)
    options.set_max_open_files(512)
    options.set_keep_log_file_num(2)
    options.set_max_log_file_size(MIB)
    options.set_stats_dump_period_sec(0)
    return options


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _passing_options() -> ReadOptions:
    """Reads that leave nothing in the block cache."""
    options = ReadOptions()
    options.fill_cache(False)  # type: ignore[call-arg]  # the stub forgets its argument
    return options


class _RocksGroup:
    __slots__ = ("batch", "keys", "ranges")

    def __init__(self) -> None:
        self.batch = WriteBatch(raw_mode=True)
        self.keys: list[bytes] = []  # that it changes, for the cache
        self.ranges = False  # whether it changes more than those

    @property
    def size_bytes(self) -> int:
        return self.batch.size_in_bytes()

    def put(self, key: bytes, value: bytes, /) -> None:
        self.keys.append(key)
        self.batch.put(key, value)

    def delete(self, key: bytes, /) -> None:
        self.keys.append(key)
        self.batch.delete(key)

    def delete_range(self, begin: bytes, end: bytes, /) -> None:
        # RocksDB logs a group with a range that ends before it begins, applies it up to there,
        # and refuses every later write: so an empty range never reaches it.
        if begin < end:
            self.ranges = True
            self.batch.delete_range(begin, end)


def open_rocks(
    path: Path, access: AccessType, *, named: Path | None = None, options: Options | None = None
) -> Rdict:
    """RocksDB on a folder.

    Args:
        path: the store's folder.
        access: whether it is written.
        named: what errors call the folder, if it has another name for its owner.
        options: instead of `options_of_store`.

    Raises:
        DamagedStoreError: RocksDB says that files are damaged or missing.
        StorageError: it can't be opened for another reason.
    """
    options = options or options_of_store()
    # Named once more, since the binding opens the column families of a database that is there by
    # what RocksDB wrote down of them, and that knows no filters.
    # RocksDB knows its own locks by the path as it is named: a relative one would mean another
    # folder's, once the process has gone elsewhere.
    place = str(path.absolute())
    named = named or path
    try:
        return Rdict(place, options, column_families={"default": options}, access_type=access)
    except Exception as error:  # the binding raises bare Exception for every RocksDB status
        damaged = damage(error)
        if damaged is not None:
            damaged = damaged.replace(place, str(named))
            raise DamagedStoreError(f"the database in {named} is damaged: {damaged}") from error
        raise StorageError(
            f"the database in {named} can't be opened: {error}",
            "If another process holds it, end that process or use its address; "
            "if the disk is full, make room; if it failed, restore a backup (pannier restore).",
        ) from error


def refuse_losses(path: Path) -> int:
    """See whether a store still shows everything that it is known to have had. Writes nothing.

    It costs an opening that only reads, about 4 ms for each MB of the log. It comes before the
    real one because that throws away what it can't read of the log, which may yet be saved.

    Returns:
        The number of the newest change that is known to be there.

    Raises:
        DamagedStoreError: it does not.
        StorageError: it can't be opened.
    """
    mark = read_mark(path)
    if mark is None:
        refuse_headless(path)
        return 0
    check_manifest(path, mark)
    db = open_rocks(path, AccessType.read_only())
    try:
        sequence = db.latest_sequence_number()
    finally:
        db.close()
    if sequence < mark.sequence:
        logs = ", ".join(sorted(file.name for file in path.glob("*.log"))) or "which is missing"
        raise DamagedStoreError(
            f"the database in {path} is damaged: its log ({logs}) ends at change {sequence:,}, "
            f"but {mark.sequence:,} had been written"
        )
    return mark.sequence


class RocksStore:
    """A `Store` in one folder. One process may hold it at a time.

    When a write buffer is full, RocksDB begins a new log, and syncs neither. A power cut may then
    take the end of the old log and leave the new one, and where the old one happens to end with a
    whole record, recovery does not see that anything is missing: groups would be there without the
    ones before them. So this store ends a log itself, and syncs it before the next is written.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        known = refuse_losses(path)
        self._db = open_rocks(path, AccessType.read_write())
        self._mark = SyncedMark(path)
        self._mark.advance(known)  # of the manifest that was begun with this opening
        # A handle of its own, because a read of many keys heeds no options but the handle's.
        self._passing = self._db.get_column_family("default")
        self._passing.set_read_options(_passing_options())
        self._cache = RowCache(_ROW_CACHE_BYTES)
        self._writing = threading.Lock()
        self._unseen_bytes = 0  # written since the write buffer was looked at
        self._is_full = False  # the write buffer, and the disk has not taken those before it
        self._unasked_bytes = 0  # written since RocksDB was asked whether it is behind
        self._was_behind = False
        self._marker = path.absolute() / "LOCK"  # RocksDB's; there for as long as the folder is
        self._marker_id = _file_id(self._marker)

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, or None."""
        cache = self._cache
        value = cache.get(key)
        if value is None:
            version = cache.version
            value = self._db.get(key)
            if value is not None:
                cache.add([(key, value)], version)
        return value

    def get_many(self, keys: list[bytes], *, keep: bool = True) -> list[bytes | None]:
        """The values of many keys, each None where there is none."""
        cache = self._cache
        values = cache.get_many(keys)
        if None not in values:
            return values
        version = cache.version
        absent = values.count(None)
        missing = keys
        if absent < len(keys):
            missing = [key for key, value in zip(keys, values, strict=True) if value is None]
        handle = self._db if keep else self._passing
        read: list[bytes | None] = handle.get(missing)  # type: ignore[arg-type, assignment]
        if keep and read.count(None) < absent:
            cache.add(zip(missing, read, strict=True), version)
        if missing is keys:
            return read
        rest = iter(read)
        return [next(rest) if value is None else value for value in values]

    def range(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[Entry]:
        """The entries from `start` up to, not including, `stop`."""
        return entries(self._db.iter(), start, stop, reverse=reverse)

    def values(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[bytes]:
        """The values of a `range`."""
        if reverse:
            return (value for _, value in self.range(start, stop, reverse=True))
        return values_upwards(self._db, start, stop)

    def new_group(self) -> Group:
        """An empty group for `write`."""
        return _RocksGroup()

    def write(self, group: Group) -> None:
        """Make a group visible. Its log record is with the operating system, not yet synced.

        Raises:
            StorageError: the disk refused; nothing of the group is there.
        """
        assert isinstance(group, _RocksGroup)
        batch = group.batch
        size_bytes = batch.size_in_bytes()  # it is empty afterwards
        with self._writing:
            try:
                self._db.write(batch)
            except Exception as error:  # as above
                self._mark.end()  # RocksDB may have counted what it did not keep
                raise StorageError(str(error), "Make room or repair the disk.") from error
            self._unseen_bytes += size_bytes
            self._unasked_bytes += size_bytes
            if self._is_full or self._unseen_bytes * _LOOKED_AT_EVERY >= _WRITE_BUFFER_BYTES:
                self._unseen_bytes = 0
                self._end_full_log()
        if group.ranges:
            self._cache.clear()
        else:
            self._cache.forget(group.keys)

    def is_behind(self) -> bool:
        """Whether RocksDB would hold back a write, which it does without letting go of Python."""
        if not self._was_behind and self._unasked_bytes * _ASKED_EVERY < _WRITE_BUFFER_BYTES:
            return False
        self._unasked_bytes = 0
        asked = self._db.property_int_value
        flushing = self._is_full and self._is_flushing()
        self._was_behind = bool(flushing or asked(_DELAYED) or asked(_STOPPED))
        return self._was_behind

    def sync(self) -> None:
        """Sync the log. Releases the interpreter lock while it waits for the disk.

        Raises:
            StorageError: the folder is gone, so that nothing in it will be found again.
        """
        sequence = self._db.latest_sequence_number()
        try:
            self._db.flush_wal(True)
        except BaseException:
            self._mark.end()  # what is on disk is unknown from here on
            raise
        if _file_id(self._marker) != self._marker_id:
            raise StorageError(
                f"the folder {self._marker.parent} was removed or replaced",
                "Put it back, then open the database again.",
            )
        self._mark.advance(sequence)

    def snapshot(self) -> View:
        """The state of this moment, unmoved by later writes."""
        return Snapshot(self._db.iter())

    def flush(self) -> None:
        """Write what is in memory into a table file, so that the log is not needed any more."""
        self._db.flush()

    def checkpoint(self, path: Path) -> None:
        """Put a copy of this moment into a new folder. What never changes is linked, not copied.

        Raises:
            StorageError: the disk refuses.
        """
        try:
            path.parent.mkdir(exist_ok=True)
            Checkpoint(self._db).create_checkpoint(str(path.absolute()))
        except Exception as error:
            raise StorageError(
                f"the database can't be copied to {path}: {error}",
                "Name a place with room, on a disk that can be written.",
            ) from error

    def close(self) -> None:
        """Release the folder."""
        with suppress(Exception):  # what can't be synced was not answered either
            self.sync()
        sequence = self._db.latest_sequence_number()
        for handle in (self._passing, self._db):
            try:
                handle.close()
            except Exception as error:  # e.g. damage that RocksDB met behind our back
                _LOG.warning("a database was closed with an error: %s", damage(error) or error)
                self._mark.end()
        self._mark.advance(sequence)  # once more, since the manifest grows at the end
        self._mark.close()

    def _end_full_log(self) -> None:
        self._is_full = (self._db.property_int_value(_BUFFERED) or 0) >= _WRITE_BUFFER_BYTES
        if not self._is_full:
            return
        try:
            # As long as the disk is behind, RocksDB itself may begin a log before each write.
            self._db.flush_wal(True)
            if not self._is_flushing():
                self._db.flush(wait=False)
                self._is_full = False
        except Exception:  # the group is written all the same, and the next sync meets the reason
            _LOG.exception("a full log can't be ended")

    def _is_flushing(self) -> bool:
        """Whether the disk has to take a buffer before the next can be sent to it."""
        return (self._db.property_int_value(_BEING_FLUSHED) or 0) > _FLUSHED_AT_ONCE_MAX
