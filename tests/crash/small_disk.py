"""Disks that are full soon, with and without the rights to mount one.

`MountedDisk` is a file system of a few megabytes in memory: the real thing, for those who may
mount. `LimitedFiles` is what anybody can have: the operating system refuses to make a process's
files larger than so many bytes, and tells it so in the middle of a write. Room is made later.
"""

import ctypes
import ctypes.util
import os
import resource
from pathlib import Path
from typing import Protocol

MIB = 1024 * 1024
_DETACH = 2  # umount2's MNT_DETACH: gone at once, whoever has a file open there
_REMOUNT = 32  # mount's MS_REMOUNT


class SmallDisk(Protocol):
    """A place where little fits.

    Attributes:
        folder: the place.
        advice: what a server says that it needs.
        goes_on: whether a server goes on by itself once there is room.
    """

    folder: Path
    advice: str
    goes_on: bool

    def confine(self, process_id: int = 0) -> None:
        """Let a process write to it, until it is full."""

    def make_room(self, process_id: int) -> None:
        """Let much more fit."""

    def remove(self) -> None:
        """Take it away."""


class MountedDisk:
    """A tmpfs; `PermissionError` where that may not be mounted."""

    advice = "Make room; seconds later writes go on"
    goes_on = True

    def __init__(self, folder: Path, size_bytes: int) -> None:
        self.folder = folder
        folder.mkdir()
        _mount(folder, size_bytes, 0)

    def confine(self, process_id: int = 0) -> None:
        """It is small for everybody."""

    def make_room(self, process_id: int) -> None:
        """Mount it again, with more."""
        _mount(self.folder, 256 * MIB, _REMOUNT)

    def remove(self) -> None:
        """Unmount it."""
        _checked(_libc().umount2(os.fsencode(self.folder), _DETACH))


class LimitedFiles:
    """A limit to the size of each file that one process writes."""

    advice = "then open the database again"
    goes_on = False

    def __init__(self, folder: Path, size_bytes: int) -> None:
        self.folder = folder
        folder.mkdir()
        self._size_bytes = size_bytes

    def confine(self, process_id: int = 0) -> None:
        """Set the limit; the process may raise it again, so the hard one stays."""
        resource.prlimit(
            process_id, resource.RLIMIT_FSIZE, (self._size_bytes, resource.RLIM_INFINITY)
        )

    def make_room(self, process_id: int) -> None:
        """Lift the limit."""
        resource.prlimit(
            process_id, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        )

    def remove(self) -> None:
        """There is nothing to take away."""


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)


def _mount(folder: Path, size_bytes: int, flags: int) -> None:
    options = f"size={size_bytes}".encode()
    _checked(_libc().mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options))


def _checked(status: int) -> None:
    if status:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
