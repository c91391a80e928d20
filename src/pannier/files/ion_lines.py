"""Amazon Ion: the lines of an export, or any stream of structs, text or binary.

    $ion_1_0 {Item:{PK:"PRODUCT#1",price:79.5,tags:$dynamodb_SS::["a","b"]}}

Where each line is a whole value, as in exports, a bad one is a failure with its line. In any other
stream nothing tells where the next value begins, so what follows a bad one is not read.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.report import Failure
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

Load = Callable[[bytes], Any]


def read(file: Input, options: ReadOptions) -> Source:
    """The operations in a file of Ion values."""
    load, load_all = _loaders()
    first = file.first_line()
    if not first.startswith(_BINARY) and first.rstrip().endswith(b"}"):
        yield from _lines(file, options, load)
    else:
        yield from _stream(file, options, load_all)


def _lines(file: Input, options: ReadOptions, load: Load) -> Source:
    table, skipping = options.table or "", options.skipping
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
            if skipping.left:
                skipping.left -= 1
                continue
            origin = Origin(file.shown, number, "line")
            try:
                value = load(text)
            except Exception as error:  # the library has many, and lets others pass
                shown = text[:_SHOWN_BYTES_MAX].decode("utf-8", "replace")
                yield unread(table, shown, f"this is not Ion ({error})".strip(), origin)
                continue
            yield operation_of_ion(value, table, origin, text)
    except DamagedError as error:
        yield damage(table, str(error), Origin(file.shown, number + 1, "line"))


def _stream(file: Input, options: ReadOptions, load_all: Callable[[Any], Iterator[Any]]) -> Source:
    table = options.table or ""
    position = 0
    try:
        for value in load_all(JoinedBlocks(file.blocks())):
            position += 1
            yield operation_of_ion(value, table, Origin(file.shown, position), b"")
    except DamagedError as error:
        yield damage(table, str(error), Origin(file.shown, position + 1))
    except Exception as error:  # the library's many again
        reason = f"this is not Ion ({error}); what follows is not read"
        yield damage(table, reason, Origin(file.shown, position + 1))


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
            return Operation(table, Kind.DELETE, item_of_ion(value["Keys"]), origin)
        if len(value) == 1 and isinstance(value.get("Item"), Mapping):
            value = value["Item"]
        return put(table, item_of_ion(value), origin)
    except (ConversionError, RecursionError) as error:
        reason = error.message if isinstance(error, ConversionError) else explain(error)
        shown = text[:_SHOWN_BYTES_MAX].decode("utf-8", "replace")
        return unread(table, shown, reason, origin)


def _loaders() -> tuple[Load, Callable[[Any], Iterator[Any]]]:
    """The library's functions for one value in a text, and for all in a file."""
    try:
        ion = import_module("amazon.ion.simpleion")
    except ImportError:
        raise needs("ion", "amazon.ion") from None
    model = ion.IonPyValueModel
    bare = model.MAY_BE_BARE | model.SYMBOL_AS_TEXT | model.STRUCT_AS_STD_DICT

    def load(text: bytes) -> Any:
        return ion.loads(text, value_model=bare)

    def load_all(file: Any) -> Iterator[Any]:
        values: Iterator[Any] = ion.load(
            file, single_value=False, parse_eagerly=False, value_model=bare
        )
        return values

    return load, load_all
