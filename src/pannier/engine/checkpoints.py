"""States of one moment, each in a folder of its own within the database's, to be copied from there.

What never changes is linked, so a checkpoint costs next to no room at first. It is removed when its
copy is done, or when the database is opened the next time.
"""

import re
import secrets
import shutil
from contextlib import suppress
from typing import Final

from pannier.errors import StorageError
from pannier.storage.folder import DatabaseFolder
from pannier.storage.rocks import RocksStore
from pannier.storage.store import Store

_NAME: Final = re.compile("[0-9a-f]{16}")
_AT_ONCE_MAX: Final = 8


class Checkpoints:
    """The checkpoints of one database.

    Args:
        store: what they are of.
        folder: where they lie; None for a database in memory, which has none.
    """

    def __init__(self, store: Store, folder: DatabaseFolder | None) -> None:
        self._store = store
        self._folder = folder

    def take(self) -> str:
        """Make one, while nothing is written.

        Returns:
            The name of its folder below the folder's `checkpoints`.

        Raises:
            StorageError: the database lies in memory, there are too many, or the disk refuses.
        """
        if self._folder is None or not isinstance(self._store, RocksStore):
            raise StorageError(
                "a database in memory has no files to copy", "Copy its tables: pannier copy."
            )
        begun = self._folder.checkpoints
        if begun.is_dir() and len(list(begun.iterdir())) >= _AT_ONCE_MAX:
            raise StorageError(
                "too many copies of the database are being made at once",
                "Wait until one is done; those of copies that were ended go when the database is "
                "opened again.",
            )
        name = secrets.token_hex(8)
        self._store.checkpoint(begun / name)
        return name

    def remove(self, name: str) -> None:
        """Remove one. Nothing happens where there is none of this name."""
        if self._folder is not None and _NAME.fullmatch(name):
            shutil.rmtree(self._folder.checkpoints / name, ignore_errors=True)
            with suppress(OSError):  # others are there
                self._folder.checkpoints.rmdir()
