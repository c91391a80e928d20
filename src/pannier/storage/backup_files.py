"""A backup on disk: a database's folder, copied, with the sum of each file.

```
BACKUP/
  backup.json   when, of what, and each file's size and SHA-256
  format.json   as in a database's folder
  data/         the store at one moment
```

It is made under another name beside the place it is meant for, synced, read back from the disk and
compared, and renamed at the end: what has the name of a backup is whole.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from pannier.errors import StorageError
from pannier.limits import MIB
from pannier.storage.folder import check_format, sync_folder

NOTE: Final = "backup.json"
NOTE_VERSION: Final = 1

_NAME: Final = re.compile(r"format\.json|data/[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_CHUNK_BYTES: Final = MIB
_LEFT_OUT: Final = frozenset({"LOCK", "LOG", "SYNCED"})

Progress = Callable[[int], None]
"""Is called with how many bytes were copied or compared so far."""


class CopiedFile(NamedTuple):
    """A file of a backup.

    Attributes:
        size_bytes: its size.
        sha256: its sum, in hexadecimal.
    """

    size_bytes: int
    sha256: str


def silent(_: int) -> None:
    """Progress that nobody wants to know."""


def check_vacant(path: Path) -> None:
    """See whether a folder can be made at a place.

    Raises:
        StorageError: something is there that may not be overwritten.
    """
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists() or path.is_symlink():
        raise StorageError(
            f"{path} is there already, and not empty", "Name a new folder; nothing is overwritten."
        )


def write_backup(
    store: Path, destination: Path, about: Mapping[str, Any], progress: Progress = silent
) -> dict[str, Any]:
    """Make a backup of a store that nobody changes.

    Args:
        store: its folder.
        destination: a new folder, or an empty one.
        about: members of the note, beside `files`.
        progress: follows the bytes.

    Returns:
        The note.

    Raises:
        StorageError: the disk refuses, or does not hold what was written to it.
    """
    check_vacant(destination)
    with _begun(destination) as fresh:
        (fresh / "data").mkdir()
        done = _Sum(progress)
        files: dict[str, CopiedFile] = {}
        for source in sorted(store.iterdir()):
            if (
                source.is_file()
                and not source.name.startswith("LOG.")
                and source.name not in _LEFT_OUT
            ):
                files[f"data/{source.name}"] = _copy(source, fresh / "data" / source.name, done)
        marker = orjson.dumps({"format": about["format"], "created_by": about["created_by"]})
        files["format.json"] = _written(fresh / "format.json", marker)
        compare_files(fresh, files, progress)
        note = {
            "pannier_backup": NOTE_VERSION,
            **about,
            "files": {name: file._asdict() for name, file in files.items()},
        }
        _written(fresh / NOTE, orjson.dumps(note, option=orjson.OPT_INDENT_2))
    return note


def read_note(backup: Path) -> dict[str, Any]:
    """The note of a backup.

    Raises:
        StorageError: it is no backup, a damaged one, or one of a newer pannier.
    """
    try:
        note: dict[str, Any] = orjson.loads((backup / NOTE).read_bytes())
        version, files = note["pannier_backup"], note["files"]
        for name, file in files.items():
            CopiedFile(**file)
            if not _NAME.fullmatch(name):  # nothing is written outside of the new folder
                raise ValueError(f"{name!r} is no file of a backup")
    except FileNotFoundError:
        raise StorageError(
            f"{backup} is not a backup", "Name a folder that `pannier backup` has made."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StorageError(f"{backup / NOTE} is damaged: {error}", "Use another backup.") from error
    if version != NOTE_VERSION:
        raise StorageError(
            f"the backup {backup} has version {version}; this pannier reads version {NOTE_VERSION}",
            "Use a newer pannier for this backup.",
        )
    return note


def compare_files(
    folder: Path, files: Mapping[str, CopiedFile], progress: Progress = silent
) -> None:
    """Compare files with their sums.

    Raises:
        StorageError: one is missing or differs; it is named.
    """
    for wrong in differing(folder, files, progress):
        raise StorageError(
            f"the backup {folder} is damaged: {wrong}", "Use another backup, or another disk."
        )


def differing(
    folder: Path, files: Mapping[str, CopiedFile], progress: Progress = silent
) -> Iterator[str]:
    """What is wrong with files, by their sums; each in words."""
    done = _Sum(progress)
    for name, expected in files.items():
        try:
            found = _summed(folder / name, done)
        except OSError as error:
            yield f"{name} can't be read ({error.strerror})"
            continue
        if found != expected:
            yield f"{name} is not as it was written"


def files_of(note: Mapping[str, Any]) -> dict[str, CopiedFile]:
    """The files that a note names."""
    return {name: CopiedFile(**file) for name, file in note["files"].items()}


def restore_backup(backup: Path, folder: Path, progress: Progress = silent) -> dict[str, Any]:
    """Make a database's folder of a backup, after comparing all sums.

    Args:
        backup: the backup.
        folder: a new folder, or an empty one.
        progress: follows the bytes.

    Returns:
        The backup's note.

    Raises:
        StorageError: the backup is damaged or of a newer format, or the disk refuses.
    """
    note = read_note(backup)
    check_vacant(folder)
    files = files_of(note)
    compare_files(backup, files, progress)
    check_format(backup)
    done = _Sum(progress)
    with _begun(folder) as fresh:
        (fresh / "data").mkdir()
        for name, expected in files.items():
            if _copy(backup / name, fresh / name, done) != expected:
                raise StorageError(
                    f"{name} has changed while it was copied", "Restore it once more."
                )
    return note


class _Sum:
    """Adds up what was done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bytes = 0

    def add(self, size_bytes: int) -> None:
        self._bytes += size_bytes
        self._progress(self._bytes)


@contextmanager
def _begun(path: Path) -> Iterator[Path]:
    """A folder under another name, that gets its own at the end of the block, or is removed."""
    place = path.absolute()
    fresh = place.with_name(f".{place.name}.unfinished")
    try:
        shutil.rmtree(fresh, ignore_errors=True)  # of one that was ended
        fresh.mkdir(parents=True)
        yield fresh
        for folder in (fresh / "data", fresh):
            sync_folder(folder)
        fresh.rename(place)
        sync_folder(place.parent)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _refused(path: Path, error: OSError) -> StorageError:
    what = error.strerror or str(error)
    named = f" ({error.filename})" if error.filename else ""
    return StorageError(
        f"{path} can't be written: {what}{named}",
        "Name a place with room, on a disk that can be written; what was begun is removed.",
    )


def _copy(source: Path, target: Path, done: _Sum) -> CopiedFile:
    total, digest = 0, hashlib.sha256()
    with source.open("rb") as reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK_BYTES):
            digest.update(chunk)
            writing.write(chunk)
            total += len(chunk)
            done.add(len(chunk))
        writing.flush()
        os.fsync(writing.fileno())
    return CopiedFile(total, digest.hexdigest())


def _written(path: Path, content: bytes) -> CopiedFile:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return CopiedFile(len(content), hashlib.sha256(content).hexdigest())


def _summed(path: Path, done: _Sum) -> CopiedFile:
    total, digest = 0, hashlib.sha256()
    with path.open("rb") as file:
        with suppress(OSError, AttributeError):  # from the disk, not from memory, where one can ask
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            total += len(chunk)
            done.add(len(chunk))
    return CopiedFile(total, digest.hexdigest())
