"""One file of the user's, open: unpacked, and read in the way that its format needs.

Nothing here reads a whole file into memory. A format that must jump about in it (Parquet) gets the
file itself where that can be, and a copy on disk where it came through a pipe or compressed.
"""

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from pannier.errors import UserError
from pannier.files import compression
from pannier.files.compression import DamagedError, guarded, may_be_magic
from pannier.files.opening import PIPE, FileError, is_remote, opened, path_of, shown
from pannier.files.spool import no_room
from pannier.limits import KIB, MIB, REQUEST_BYTES_MAX

# No item takes more as JSON, however it is spelled: DynamoDB refuses larger requests.
LINE_BYTES_MAX: Final = REQUEST_BYTES_MAX
LINE_TOO_LONG: Final = f"the line is longer than {LINE_BYTES_MAX // MIB} MiB"
Watch = Callable[[bytes], object]

_BLOCK_BYTES: Final = 256 * KIB
_BUFFER_BYTES: Final = MIB


class Input:
    """A file that is being read.

    Args:
        name: as the user wrote it.
        file: its bytes as they lie there.
        unpacked: its bytes without their compression; None if they have none.
    """

    def __init__(self, name: str, file: IO[bytes], unpacked: IO[bytes] | None = None) -> None:
        self.name = name
        self.shown = shown(name)
        self.is_packed = unpacked is not None
        self._raw = file
        self._file = io.BufferedReader(_Guarded(unpacked or file), _BUFFER_BYTES)
        self._first: bytes | None = None

    @property
    def kind_name(self) -> str:
        """The name without the ending of a compression, in lower case."""
        return compression.without_ending(self.name.lower())

    def first_line(self) -> bytes:
        """The first line, all of it in however many pieces a pipe delivers it. It is read again.

        Raises:
            DamagedError: the file is damaged before its first line ends.
        """
        if self._first is None:
            self._first = self._file.readline(LINE_BYTES_MAX)
        return self._first

    def lines(self) -> Iterator[bytes]:
        """The lines with their ends. Of one that is too long for an item, only the beginning comes.

        That has `LINE_BYTES_MAX` bytes; all others have fewer.

        Raises:
            DamagedError: the file is damaged; all whole lines before the damage were yielded.
        """
        read = self._file.readline
        line = self.first_line()
        while line:
            yield line
            if len(line) >= LINE_BYTES_MAX:
                while line and not line.endswith(b"\n"):
                    line = read(_BLOCK_BYTES)
            line = read(LINE_BYTES_MAX)

    def blocks(self) -> Iterator[bytes]:
        """The bytes, in pieces as they come.

        Raises:
            DamagedError: the file is damaged; everything before the damage was yielded.
        """
        first = self.first_line()
        if first:
            yield first
        while block := self._file.read1(_BLOCK_BYTES):
            yield block

    @contextmanager
    def random_access(self) -> Iterator[str | IO[bytes]]:
        """The file as something to jump about in: its path, or an open file.

        Raises:
            DamagedError: it can't be unpacked to its end.
            UserError: there is no room for a copy.
        """
        if not self.is_packed and self.name != PIPE:
            if is_remote(self.name) and self._raw.seekable():
                yield io.BufferedReader(_GuardedSeekable(self._raw), _BUFFER_BYTES)
                return
            if not is_remote(self.name) and Path(path_of(self.name)).is_file():
                yield path_of(self.name)
                return
        with tempfile.TemporaryFile(prefix="pannier-") as copy:
            try:
                for block in self.blocks():
                    copy.write(block)
                copy.seek(0)
            except OSError as error:
                raise no_room(error) from None
            yield copy


@contextmanager
def opened_input(name: str, watch: Watch | None = None) -> Iterator[Input]:
    """Open a file, and unpack it if it is compressed.

    Args:
        name: as the user wrote it.
        watch: is given all bytes as they are in the file, for a checksum.

    Raises:
        FileError: it is not there, can't be read, or is packed in a way that is not known here.
    """
    with opened(name) as file:
        if watch is not None:
            file = io.BufferedReader(_Watched(file, watch), _BUFFER_BYTES)
        try:
            head, file = _looked_at(file)
            kind = compression.kind_of(head)
            packed = compression.reader(file, kind) if kind else None
        except UserError as error:
            raise FileError(f"{shown(name)}: {error.message}", error.advice) from None
        except DamagedError as error:
            raise FileError(f"{shown(name)}: {error}") from None
        if packed is None:
            yield Input(name, file)
            return
        with packed:
            yield Input(name, file, packed)


class _Guarded(io.RawIOBase):
    """Bytes as they come: what is good before a damage is not lost to a buffer that is not full."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._read = getattr(file, "read1", file.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = guarded(self._read, len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _GuardedSeekable(_Guarded):
    """The same for a file that is jumped about in."""

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


class _Watched(io.RawIOBase):
    """A file whose bytes somebody else sees, too. It can't be jumped about in."""

    def __init__(self, file: IO[bytes], watch: Watch) -> None:
        self._read = getattr(file, "read1", file.read)
        self._watch = watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._read(len(buffer))
        self._watch(data)
        buffer[: len(data)] = data
        return len(data)


class _Rejoined(io.RawIOBase):
    """A pipe, with the bytes in front that were taken out of it to look at them."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._read = getattr(rest, "read1", rest.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._head or self._read(len(buffer))
        data, self._head = data[: len(buffer)], data[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def _looked_at(file: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """The first bytes of a file, and the file as if nobody had looked."""
    head = b""
    start = file.tell() if file.seekable() else None
    read = getattr(file, "read1", file.read)
    while not head or may_be_magic(head):
        piece = guarded(read, compression.MAGIC_BYTES_MAX - len(head))
        if not piece:
            break
        head += piece
    if start is not None:
        file.seek(start)
        return head, file
    return head, io.BufferedReader(_Rejoined(head, file), _BUFFER_BYTES)
