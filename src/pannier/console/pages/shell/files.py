"""The files of the folder that the console was started in, and of no other.

Names that lead out of it are refused: absolute ones, `..`, links. So are names that begin with a
dot, behind which databases and settings are, where something would be changed.
"""

import os
import stat
from pathlib import Path, PurePosixPath
from typing import Final

from pannier.errors import UserError

_SHOWN_BYTES_MAX: Final = 1 << 20
_LISTED_MAX: Final = 1000
_INSIDE: Final = "Name a file of the folder that the console was started in."


class Files:
    """Reads and changes files by name.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: str, *, add: bool) -> str:
        """Make a file, or add to it.

        Returns:
            What was done, in words.

        Raises:
            UserError: the name leads out of the folder, or the file can't be written.
        """
        path = self._path(name, change=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            file = os.open(path, flags | (os.O_APPEND if add else os.O_TRUNC), 0o666)
            with open(file, "wb") as opened:  # noqa: PTH123  # a descriptor
                opened.write(content.encode())
        except OSError as error:
            raise _refused(name, "written", error) from None
        lines = content.count("\n")
        return f"{name}: {lines:,} line{'s' * (lines != 1)} {'added' if add else 'written'}\n"

    def read(self, name: str) -> str:
        """A file's text, as far as it can be shown.

        Raises:
            UserError: there is none.
        """
        path = self._path(name)
        try:
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
            with open(file, "rb") as opened:  # noqa: PTH123  # a descriptor
                if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                    raise UserError(f"{name} is no file", "See which there are: ls")
                content = opened.read(_SHOWN_BYTES_MAX + 1)
        except OSError as error:
            raise _refused(name, "read", error) from None
        text = content[:_SHOWN_BYTES_MAX].decode(errors="replace")
        if len(content) > _SHOWN_BYTES_MAX:
            return text + f"\n[{name} is longer: only its first 1 MB is shown]\n"
        return text if text.endswith("\n") or not text else text + "\n"

    def remove(self, name: str) -> None:
        """Remove a file.

        Raises:
            UserError: there is none, or it is none.
        """
        path = self._path(name, change=True)
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                raise UserError(f"{name} is no file, so it stays", "Only files are removed here.")
            path.unlink()
        except OSError as error:
            raise _refused(name, "removed", error) from None

    def listed(self) -> str:
        """The files and folders, one a line, with their sizes."""
        lines = []
        for path in self._entries():
            found = path.lstat()
            is_folder = stat.S_ISDIR(found.st_mode)
            size = "" if is_folder else f"{found.st_size:,}"
            lines.append(f"{size:>14}  {path.name}{'/' * is_folder}\n")
        return "".join(lines) or "no files here\n"

    def names(self) -> list[str]:
        """The names of the files, by name; hidden ones are left out."""
        return [path.name for path in self._entries()]

    def _entries(self) -> list[Path]:
        try:
            found = [path for path in self.folder.iterdir() if not path.name.startswith(".")]
        except OSError as error:
            raise _refused(str(self.folder), "listed", error) from None
        return sorted(found)[:_LISTED_MAX]

    def _path(self, name: str, *, change: bool = False) -> Path:
        parts = PurePosixPath(name).parts
        if not parts or "\0" in name or ".." in parts or name.startswith("/"):
            raise UserError(f"{name!r} is not in this folder", _INSIDE)
        if change and any(part.startswith(".") for part in parts):
            raise UserError(f"{name} is hidden, and not changed here", "Use a terminal for that.")
        path = self.folder
        for part in parts:
            path = path / part
            if path.is_symlink():
                raise UserError(f"{path.relative_to(self.folder)} is a link", _INSIDE)
        return path


def _refused(name: str, done: str, error: OSError) -> UserError:
    return UserError(f"{name} can't be {done}: {error.strerror}", "See which files there are: ls")
