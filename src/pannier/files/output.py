"""Files that are written whole or not at all.

Bytes go into a file with another name beside the one that is wanted, `.NAME.PID.partial`. Only when
everything is in it, and on disk, does it take its name. So nobody ever finds half a file, and an
older file of that name stays as it was until the new one is complete.
"""

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, Self

from pannier.errors import UserError
from pannier.files import compression
from pannier.files.opening import PIPE, is_remote, path_of, remote
from pannier.limits import MIB

_BUFFER_BYTES: Final = MIB


class Output:
    """A file, address or pipe that is being written.

    Args:
        name: where to; None or `-` for standard output. Its ending decides whether it is
            compressed.

    Raises:
        UserError: it can't be written.
    """

    def __init__(self, name: str | None) -> None:
        self.name = PIPE if name is None else name
        self._target: Path | None = None
        self._partial: Path | None = None
        self._remote: Any = None
        packed = compression.kind_of_name(self.name)
        try:
            self._raw = self._opened()
        except UserError:
            raise
        except Exception as error:  # every file system at an address has errors of its own
            raise self._failure(error) from None
        self.file: IO[bytes] = self._raw
        if packed:
            try:
                self.file = compression.writer(self._raw, packed)
            except UserError:  # its library is missing
                self.abort()
                raise

    def write(self, data: bytes) -> None:
        """Write some bytes.

        Raises:
            UserError: there is no room, or something else is wrong with the place.
        """
        try:
            self.file.write(data)
        except BrokenPipeError:
            raise
        except Exception as error:
            raise self._failure(error) from None

    def commit(self) -> None:
        """Everything is written: the file takes its name.

        Raises:
            UserError: that fails; nothing is there then.
        """
        try:
            if self.file is not self._raw:
                self.file.close()
            self._raw.flush()
            if self._remote is not None:
                self._remote.close()
                self._remote.commit()
                return
            if self._partial is not None and self._target is not None:
                os.fsync(self._raw.fileno())
                self._raw.close()
                self._partial.replace(self._target)
            elif self._target is not None:
                self._raw.close()
        except BrokenPipeError:
            raise
        except Exception as error:
            self.abort()
            raise self._failure(error) from None

    def abort(self) -> None:
        """Leave nothing behind. After `commit` it does nothing."""
        with suppress(Exception):
            if self._remote is not None:
                self._remote.discard()
            elif self._target is not None:
                self._raw.close()
        if self._partial is not None:
            self._partial.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.commit()
        else:
            self.abort()

    def _opened(self) -> IO[bytes]:
        if self.name == PIPE:
            return sys.stdout.buffer
        if is_remote(self.name):
            system, path = remote(self.name)
            self._remote = system.open(path, "wb", autocommit=False)
            opened: IO[bytes] = self._remote
            return opened
        self._target = Path(path_of(self.name)).resolve()
        if self._target.exists() and not self._target.is_file():  # a device or a named pipe
            return self._target.open("wb")
        self._partial = self._target.with_name(f".{self._target.name}.{os.getpid()}.partial")
        return io.BufferedWriter(io.FileIO(self._partial, "w"), _BUFFER_BYTES)

    def _failure(self, error: Exception) -> UserError:
        reason = getattr(error, "strerror", None) or error
        return UserError(f"{self.name} can't be written: {reason}")
