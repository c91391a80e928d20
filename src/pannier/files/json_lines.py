"""JSON lines: one item a line, plain or DynamoDB JSON; or one request, or a record of an export.

    {"PK": "PRODUCT#1", "price": 79.5, "tags": ["a", "b"]}
    {"PK": {"S": "PRODUCT#2"}, "price": {"N": "79.5"}}
    {"PutRequest": {"Item": {"PK": {"S": "PRODUCT#3"}}}}

A bad line is a failure with its number, and the next line is read.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from pannier.batch.operation import Operation, Origin
from pannier.batch.report import Failure
from pannier.files.compression import DamagedError
from pannier.files.inputs import LINE_BYTES_MAX, LINE_TOO_LONG, Input
from pannier.files.json_documents import Documents
from pannier.files.json_records import Records, is_many, may_be_many, no_request
from pannier.files.json_text import decode, explain, place_in, without_bom
from pannier.files.source import Form, ReadOptions, Source, damage, unread

UNIT: Final = "line"
_SHOWN_BYTES_MAX: Final = 4096
_LOOKED_AT_MAX: Final = 10_000
# Names of what may hold several items or requests, also where they may hide in escapes.
_MANY: Final = re.compile(rb'Request|"(?:Items|Responses|DataModel)"|\\u')


def read(file: Input, options: ReadOptions) -> Source:
    """The operations in a file of JSON lines.

    Raises:
        FileError: the first line is an item, and no table is named for it.
    """
    yield from _read(file, options, Records(file.shown, options.table, options.form))


def form_of(file: Input, options: ReadOptions) -> Form:
    """The form of a file's items, by the first of them; `auto` if none is near its beginning.

    Raises:
        FileError: the first line is an item, and no table is named for it.
    """
    records = Records(file.shown, options.table, options.form)
    for _ in islice(_read(file, options, records), _LOOKED_AT_MAX):
        if records.decided:
            break
    return records.form


def _read(file: Input, options: ReadOptions, records: Records) -> Source:
    source, table, skipping = file.shown, options.table, options.skipping
    number = 0
    try:
        for line in file.lines():
            number += 1
            if number == 1:
                line = without_bom(line)
            if table is not None:
                if skipping.left and records.decided and _is_one(line):
                    skipping.left -= 1
                    continue
                element = records.of_line(line, number, UNIT)
                if element is not None:
                    yield element
                    continue
            try:
                value = decode(line)
            except (ValueError, RecursionError) as error:
                if line and not line.isspace():
                    yield unreadable(line, error, Origin(source, number, UNIT), table)
                continue
            if value.__class__ is not dict or may_be_many(value):
                yield from _of_any(value, line, number, records, options)
                continue
            if table is None and number == 1:
                raise no_request(value, source)
            yield records.of_value(value, Origin(source, number, UNIT), None, line)
    except DamagedError as error:
        yield damage(table, str(error), Origin(source, number + 1, UNIT))


def _is_one(line: bytes) -> bool:
    """Whether a line is one element for certain, so that it may be passed by undecoded."""
    return line.startswith(b"{") and _MANY.search(line) is None


def _of_any(
    value: Any, line: bytes, number: int, records: Records, options: ReadOptions
) -> Iterator[Operation | Failure]:
    """What a line holds that is no single object of an item."""
    if isinstance(value, list) or is_many(value, options.table):
        yield from Documents(iter((line,)), records, options.table, number).read()
        return
    if options.table is None and number == 1:
        raise no_request(value, records.source)
    yield records.of_value(value, Origin(records.source, number, UNIT), None, line)


def unreadable(line: bytes, error: Exception, origin: Origin, table: str | None) -> Failure:
    """A line that is no JSON.

    Args:
        line: all of it, or its beginning if it is too long.
        error: what was raised about it.
        origin: its place.
        table: where it would have gone, if that is known.
    """
    try:
        decode(line.rstrip(b"\r\n"))  # what is wrong is not that the line ends here
    except (ValueError, RecursionError) as better:
        error = better
    place = ""
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):  # others know no place
        place = f", column {place_in(line, error)[1] + 1}"
    text = line.strip()[:_SHOWN_BYTES_MAX].decode("utf-8", "replace")
    if len(line) >= LINE_BYTES_MAX:
        return unread(table, text, LINE_TOO_LONG, origin)
    return unread(table, text, explain(error) + place, origin)
