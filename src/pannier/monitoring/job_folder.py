"""Where jobs leave word of how they do: a folder of the user's own, and of nobody else.

`$XDG_RUNTIME_DIR/pannier/jobs`; where there is no such directory, `pannier-UID/jobs` in the folder
for temporary files. There anybody may have made a folder or a link of that name before us, so it
is used only if it is a folder, ours, and closed to others.
"""

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pannier.errors import UserError

FILE_BYTES_MAX: Final = 1 << 20
_PRIVATE: Final = 0o700
_OTHERS_READ: Final = 0o077
_OTHERS_WRITE: Final = 0o022


def job_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the folder is, or would be. Nothing is made or checked."""
    given = environment.get("XDG_RUNTIME_DIR", "")
    if given and Path(given).is_absolute() and _is_mine(Path(given)):
        return Path(given) / "pannier" / "jobs"
    return Path(tempfile.gettempdir()) / f"pannier-{os.getuid()}" / "jobs"


def open_folder(folder: Path) -> None:
    """Make the folder where it is not, and see to it that it is ours alone.

    Raises:
        UserError: it is somebody else's, no folder, or open to others; the text says what to do.
        OSError: it can't be made.
    """
    for each, closed_to in _folders(folder):
        each.mkdir(mode=_PRIVATE, exist_ok=True)
        _check(each, closed_to)


def check_folder(folder: Path) -> bool:
    """Whether the folder is there; raises as `open_folder` where it is not ours."""
    for each, closed_to in _folders(folder):
        if not os.path.lexists(each):
            return False
        _check(each, closed_to)
    return True


def read_file(path: Path) -> bytes | None:
    """A file of the folder; None if it is gone, a link, not ours, or too large to be a status."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        found = os.fstat(file)
        is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid()
        if not is_ours or found.st_size > FILE_BYTES_MAX:
            return None
        return os.read(file, FILE_BYTES_MAX)
    finally:
        os.close(file)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that readers see the old or the new one. It need not outlive a crash."""
    fresh = path.with_suffix(".tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(fresh, flags, 0o600), "wb") as file:  # noqa: PTH123
        file.write(content)
    fresh.replace(path)


def _folders(folder: Path) -> tuple[tuple[Path, int], tuple[Path, int]]:
    """The folder and the one it is in; with what others must not do there."""
    return (folder.parent, _OTHERS_WRITE), (folder, _OTHERS_READ)


def _check(folder: Path, closed_to: int) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise UserError(
            f"{folder}, where jobs leave word of how they do, is not a folder of yours",
            "Remove it, or set XDG_RUNTIME_DIR to a folder that is yours alone.",
        )
    if found.st_mode & closed_to:
        raise UserError(
            f"{folder}, where jobs leave word of how they do, is open to others",
            f"Close it: chmod 700 {folder}",
        )


def _is_mine(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
