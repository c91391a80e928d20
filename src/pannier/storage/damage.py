"""What is wrong with the files of a store, in words, and which file it is."""

import re
from pathlib import Path
from typing import Final

from pannier.errors import StorageError
from pannier.storage.synced_mark import Synced, manifest_in_use

ADVICE: Final = (
    "Look at the whole with `pannier check`; then restore a backup (pannier restore), "
    "or save what can be read into a new folder (pannier repair)."
)

_SIGNS: Final = ("Corruption:", "checksum mismatch", "No such file or directory: While")
_FILE: Final = re.compile(r"[^\s:]*?([^\s:/]+\.(?:sst|log)|MANIFEST-\d+|CURRENT|OPTIONS-\d+)")
_BLOCK_BYTES: Final = 32 * 1024
_HEADER_BYTES: Final = 7
_RECYCLABLE_HEADER_BYTES: Final = 11
_TYPES: Final = range(1, 12)
_RECYCLABLE_TYPES: Final = range(5, 9)


class DamagedStoreError(StorageError):
    """Files of the store are not as they were written, or are missing."""

    def __init__(self, message: str) -> None:
        super().__init__(message, ADVICE)


def damage(error: BaseException) -> str | None:
    """What an error of RocksDB says of damage, in one line; None if it is about something else."""
    text = " ".join(str(error).split())
    return text if any(sign in text for sign in _SIGNS) else None


def damaged_file(text: str) -> str | None:
    """The name of the file that a text of RocksDB is about, if it names one."""
    found = _FILE.search(text)
    return found.group(1) if found else None


def refuse_headless(data: Path) -> None:
    """See whether a store that has files has the one by which RocksDB finds the others.

    Where that is missing RocksDB would begin an empty store, and remove the files it does not know.
    A manifest alone is that of a store whose making was ended before anything could be written.

    Raises:
        DamagedStoreError: it has not.
    """
    if not (data / "CURRENT").exists() and (any(data.glob("*.sst")) or any(data.glob("*.log"))):
        raise DamagedStoreError(f"the database in {data} is damaged: CURRENT is missing")


def check_manifest(data: Path, mark: Synced) -> None:
    """See whether the manifest goes as far as it did, which RocksDB itself does not.

    Raises:
        DamagedStoreError: it does not.
    """
    path = manifest_in_use(data)
    if path is None:
        raise DamagedStoreError(f"the database in {data} is damaged: CURRENT names no manifest")
    number = int(path.name.partition("-")[2])
    if number < mark.manifest:
        raise DamagedStoreError(
            f"the database in {data} is damaged: CURRENT names {path.name}, "
            f"but MANIFEST-{mark.manifest:06d} was in use"
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedStoreError(
            f"the database in {data} is damaged: {path.name} can't be read ({error.strerror})"
        ) from error
    if number > mark.manifest:
        return  # it was begun after the note
    if len(content) < mark.manifest_bytes:
        raise DamagedStoreError(
            f"the database in {data} is damaged: {path.name} has {len(content):,} bytes, "
            f"it had {mark.manifest_bytes:,}"
        )
    if _framed_to(content) < mark.manifest_bytes:
        raise DamagedStoreError(
            f"the database in {data} is damaged: {path.name} can't be read to its end"
        )


def _framed_to(content: bytes) -> int:
    """How far a file of log records can be followed by the lengths in the records' heads."""
    place = 0
    while place < len(content):
        left = _BLOCK_BYTES - place % _BLOCK_BYTES
        if left < _HEADER_BYTES:
            place += left
            continue
        header = content[place : place + _HEADER_BYTES]
        if len(header) < _HEADER_BYTES or header[6] not in _TYPES:
            return place
        recyclable = header[6] in _RECYCLABLE_TYPES
        size_bytes = int.from_bytes(header[4:6], "little")
        size_bytes += _RECYCLABLE_HEADER_BYTES if recyclable else _HEADER_BYTES
        if size_bytes > left or place + size_bytes > len(content):
            return place
        place += size_bytes
    return place
