"""Amazon Ion: the lines of an export, or any stream of structs, text or binary.

    $ion_1_0 {Item:{PK:"PRODUCT#1",price:79.5,tags:$dynamodb_SS::["a","b"]}}

Where each line is a whole value, as in exports, a bad one is a failure with its line. In any other
stream nothing tells where the next value begins, so what follows a bad one is not read.
"""

import codecs
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.files.compression import DamagedError
from pannier.files.formats import needs
from pannier.files.inputs import LINE_BYTES_MAX, LINE_TOO_LONG, Input
from pannier.files.ion_items import MARKER, item_of_ion
from pannier.files.joined import JoinedBlocks
from pannier.files.json_text import explain
from pannier.files.source import ReadOptions, Source, damage, put, unread
from pannier.model.plain import ConversionError

_BINARY: Final = b"\xe0\x01\x00\xea"
_SHOWN_BYTES_MAX: Final = 4096

Load = Callable[[bytes], list[Any]]


def read(file: Input, options: ReadOptions) -> Source:
    """The operations in a file of Ion values."""
    first = file.first_line()
    binary = first.startswith(_BINARY)
    load, load_all = _loaders(binary=binary)
    if not binary and first.rstrip().endswith(b"}"):
        yield from _lines(file, options, load)
    else:
        yield from _stream(file, options, load_all)


def _lines(file: Input, options: ReadOptions, load: Load) -> Source:
    table = options.table or ""
    number = 0
    try:
        for line in file.lines():
            number += 1
            text = line.strip()
            if len(line) >= LINE_BYTES_MAX:
                shown = text[:_SHOWN_BYTES_MAX].decode("utf-8", "replace")
                yield unread(table, shown, LINE_TOO_LONG, Origin(file.shown, number, "line"))
                continue
            if not text or text == MARKER:
                continue
            origin = Origin(file.shown, number, "line")
            try:
                values = load(text)
            except Exception as error:  # the library has many, and lets others pass
                shown = text[:_SHOWN_BYTES_MAX].decode("utf-8", "replace")
                reason = explain(error) if isinstance(error, UnicodeDecodeError) else error
                yield unread(table, shown, f"this is not Ion ({reason})", origin)
                continue
            for value in values:  # one, but that is only custom
                yield operation_of_ion(value, table, origin, text)
    except DamagedError as error:
        yield damage(table, str(error), Origin(file.shown, number + 1, "line"))


def _stream(file: Input, options: ReadOptions, load_all: Callable[[Any], Iterator[Any]]) -> Source:
    table = options.table or ""
    position = 0
    try:
        with _opened(file) as opened:
            for value in load_all(opened):
                position += 1
                yield operation_of_ion(value, table, Origin(file.shown, position), b"")
    except DamagedError as error:
        yield damage(table, str(error), Origin(file.shown, position + 1))
    except UserError:
        raise
    except Exception as error:  # the library's many again
        reason = f"this is not Ion ({error}); what follows is not read"
        yield damage(table, reason, Origin(file.shown, position + 1))


def _checked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of a text, up to what is no UTF-8, which would end the process inside the library."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in blocks:
        decoder.decode(block)
        yield block
    decoder.decode(b"", final=True)


@contextmanager
def _opened(file: Input) -> Iterator[Any]:
    """A stream as its reader needs it: that of binary streams jumps about."""
    if not file.first_line().startswith(_BINARY):
        yield JoinedBlocks(_checked(file.blocks()))
        return
    with file.random_access() as place:
        if isinstance(place, str):
            with Path(place).open("rb") as opened:
                yield opened
        else:
            yield place


def operation_of_ion(value: Any, table: str, origin: Origin, text: bytes) -> Operation | Failure:
    """What a value asks for: an item, or a change of an incremental export (`{Record:{...}}`)."""
    try:
        if not isinstance(value, Mapping):
            raise ConversionError("an item must be a struct")
        if len(value) == 1 and isinstance(value.get("Record"), Mapping):
            value = value["Record"]
        if "Keys" in value and ("Metadata" in value or "NewImage" in value):
            if "NewImage" in value:
                return put(table, item_of_ion(value["NewImage"]), origin)
            return Operation(table, Kind.DELETE, item_of_ion(value["Keys"]), origin, is_own=True)
        if len(value) == 1 and isinstance(value.get("Item"), Mapping):
            value = value["Item"]
        return put(table, item_of_ion(value), origin)
    except (ConversionError, RecursionError) as error:
        reason = error.message if isinstance(error, ConversionError) else explain(error)
        shown = text[:_SHOWN_BYTES_MAX].decode("utf-8", "replace")
        return unread(table, shown, reason, origin)


def _loaders(*, binary: bool) -> tuple[Load, Callable[[Any], Iterator[Any]]]:
    """The library's functions for the values in a text, and for those in a file.

    Its reader in C never returns from some binary streams that are damaged; that in Python is slow,
    but does.
    """
    try:
        ion = import_module("amazon.ion.simpleion")
    except ImportError:
        raise needs("ion", "amazon.ion") from None
    model = ion.IonPyValueModel
    options = {
        "single_value": False,
        "text_buffer_size_limit": LINE_BYTES_MAX,  # its own is 4 KiB for a text
        "value_model": model.MAY_BE_BARE | model.SYMBOL_AS_TEXT | model.STRUCT_AS_STD_DICT,
    }

    def load(text: bytes) -> list[Any]:
        text.decode()  # what is no UTF-8 ends the process inside the library
        values: list[Any] = ion.loads(text, **options)
        return values

    def load_all(file: Any) -> Iterator[Any]:
        if binary:
            found = ion.load_python(file, single_value=False, parse_eagerly=False)
        else:
            found = ion.load(file, parse_eagerly=False, **options)
        values: Iterator[Any] = found
        return values

    return load, load_all
