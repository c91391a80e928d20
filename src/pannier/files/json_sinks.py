"""JSON written: one item a line, an array of items, or requests for `batch-write-item`."""

from collections.abc import Callable
from typing import Final

from pannier.files.output import Output
from pannier.files.sink import Sink, encoded
from pannier.limits import MIB
from pannier.model.attribute_value import Item

Encode = Callable[[Item], bytes]

_LINES_KEPT: Final = 500
_BYTES_KEPT: Final = MIB


def to_dynamodb_json(item: Item) -> bytes:
    """An item as DynamoDB JSON.

    Raises:
        UserError: it can't be written as JSON.
    """
    return encoded(item)


class LinesSink(Sink):
    """One item a line."""

    def __init__(self, output: Output, encode: Encode) -> None:
        super().__init__()
        self._output = output
        self._encode = encode
        self._lines: list[bytes] = []
        self._bytes = 0

    def add(self, item: Item, table: str = "") -> None:  # noqa: ARG002, D102
        line = self._encode(item)
        self._lines.append(line)
        self._bytes += len(line)
        if len(self._lines) >= _LINES_KEPT or self._bytes >= _BYTES_KEPT:
            self._flush()

    def close(self) -> None:  # noqa: D102
        self._flush()
        self._output.commit()

    def abort(self) -> None:  # noqa: D102
        self._output.abort()

    def _flush(self) -> None:
        if self._lines:
            self._output.write(b"\n".join(self._lines) + b"\n")
            self._lines.clear()
            self._bytes = 0


class ArraySink(Sink):
    """All items in one array, one a line."""

    def __init__(self, output: Output, encode: Encode) -> None:
        super().__init__()
        self._output = output
        self._encode = encode
        self._separator = b"[\n"

    def add(self, item: Item, table: str = "") -> None:  # noqa: ARG002, D102
        self._output.write(self._separator + self._encode(item))
        self._separator = b",\n"

    def close(self) -> None:  # noqa: D102
        self._output.write(b"[]\n" if self._separator == b"[\n" else b"\n]\n")
        self._output.commit()

    def abort(self) -> None:  # noqa: D102
        self._output.abort()


class RequestSink(Sink):
    """Puts, as the workshop's request JSON. Where the table changes, another document begins."""

    def __init__(self, output: Output, table: str) -> None:
        super().__init__()
        self._output = output
        self._default = table
        self._table: str | None = None

    def add(self, item: Item, table: str = "") -> None:  # noqa: D102
        table = table or self._default
        request = b'{"PutRequest":{"Item":' + encoded(item) + b"}}"
        if table == self._table:
            self._output.write(b",\n" + request)
            return
        end = b"" if self._table is None else b"\n]}\n"
        self._output.write(end + b"{" + encoded(table) + b":[\n" + request)
        self._table = table

    def close(self) -> None:  # noqa: D102
        empty = b"{" + encoded(self._default) + b":[]}\n"
        self._output.write(empty if self._table is None else b"\n]}\n")
        self._output.commit()

    def abort(self) -> None:  # noqa: D102
        self._output.abort()
