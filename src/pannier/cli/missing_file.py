"""`--missing FILE` of `get`: the keys that have no item, one a line, to be read again.

A key of the table that `--table` names is DynamoDB JSON: `{"PK":{"S":"a"}}`. A key of another table
is a request that names it: `{"shop":[{"DeleteRequest":{"Key":{"PK":{"S":"a"}}}}]}`. `get` and
`delete` read both.

When a job goes on, the file has as many lines as the journal counts missing keys; what a run that
was killed wrote after them is cut off. So the journal needs no more than that number.
"""

from pathlib import Path
from typing import Final, Self

from pannier.cli.output_file import OutputFile
from pannier.errors import UserError
from pannier.files.compression import kind_of_name
from pannier.files.json_sinks import to_dynamodb_json
from pannier.files.opening import is_remote
from pannier.files.sink import encoded
from pannier.limits import MIB
from pannier.model.attribute_value import Item

_BLOCK_BYTES: Final = MIB


def check_missing(name: str, out: str | None) -> None:
    """Refuse a name that can't be written line by line.

    Raises:
        UserError: what is wrong with it.
    """
    if name == "-" or kind_of_name(name) or is_remote(name):
        raise UserError(
            f"--missing {name}: missing keys are written as plain lines, to a file",
            "Name a file on this machine: --missing missing.jsonl.",
        )
    if out is not None and Path(name).absolute() == Path(out).absolute():
        raise UserError(
            f"--missing and --out are the same file: {name}", "Name two different files."
        )


class MissingFile:
    """The file of keys that have no item.

    Args:
        name: its path.
        table: the table whose keys stand there as they are.
        keep_lines: how many lines an earlier run has written for good; None to begin anew.

    Raises:
        UserError: it can't be written, or what was there is not there any more.
    """

    def __init__(self, name: str, table: str | None, keep_lines: int | None) -> None:
        keep_bytes = None if keep_lines is None else _bytes_of(Path(name), keep_lines)
        self._file = OutputFile(name, keep_bytes)
        self._table = table

    def add(self, key: Item, table: str) -> None:
        """Write a key.

        Raises:
            UserError: the disk is full, or gone.
        """
        line = to_dynamodb_json(key)
        if table != self._table:
            line = b"{" + encoded(table) + b':[{"DeleteRequest":{"Key":' + line + b"}}]}"
        self._file.write(line + b"\n")

    def flush(self) -> None:
        """Leave nothing in a buffer.

        Raises:
            UserError: the disk is full, or gone.
        """
        self._file.flushed()

    def descriptor(self) -> int:
        """To sync it with."""
        return self._file.descriptor()

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._file.__exit__(*error)


def _bytes_of(path: Path, lines: int) -> int:
    """How many bytes the first lines of a file take.

    Raises:
        UserError: it has fewer.
    """
    seen = size_bytes = 0
    try:
        with path.open("rb") as file:
            while seen < lines and (block := file.read(_BLOCK_BYTES)):
                ends = block.count(b"\n")
                if seen + ends < lines:
                    seen += ends
                    size_bytes += len(block)
                    continue
                position = 0
                for _ in range(lines - seen):
                    position = block.index(b"\n", position) + 1
                return size_bytes + position
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}") from None
    if lines:
        raise UserError(
            f"{path} is gone, or shorter than the earlier run has left it",
            "Put it back to go on; or leave --resume out to read everything again.",
        )
    return 0
