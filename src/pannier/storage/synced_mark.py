"""How much of a store was known to be on disk: a note beside it, by which missing data are noticed.

RocksDB can't tell a log whose end was torn by a power cut, which must be tolerated, from one that
was damaged where it had been synced: in both it keeps what comes before and drops the rest, without
a word. And a manifest that lost its end shows an older state, as if it were the newest.

So each sync leaves a note of what it made durable. The note is written after the sync and is not
synced itself: whatever happens, what lies on disk of it is never ahead of the store. A store that
shows less than its note says has lost something that was answered.

```
magic (8) | sequence number (8) | manifest's number (8) | its size in bytes (8) | CRC-32 (4)
```

A note that can't be read says nothing, and does no harm.
"""

import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

NAME: Final = "SYNCED"

_MAGIC: Final = b"pannier\x01"
_CONTENT: Final = struct.Struct("<8sQQQ")
_SUM: Final = struct.Struct("<I")
_MANIFEST: Final = "MANIFEST-"


class Synced(NamedTuple):
    """What was on disk.

    Attributes:
        sequence: the number of the newest change.
        manifest: the number of the manifest that was in use.
        manifest_bytes: how long it was at least.
    """

    sequence: int
    manifest: int
    manifest_bytes: int


def read_mark(data: Path) -> Synced | None:
    """The note of a store; None where there is none, or none that can be read."""
    try:
        content = (data / NAME).read_bytes()
    except OSError:
        return None
    if len(content) != _CONTENT.size + _SUM.size:
        return None
    body, (expected,) = content[: _CONTENT.size], _SUM.unpack(content[_CONTENT.size :])
    magic, *numbers = _CONTENT.unpack(body)
    if magic != _MAGIC or crc32(body) != expected:
        return None
    return Synced(*numbers)


def manifest_in_use(data: Path) -> Path | None:
    """The manifest that a store's `CURRENT` names, or None if it names none."""
    try:
        name = (data / "CURRENT").read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return data / name if name.startswith(_MANIFEST) and name[len(_MANIFEST) :].isdigit() else None


class SyncedMark:
    """Keeps the note of one store, for the one thread that syncs it.

    Args:
        data: the store's folder.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._current = str(data / "CURRENT")
        self._file: int | None = None
        self._manifest_file: int | None = None
        self._named_at_ns = 0  # when CURRENT was last written
        self._manifest = (0, 0)
        self._ended = False
        with suppress(OSError):  # without a note the store works all the same
            self._file = os.open(data / NAME, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def advance(self, sequence: int) -> None:
        """Note that everything up to a change is on disk."""
        if self._file is None or self._ended:
            return
        with suppress(OSError):
            self._look_at_manifest()
            body = _CONTENT.pack(_MAGIC, sequence, *self._manifest)
            os.pwrite(self._file, body + _SUM.pack(crc32(body)), 0)

    def end(self) -> None:
        """Note nothing any more. Any thread may say so: the file stays open until `close`."""
        self._ended = True

    def close(self) -> None:
        """Let go of the file."""
        for file in (self._file, self._manifest_file):
            if file is not None:
                os.close(file)
        self._file = self._manifest_file = None

    def _look_at_manifest(self) -> None:
        """Learn how far the manifest goes, which grows when files of the store come or go."""
        named_at_ns = os.stat(self._current).st_mtime_ns  # noqa: PTH116  # a third of the time
        if named_at_ns != self._named_at_ns or self._manifest_file is None:
            path = manifest_in_use(self._data)
            if path is None:
                return
            if self._manifest_file is not None:
                os.close(self._manifest_file)
                self._manifest_file = None
            self._manifest_file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self._named_at_ns = named_at_ns
            self._manifest = (int(path.name[len(_MANIFEST) :]), 0)
        number, known_bytes = self._manifest
        size_bytes = os.fstat(self._manifest_file).st_size
        if size_bytes != known_bytes:
            os.fsync(self._manifest_file)  # what is noted must be on disk before the note may be
            self._manifest = (number, size_bytes)
