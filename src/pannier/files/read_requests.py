"""What `get` reads: request JSON as `aws dynamodb batch-get-item` takes it, or keys in any format.

Request JSON is `{"TABLE": {"Keys": [...], "ProjectionExpression": ..., "ConsistentRead": ...}}`,
any number of tables, keys and documents, also inside `{"RequestItems": ...}`. Keys need a table to
be named.

A request is checked as a whole before anything is read. One that is larger than the API itself
would take is read twice: once for its options, which may stand behind the keys, and once for the
keys.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, Any, Final

from pannier.batch.operation import Origin
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Failure
from pannier.files import formats
from pannier.files.compression import DamagedError
from pannier.files.inputs import Input, opened_input
from pannier.files.json_lists import BadValue, elements
from pannier.files.json_scanner import JsonStructureError, Scanner
from pannier.files.json_text import decode_documents, explain
from pannier.files.opening import FileError, is_folder
from pannier.files.reading import Keys, check, read_item_keys
from pannier.files.source import ReadOptions, damage, unread
from pannier.files.spool import no_room
from pannier.limits import MIB, REQUEST_BYTES_MAX

_SHAPE: Final = 'It should look like {"TABLE": {"Keys": [{"PK": {"S": "..."}}]}}'
_OBJECT = ord("{")
_BLOCK_BYTES: Final = MIB
_DEFAULTS: Final = ReadOptions()


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


# What may stand beside the keys: a check, and what it asks for.
_OPTIONS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "ProjectionExpression": (lambda value: isinstance(value, str), "a text"),
    "ExpressionAttributeNames": (
        lambda value: isinstance(value, dict) and _are_texts(value.values()),
        "an object of names",
    ),
    "ConsistentRead": (lambda value: isinstance(value, bool), "true or false"),
    "AttributesToGet": (
        lambda value: isinstance(value, list) and _are_texts(value),
        "a list of names",
    ),
}


@dataclass(slots=True)
class ReadSource:
    """Keys, and how their tables are read.

    Attributes:
        keys: in order, with a `Failure` for each record that is none.
        tables: options that a request file gives for its tables.
    """

    keys: Keys
    tables: dict[str, TableOptions] = field(default_factory=dict)


def read_keys(name: str, options: ReadOptions = _DEFAULTS) -> ReadSource:
    """The keys in a file.

    Args:
        name: a path, an address, or `-` for a pipe.
        options: how it is read. Without a table the file must be a request, or an export.

    Raises:
        FileError: there is no such file, or it is wrong as a whole.
    """
    if options.table is not None or options.format == "export" or is_folder(name):
        if is_folder(name):
            check(name)
        return ReadSource(read_item_keys(name, options))
    with opened_input(name) as file:
        try:
            if not formats.names_tables(formats.detect(file)):
                raise FileError(
                    f"{file.shown} does not say where its keys belong",
                    "Name a table: --table NAME.",
                )
            return _of_request(file)
        except DamagedError as error:
            raise FileError(f"{file.shown}: {error}", "Fetch or write the file again.") from None


def keys_of_request(value: Any, source: str) -> ReadSource:
    """The keys in a decoded request.

    Raises:
        FileError: it is no read request.
    """
    tables: dict[str, TableOptions] = {}
    keys: list[Key | Failure] = []
    _add_request(value, source, None, tables, keys)
    return ReadSource(iter(keys), tables)


def _of_request(file: Input) -> ReadSource:
    blocks = file.blocks()
    content = b""
    for block in blocks:
        content += block
        if len(content) > REQUEST_BYTES_MAX:
            return _of_large(content, blocks, file.shown)
    source = ReadSource(iter(()))
    keys: list[Key | Failure] = []
    for value, line in _documents(content, file.shown):
        _add_request(value, file.shown, line, source.tables, keys)
    source.keys = iter(keys)
    return source


def _documents(content: bytes, source: str) -> list[tuple[Any, int]]:
    if not content.strip():
        raise FileError(f"{source} is empty", "Write a JSON document into it.")
    try:
        return decode_documents(content)
    except json.JSONDecodeError as error:
        start = max(0, error.pos - 30)
        near = " ".join(error.doc[start : error.pos + 30].split()) or "the end of the file"
        raise FileError(
            f"{source}, line {error.lineno}, column {error.colno}: "
            f"this is not JSON ({error.msg[0].lower()}{error.msg[1:]})",
            f"Near: {near}",
        ) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"{source}, line {line}: not UTF-8 text", "Save the file as UTF-8."
        ) from None
    except RecursionError:
        raise FileError(f"{source}: it is nested too deeply") from None
    except ValueError as error:
        raise FileError(f"{source}: {explain(error)}") from None


def _add_request(
    value: Any,
    source: str,
    line: int | None,
    tables: dict[str, TableOptions],
    keys: list[Key | Failure],
) -> None:
    requests = value.get("RequestItems", value) if isinstance(value, dict) else None
    if not isinstance(requests, dict) or not requests:
        raise FileError(f"{source} is JSON, but no read request", _SHAPE)
    for table, request in requests.items():
        if isinstance(request, list):
            raise _write_request(source)
        if not isinstance(request, dict) or not isinstance(request.get("Keys"), list):
            raise _no_keys(source, table)
        _add_options(request, table, source, tables)
        for position, key in enumerate(request["Keys"], start=1):
            keys.append(_key(key, table, Origin(source, position, "key", line)))


def _key(key: Any, table: str, origin: Origin) -> Key | Failure:
    if isinstance(key, dict):
        return Key(table, key, origin)
    if isinstance(key, BadValue):
        return unread(table, key.text, key.reason, origin)
    return unread(table, key, "a key must be an object", origin)


# Options of a table


def _add_options(
    request: dict[str, Any], table: str, source: str, tables: dict[str, TableOptions]
) -> None:
    unknown = set(request) - _OPTIONS.keys() - {"Keys"}
    if unknown:
        raise FileError(f"{source}: {table} has an unknown member {min(unknown)}", _SHAPE)
    options = _options(request, f"{source}: {table}")
    if tables.setdefault(table, options) != options:
        raise FileError(
            f"{source} asks for {table} in two different ways",
            "Put the requests into two files: a projection is for all keys of a table.",
        )


def _options(request: dict[str, Any], place: str) -> TableOptions:
    for member, (fits, shape) in _OPTIONS.items():
        value = request.get(member)
        if value is not None and not fits(value):
            raise FileError(f"{place}: {member} must be {shape}")
    return TableOptions(_projection(request, place), request.get("ConsistentRead") is True)


def _projection(request: dict[str, Any], place: str) -> Projection:
    expression = request.get("ProjectionExpression")
    attributes = request.get("AttributesToGet")
    if not attributes:
        return Projection(expression, request.get("ExpressionAttributeNames"))
    if expression is not None:
        raise FileError(f"{place} has both a ProjectionExpression and AttributesToGet")
    names = {f"#a{n}": name for n, name in enumerate(attributes)}
    return Projection(", ".join(names), names)


# Requests of any size


def _of_large(beginning: bytes, rest: Iterator[bytes], source: str) -> ReadSource:
    with ExitStack() as opened:
        copy: IO[bytes] = opened.enter_context(tempfile.TemporaryFile(prefix="pannier-"))
        try:
            copy.write(beginning)
            for block in rest:
                copy.write(block)
            copy.flush()
        except OSError as error:
            raise no_room(error) from None
        tables = _options_of_large(copy, source)
        opened.pop_all()  # closed with the last key, or by the garbage collector
    return ReadSource(_large_keys(copy, source), tables)


def _options_of_large(copy: IO[bytes], source: str) -> dict[str, TableOptions]:
    tables: dict[str, TableOptions] = {}
    scanner = Scanner(_blocks(copy))
    try:
        for table in _tables(scanner, source):
            _add_options(_beside_keys(scanner, table, source), table, source, tables)
    except JsonStructureError as error:
        raise FileError(f"{source}, {error.reason}", f"Near: {scanner.near}") from None
    return tables


def _large_keys(copy: IO[bytes], source: str) -> Keys:
    with copy:
        scanner = Scanner(_blocks(copy))
        for table in _tables(scanner, source):
            for member in scanner.members():
                if member != "Keys":
                    scanner.skip_value()
                    continue
                position = 0
                try:
                    for some in elements(scanner):
                        for key in some.values:
                            position += 1
                            yield _key(key, table, Origin(source, position, "key"))
                except JsonStructureError as error:
                    yield damage(table, error.reason, Origin(source, position + 1, "key"))
                    return


def _tables(scanner: Scanner, source: str) -> Iterator[str]:
    """The tables of all documents; after each, its request must be gone past."""
    while scanner.peek() is not None:
        for name in scanner.members():
            character = scanner.peek()
            if character == ord("["):
                raise _write_request(source)
            if character != _OBJECT:
                raise _no_keys(source, name)
            if name == "RequestItems":
                yield from scanner.members()
            else:
                yield name


def _beside_keys(scanner: Scanner, table: str, source: str) -> dict[str, Any]:
    """What stands beside the keys of a table, which are gone past unseen."""
    request: dict[str, Any] = {}
    for member in scanner.members():
        if member == "Keys":
            request[member] = None
            scanner.skip_value()
            continue
        request[member] = scanner.value()
    if "Keys" not in request:
        raise _no_keys(source, table)
    return request


def _blocks(copy: IO[bytes]) -> Iterator[bytes]:
    copy.seek(0)
    return iter(lambda: copy.read(_BLOCK_BYTES), b"")


def _write_request(source: str) -> FileError:
    return FileError(f"{source} is a write request", f"Write it with: pannier write {source}")


def _no_keys(source: str, table: str) -> FileError:
    return FileError(
        f"{source}: {table} has no list of Keys",
        f"{_SHAPE}; for a file of keys, add --table NAME.",
    )
