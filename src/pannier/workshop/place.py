"""The workshop's folder, and the note in it by which it is known again.

```
workshop/
  .pannier/                the database, which `pannier` in this folder works on by itself
  .workshop/workshop.json  what was made here: the mark of a workshop
  .workshop/server.json    the server that was started: its process id and addresses
  .workshop/server.log     what it said
  *.json, *.py             the reader's own, and what `pannier workshop files` wrote
```
"""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, Self

import orjson

from pannier.errors import UserError
from pannier.storage.folder import replace_file
from pannier.targets.resolve import DEFAULT_FOLDER

DEFAULT: Final = "workshop"
_NOTES: Final = ".workshop"
_MARK: Final = "workshop.json"


@dataclass
class Record:
    """What the workshop made.

    Attributes:
        made_folder: whether the folder is its own, too, or was there and empty.
        port: where its server was last.
        files: the fingerprints of files that it wrote, by name.
    """

    made_folder: bool
    port: int | None = None
    files: dict[str, str] = field(default_factory=dict)


@dataclass
class Workshop:
    """A workshop's folder."""

    path: Path
    record: Record

    @property
    def notes(self) -> Path:
        """The folder of its notes."""
        return self.path / _NOTES

    @property
    def database(self) -> Path:
        """The folder of its database."""
        return self.path / DEFAULT_FOLDER

    @property
    def server_note(self) -> Path:
        """Where it is written which server was started."""
        return self.notes / "server.json"

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.notes / "server.log"

    @classmethod
    def find(cls, given: Path | None) -> Self:
        """The workshop in a folder; by default in this one, else in `./workshop`.

        Raises:
            UserError: there is none, or its note is damaged.
        """
        found = cls.look(given)
        if found is None:
            where = given or Path(DEFAULT)
            raise UserError(
                f"there is no workshop in {where}",
                f"Set it up with: {start_line(given)}\n"
                "Or name its folder: pannier workshop ... --path FOLDER",
            )
        return found

    @classmethod
    def look(cls, given: Path | None) -> Self | None:
        """As `find`, but None where there is no workshop."""
        places = [given] if given is not None else [Path(), Path(DEFAULT)]
        return next((cls._read(place) for place in places if _mark(place).is_file()), None)

    @classmethod
    def make(cls, given: Path | None) -> Self:
        """The workshop in a folder, which is made if need be.

        Raises:
            UserError: the folder holds something else, or can't be made.
        """
        found = cls.look(given)
        if found is not None:
            return found
        path = given or Path(DEFAULT)
        try:
            made_folder = not path.exists()
            path.mkdir(parents=True, exist_ok=True)
            strangers = sorted(entry.name for entry in path.iterdir())
            if strangers:
                raise UserError(
                    f"{path} is not empty, and no workshop either",
                    "Name another folder with --path; it is made if it is not there "
                    f"(found in this one: {', '.join(strangers[:3])}).",
                )
            (path / _NOTES).mkdir(mode=0o700)  # the console's address is as good as its key
            workshop = cls(path.resolve(), Record(made_folder))
            workshop.save()
        except OSError as error:
            raise UserError(
                f"the workshop can't be set up in {path}: {error.strerror}",
                "Name a folder that can be written: --path FOLDER.",
            ) from None
        return workshop

    def save(self) -> None:
        """Write the record down."""
        replace_file(_mark(self.path), orjson.dumps(asdict(self.record)))

    def note_file(self, name: str, fingerprint: str) -> None:
        """Remember a file that was written."""
        self.record.files[name] = fingerprint
        self.save()

    def shown(self) -> str:
        """The folder as one would type it from here; in it or below, its whole path."""
        shown = os.path.relpath(self.path)
        return str(self.path) if shown.startswith(".") else shown

    @classmethod
    def _read(cls, path: Path) -> Self:
        mark = _mark(path)
        try:
            content = orjson.loads(mark.read_bytes())
            port, files = content["port"], content["files"]
            if not (port is None or isinstance(port, int)) or not isinstance(files, dict):
                raise ValueError
            record = Record(content["made_folder"] is True, port, files)
        except (OSError, ValueError, KeyError, TypeError):
            raise UserError(
                f"{mark} is damaged",
                "Set up another workshop (--path FOLDER), and remove this folder yourself.",
            ) from None
        return cls(path.resolve(), record)


def start_line(given: Path | None) -> str:
    """The command that sets a workshop up in a folder."""
    return "pannier workshop start" + (f" --path {given}" if given is not None else "")


def _mark(path: Path) -> Path:
    return path / _NOTES / _MARK
