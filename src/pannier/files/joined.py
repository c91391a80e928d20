"""Blocks of bytes, as they come from an `Input`, as a file for libraries that want one."""

import io
from collections.abc import Iterator


class JoinedBlocks(io.RawIOBase):
    """A file that can be read once, from its beginning to its end.

    Args:
        blocks: its bytes; what they raise passes through.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read some bytes, as many as there are at hand."""
        data = self._rest or next(self._blocks, b"")
        data, self._rest = data[: len(buffer)], data[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int = -1) -> bytes:
        """Read exactly `size` bytes, fewer only at the end."""
        if size < 0:
            return self.readall()
        pieces, missing = [], size
        while missing:
            data = self._rest or next(self._blocks, b"")
            if not data:
                break
            pieces.append(data[:missing])
            self._rest = data[missing:]
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def skip(self, count: int) -> None:
        """Go past some bytes."""
        self.read(count)
