"""How many bytes of local files this process has read: what a progress line can go by."""

import io
from collections.abc import Callable, Iterable
from pathlib import Path


class _Consumed:
    """A count that only grows."""

    def __init__(self) -> None:
        self.read_bytes = 0


_consumed = _Consumed()


class CountedFile(io.FileIO):
    """A file whose bytes are counted as they are read."""

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Read, and count."""
        count = super().readinto(buffer)
        _consumed.read_bytes += count or 0
        return count


def fraction_of(paths: Iterable[Path]) -> Callable[[], float | None] | None:
    """What tells how much of some files has been read since now, from 0 to 1.

    Returns:
        None if not all of them are plain files.
    """
    size_bytes = 0
    for path in paths:
        if not path.is_file():
            return None
        size_bytes += path.stat().st_size
    before = _consumed.read_bytes

    def fraction() -> float | None:
        read = _consumed.read_bytes - before
        return min(1.0, read / size_bytes) if size_bytes and read else None

    return fraction
