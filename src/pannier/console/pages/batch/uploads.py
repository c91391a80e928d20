"""An uploaded file as text for the editor, whatever format it has."""

import io
import shlex
from typing import Final

from pannier.batch.operation import Kind, Operation
from pannier.console.pages.batch.downloads import line
from pannier.console.pages.batch.drafts import TEXT_BYTES_MAX
from pannier.errors import PannierError
from pannier.files import compression, formats
from pannier.files.compression import DamagedError
from pannier.files.inputs import Input
from pannier.files.opening import FileError
from pannier.files.source import ReadOptions

UPLOAD_BYTES_MAX: Final = TEXT_BYTES_MAX
_TEXTS: Final = frozenset({"json", "jsonl", "csv", "tsv"})
_SOMEWHERE: Final = "table"  # for files that are read only to be written as items


class TooLargeError(PannierError):
    """A text that the editor does not take."""


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
        TooLargeError: it is, for the editor.
    """
    try:
        kind = compression.kind_of(content[: compression.MAGIC_BYTES_MAX])
        if kind:
            with compression.reader(io.BytesIO(content), kind) as packed:
                content = compression.guarded(packed.read, TEXT_BYTES_MAX + 1)
            name = compression.without_ending(name)
        if len(content) > TEXT_BYTES_MAX:
            raise TooLargeError
        file = Input(name, io.BytesIO(content))
        format_name = formats.detect(file)
        if format_name not in _TEXTS:
            content = _as_lines(file, format_name, table)
            name = f"{name}.jsonl"
    except (DamagedError, FileError) as error:
        raise FileError(f"{name}: {error}") from None
    if len(content) > TEXT_BYTES_MAX:
        raise TooLargeError
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


def commands_for(name: str, table: str | None, address: str) -> list[tuple[str, str]]:
    """What does the same on the command line, with a file of any size.

    Args:
        name: of the file.
        table: where items go, if that was said.
        address: of the target.

    Returns:
        What each command does, and the command.
    """
    named = f" --table {shlex.quote(table)}" if table else ""
    rest = f"{shlex.quote(name)}{named} --target {shlex.quote(address)}"
    return [
        ("What it will take", f"pannier plan {rest}"),
        ("Write it", f"pannier write {rest}"),
        ("Read the keys in it", f"pannier get {rest}"),
    ]
