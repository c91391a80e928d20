"""An uploaded file as text for the editor, whatever format it has."""

import io
from typing import Final

from pannier.batch.operation import Kind, Operation
from pannier.console.pages.batch.downloads import line
from pannier.console.pages.batch.drafts import TEXT_BYTES_MAX
from pannier.errors import UserError
from pannier.files import compression, formats
from pannier.files.compression import DamagedError
from pannier.files.inputs import Input
from pannier.files.opening import FileError
from pannier.files.source import ReadOptions
from pannier.limits import KIB

UPLOAD_BYTES_MAX: Final = TEXT_BYTES_MAX
_TEXTS: Final = frozenset({"json", "jsonl", "csv", "tsv"})
_SOMEWHERE: Final = "table"  # for files that are read only to be written as items


def text_of(content: bytes, name: str, table: str | None) -> tuple[str, str]:
    """A file's text, and the name by which its format is known from then on.

    Text stays as it is. Compressed files are unpacked; formats that are no text (Parquet, Arrow,
    Ion) become DynamoDB JSON, one item a line.

    Args:
        content: of the file.
        name: of the file.
        table: where items go, if that was said.

    Raises:
        FileError: it can't be read.
        UserError: it is too large for the editor.
    """
    try:
        kind = compression.kind_of(content[: compression.MAGIC_BYTES_MAX])
        if kind:
            with compression.reader(io.BytesIO(content), kind) as packed:
                content = packed.read(TEXT_BYTES_MAX + 1)
            name = compression.without_ending(name)
        if len(content) > TEXT_BYTES_MAX:
            raise too_large(len(content))
        file = Input(name, io.BytesIO(content))
        format_name = formats.detect(file)
        if format_name not in _TEXTS:
            content = _as_lines(file, format_name, table)
            name = f"{name}.jsonl"
    except (DamagedError, FileError) as error:
        raise FileError(f"{name}: {error}") from None
    if len(content) > TEXT_BYTES_MAX:
        raise too_large(len(content))
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n"), name
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"{name}, line {number}: not UTF-8 text", "Save the file as UTF-8."
        ) from None


def _as_lines(file: Input, format_name: str, table: str | None) -> bytes:
    lines = []
    for element in formats.reader_of(format_name)(file, ReadOptions(table or _SOMEWHERE)):
        if not isinstance(element, Operation) or element.kind is not Kind.PUT:
            raise FileError(getattr(element, "reason", "it holds more than items"))
        lines.append(line({"Item": element.attributes}))
    return b"".join(lines)


def too_large(size_bytes: int) -> UserError:
    """What to say of a text that the editor does not take."""
    what = f"this has {size_bytes // KIB:,} KB, and" if size_bytes else "this file is too large:"
    return UserError(
        f"{what} the editor takes {TEXT_BYTES_MAX // KIB} KB",
        "The command line takes files of any size: pannier write FILE, or pannier get FILE.",
    )
