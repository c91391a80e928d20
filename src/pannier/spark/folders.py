"""A folder that all processes of a cluster can reach: on a disk they share, or in an object store.

Through pyarrow, which knows `s3://`, `gs://`, `hdfs://` and local paths. Each process has its own
credentials for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pyarrow import ArrowException, fs

from pannier.errors import UserError


def definite(place: str) -> str:
    """A path or URI that means the same in every process.

    Raises:
        UserError: it has credentials in it.
    """
    if "://" not in place:
        return str(Path(place).absolute())
    parts = urlsplit(place)
    if parts.username or parts.password:
        raise UserError(
            f"{parts.scheme}://…@{parts.hostname}: credentials are no part of a place",
            "Leave them out: each process finds its own.",
        )
    return place


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder by a path or URI.

    Attributes:
        place: the path or URI, as `definite` gave it.
    """

    place: str

    @classmethod
    def made(cls, place: str) -> Self:
        """The folder, which is made if it is not there.

        Raises:
            UserError: it can't be.
        """
        folder = cls(definite(place))
        with folder._explained():
            system, path = folder._system()
            system.create_dir(path, recursive=True)
        return folder

    def write(self, name: str, content: bytes) -> None:
        """Write a whole file. It is not seen under its name before it is whole.

        Raises:
            UserError: it can't be written.
        """
        with self.opened(name) as stream:
            stream.write(content)

    @contextmanager
    def opened(self, name: str) -> Iterator[Any]:
        """A file to be written, which gets its name at the end of the block; none if that fails.

        Raises:
            UserError: it can't be written.
        """
        system, path = self._system()
        unfinished = f"{path}/_unfinished-{name}"  # Spark, reading a folder, leaves out `_`
        try:
            with self._explained(), system.open_output_stream(unfinished) as stream:
                yield stream
            with self._explained():
                system.move(unfinished, f"{path}/{name}")
        except BaseException:
            with self._ignored():
                system.delete_file(unfinished)
            raise

    def names(self) -> list[str]:
        """The names of the files in it.

        Raises:
            UserError: they can't be listed.
        """
        with self._explained():
            system, path = self._system()
            selector = fs.FileSelector(path, allow_not_found=True)
            files = system.get_file_info(selector)
            return sorted(each.base_name for each in files if each.type == fs.FileType.File)

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens if it is gone."""
        with self._ignored():
            system, path = self._system()
            system.delete_file(f"{path}/{name}")

    def _system(self) -> tuple[Any, str]:
        if "://" not in self.place:
            return fs.LocalFileSystem(), self.place
        system, path = fs.FileSystem.from_uri(self.place)
        return system, path.rstrip("/")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ArrowException) as error:
            raise UserError(
                f"the folder {self.place} can't be used: {error}",
                "Name another, which all processes of the cluster can reach and write to.",
            ) from None

    @contextmanager
    def _ignored(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ArrowException):
            return


def write_file(place: str, content: bytes) -> None:
    """Write a whole file at a path or URI.

    Raises:
        UserError: it can't be written.
    """
    folder, _, name = definite(place).rpartition("/")
    Folder.made(folder or "/").write(name, content)
