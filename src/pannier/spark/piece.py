"""A piece of a file, worth a task, as it travels to the process that reads it: as a text."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import orjson

from pannier.files.column_types import ColumnType
from pannier.files.source import Empty, ReadOptions

Cut = Literal["whole", "lines", "groups", "batches", "exported"]


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """What the manifest of an export says of a data file; see `files.export_manifest.DataFile`."""

    format: str
    items: int | None
    md5: str
    etag: str


@dataclass(frozen=True, slots=True)
class Format:
    """How the file is read; see `files.source.ReadOptions`."""

    table: str | None
    format: str
    types: dict[str, tuple[str, str]]
    empty: Empty
    columns: tuple[str, ...] | None
    delimiter: str

    @classmethod
    def of(cls, options: ReadOptions) -> Self:
        """What of the options can be carried to another process."""
        types = {name: (kind.name, kind.variant) for name, kind in options.types.items()}
        return cls(
            options.table, options.format, types, options.empty, options.columns, options.delimiter
        )

    def options(self) -> ReadOptions:
        """The options again."""
        return ReadOptions(
            table=self.table,
            format=self.format,
            types={name: ColumnType(*kind) for name, kind in self.types.items()},
            empty=self.empty,
            columns=self.columns,
            delimiter=self.delimiter,
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or a part of one.

    Attributes:
        name: of the file, as the user wrote it.
        place: the path or address that means the same in every process.
        how: how it is read.
        cut: how the file was cut.
        start: the first byte, row group or batch of the part, counted from 0.
        end: the one behind the last.
        before: how many rows there are in front, of batches.
        exported: what an export's manifest says of the file.
        is_there: whether it was seen where the pieces were cut.
    """

    name: str
    place: str
    how: Format
    cut: Cut = "whole"
    start: int = 0
    end: int = 0
    before: int = 0
    exported: ExportedFile | None = None
    is_there: bool = True

    def to_text(self) -> str:
        """The piece as a text."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def of_text(cls, text: str) -> Self:
        """The piece of a text."""
        members: dict[str, Any] = orjson.loads(text)
        how = members.pop("how")
        how["columns"] = None if how["columns"] is None else tuple(how["columns"])
        how["types"] = {name: tuple(kind) for name, kind in how["types"].items()}
        exported = members.pop("exported")
        return cls(
            **members,
            how=Format(**how),
            exported=None if exported is None else ExportedFile(**exported),
        )
