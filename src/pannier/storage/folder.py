"""The database folder: its version, and who holds it.

```
.pannier/
  format.json   {"format": 1, ...}: a newer format than this program knows is refused
  lock          held (flock) by the owner for as long as it lives
  owner.json    the owner's process id, and its address if it serves one
  data/         the store
  checkpoints/  moments of the store while they are copied
```

The operating system drops the lock when its owner dies, however it dies, so a dead owner's note
is recognised by the lock being free, and taken over. The folder itself is locked as well: a `lock`
that somebody deleted and made anew is another file, and would let a second owner in.
"""

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import orjson

from pannier._version import __version__
from pannier.errors import StorageError
from pannier.storage.upgrading import UPGRADES, upgrade

FORMAT_FIRST: Final = 1
FORMAT: Final = 1


class FolderHeldError(StorageError):
    """Another process holds the folder.

    Attributes:
        url: the address at which the owner serves it, or None.
    """

    def __init__(self, path: Path, process_id: int | None, url: str | None) -> None:
        who = f"process {process_id}" if process_id else "another process"
        if url:
            advice = f"It is served at {url}; use --target {url}, or end that process."
        else:
            advice = "Wait until it is done, end it, or use another folder: --target local:PATH."
        super().__init__(f"the database folder {path} is held by {who}", advice)
        self.url = url


class DatabaseFolder:
    """A database folder, held from construction to `close`.

    Raises:
        FolderHeldError: another process holds it.
        StorageError: it is no database folder, can't be written, or is of a newer format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path / "data"
        self.checkpoints = path / "checkpoints"
        try:
            _make_folder(path)
            self._refuse_stranger()  # before anything is left in it
            self._locks = _locked(path, make=True)
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            self._check_format()
            shutil.rmtree(self.checkpoints, ignore_errors=True)  # of copies that were not finished
            self.announce(None)
            _make_folder(self.data)
        except OSError as error:
            self._unlock()
            raise _unusable(path, error) from error
        except BaseException:
            self._unlock()
            raise

    def announce(self, url: str | None) -> None:
        """Leave a note for others: our process id, and the address we serve, if any."""
        note = orjson.dumps({"pid": os.getpid(), "url": url})
        replace_file(self.path / "owner.json", note)

    def close(self) -> None:
        """Let go of the folder."""
        with suppress(OSError):  # a note that stays is known for a dead owner's: nothing is locked
            (self.path / "owner.json").unlink()
        self._unlock()

    def _unlock(self) -> None:
        for each in self._locks:
            os.close(each)

    def _refuse_stranger(self) -> None:
        strangers = {entry.name for entry in self.path.iterdir()} - {"lock", "format.tmp"}
        # The marker is the first that a database gets, so nothing of ours is there without it.
        if strangers and not (self.path / "format.json").exists():
            raise StorageError(
                f"{self.path} is not a Pannier database, and not empty either",
                f"Name another folder (found there: {', '.join(sorted(strangers)[:3])}).",
            )

    def _check_format(self) -> None:
        marker = self.path / "format.json"
        if not marker.exists():
            replace_file(
                marker, orjson.dumps({"format": FORMAT, "created_by": f"pannier {__version__}"})
            )
            return
        upgrade(self.path, check_format(self.path), FORMAT, replace_file, UPGRADES)


def check_format(path: Path) -> int:
    """See whether a folder is a database that this program can read; returns its format.

    Raises:
        StorageError: it is none, or of a newer format.
    """
    marker = path / "format.json"
    if not marker.exists():
        raise StorageError(
            f"{path} is not a Pannier database", "Name the folder of a database or of a backup."
        )
    try:
        version = orjson.loads(marker.read_bytes())["format"]
        damaged = type(version) is not int or version < FORMAT_FIRST
    except (OSError, ValueError, KeyError, TypeError):
        damaged = True
    if damaged:
        raise StorageError(
            f"{marker} is damaged", 'It should hold {"format": 1}; restore it from a copy.'
        )
    if version > FORMAT:
        raise StorageError(
            f"the database in {path} has format {version}; "
            f"pannier {__version__} reads formats up to {FORMAT}",
            "Use a newer pannier for this folder.",
        )
    return int(version)


def check_format_is_newest(path: Path) -> None:
    """As `check_format`, for what reads a folder without opening it, and so without an upgrade.

    Raises:
        StorageError: it is none, or of another format.
    """
    version = check_format(path)
    if version != FORMAT:
        raise StorageError(
            f"the database in {path} has format {version}, and is read in format {FORMAT} only",
            f"Open it once, which brings it to format {FORMAT}: pannier tables --target "
            f"local:{path}. Restore a backup first: pannier restore BACKUP FOLDER.",
        )


@contextmanager
def kept_still(path: Path) -> Iterator[None]:
    """Nobody else may open a folder within the block. Nothing is written.

    Raises:
        FolderHeldError: somebody has it open.
    """
    try:
        held = _locked(path, make=False)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        yield
    finally:
        for each in held:
            os.close(each)


def _locked(path: Path, *, make: bool) -> list[int]:
    """Descriptors of the folder and of its lock file, both locked.

    Args:
        path: the folder.
        make: whether the lock file is made; if not, what is not there is not locked.

    Raises:
        FolderHeldError: another process has one of them.
        OSError: the folder can't be used, or the lock file can't be made.
    """
    held: list[int] = []
    lock_flags = os.O_RDWR | os.O_CREAT if make else os.O_RDONLY
    missing = () if make else (FileNotFoundError,)  # a copy, which nobody has opened yet
    try:
        for place, flags in ((path, os.O_RDONLY), (path / "lock", lock_flags)):
            with suppress(*missing):
                held.append(os.open(place, flags | os.O_CLOEXEC, 0o600))
        if not all(_lock(each, fcntl.LOCK_EX) for each in held):
            raise FolderHeldError(path, *read_owner(path))
    except BaseException:
        for each in held:
            os.close(each)
        raise
    return held


def _lock(descriptor: int, how: int) -> bool:
    """Whether a lock could be had; yes, too, where the file system locks no folders."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise
    return True


def _make_folder(path: Path) -> None:
    """Make a folder, and those above it, so that a power cut does not take their names away."""
    if path.is_dir():
        return
    _make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def _unusable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"the database folder {path} can't be used: {error.strerror}",
        "Name a folder that can be written: --target local:PATH.",
    )


def read_owner(path: Path) -> tuple[int | None, str | None]:
    """The process id and the address in a folder's note; None for what it does not say."""
    try:
        note = orjson.loads((path / "owner.json").read_bytes())
        return int(note["pid"]), note["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def live_owner(path: Path) -> tuple[int | None, str | None] | None:
    """The process id and address of whoever holds a folder at this moment; None if nobody does.

    A note may be left by a process that is dead, and whose id is another's by now; a lock can't. To
    find out, a free lock is taken for an instant.
    """
    for name in (".", "lock"):
        try:
            lock = os.open(path / name, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            if not _lock(lock, fcntl.LOCK_SH):
                return read_owner(path)
        finally:
            os.close(lock)
    return None


def replace_file(path: Path, content: bytes) -> None:
    """Write a small file so that a crash leaves the old or the new content, never a mixture."""
    fresh = path.with_suffix(".tmp")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make durable which files a folder has."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
