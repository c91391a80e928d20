"""A damaged store, opened so that as much as possible of it can be read. It stays as it is."""

from pathlib import Path

from rocksdict import DBRecoveryMode, Rdict

from pannier.errors import StorageError
from pannier.storage.damage import DamagedStoreError
from pannier.storage.reading import Lost, StoreReader, losses
from pannier.storage.rocks import options_of_store
from pannier.storage.upgrading import copy_store


def readable(data: Path, work: Path, lose: Lost) -> tuple[StoreReader, list[str]]:
    """Open a store as it is; if that can't be, as RocksDB can put it together again.

    Args:
        data: the store's folder.
        work: an empty folder on a disk with room, kept until the store is closed.
        lose: is told of stretches that can't be read, while it is read.

    Returns:
        The store, and what is wrong with it as a whole, in words.

    Raises:
        StorageError: nothing of it can be read.
    """
    store = None
    try:
        store = StoreReader(data, lose)
        missing = losses(data, store.sequence)
    except DamagedStoreError as error:
        if store is not None:
            store.close()
        return _put_together(data, work, lose), [error.message]
    if missing is None:
        return store, []
    return _further(store, _past_damage(data, lose)), [missing]


def nothing_left(data: Path, why: str) -> StorageError:
    """The error for a store of which nothing can be saved."""
    return StorageError(
        f"nothing can be read of the database in {data}: {why}",
        "Restore a backup: pannier restore BACKUP FOLDER.",
    )


def _further(store: StoreReader, other: StoreReader | None) -> StoreReader:
    """That of two stores which shows more changes; the other is closed."""
    if other is None:
        return store
    less, more = sorted((store, other), key=lambda each: each.sequence)
    less.close()
    return more


def _past_damage(data: Path, lose: Lost) -> StoreReader | None:
    """The store with what comes behind the damage in its log, if that can be read."""
    try:
        return StoreReader(data, lose, DBRecoveryMode.skip_any_corrupted_record())
    except StorageError:
        return None


def _put_together(data: Path, work: Path, lose: Lost) -> StoreReader:
    """A store made of the files that can be read, without the manifest that names them."""
    copy_store(data, work / "data")
    try:
        Rdict.repair(str(work / "data"), options_of_store())
        return StoreReader(work / "data", lose)
    except Exception as error:
        raise nothing_left(data, str(error)) from error
