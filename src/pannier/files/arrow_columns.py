"""Items as columns of Arrow, in the layout of `arrow_schema`."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pannier.files.arrow_schema import DYNAMODB, Layout, schema_of
from pannier.files.arrow_values import ELEMENT, FIELDS, IS, Hints
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.number import measure

_Values = Sequence[AttributeValue | None]


def batch_of(items: Sequence[Item], columns: Mapping[str, Layout]) -> pa.RecordBatch:
    """Some items as a batch."""
    schema = schema_of(columns)
    arrays = [
        _array([item.get(name) for item in items], layout.kind, layout.hints)
        for name, layout in columns.items()
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(values: _Values, kind: pa.DataType, hints: Hints) -> pa.Array:
    mark = hints.get(IS)
    if mark == DYNAMODB:
        texts = [None if value is None else orjson.dumps(value).decode() for value in values]
        return pa.array(texts, kind)
    types = pa.types
    if types.is_null(kind):
        return pa.nulls(len(values))
    if mark in ("SS", "NS", "BS"):
        return _lists([None if value is None else value.get(mark) for value in values], kind, mark)
    if types.is_list(kind):
        return _lists(
            [_content(value, "L") for value in values], kind, None, hints.get(ELEMENT, {})
        )
    if types.is_struct(kind):
        return _structs([_content(value, "M") for value in values], kind, hints.get(FIELDS, {}))
    if types.is_boolean(kind):
        return pa.array([_content(value, "BOOL") for value in values], kind)
    if types.is_string(kind) and mark != "N":
        return pa.array([_content(value, "S") for value in values], kind)
    if types.is_binary(kind):
        return _leaves([_content(value, "B") for value in values], kind)
    return _leaves([_content(value, "N") for value in values], kind)


def _leaves(contents: Sequence[str | None], kind: pa.DataType) -> pa.Array:
    """Binaries from base64, numbers from their texts, texts as they are."""
    if pa.types.is_binary(kind):
        raw = [None if content is None else b64decode(content) for content in contents]
        return pa.array(raw, kind)
    if pa.types.is_string(kind):
        return pa.array(contents, kind)
    texts = [
        content if content is None or content.isdigit() else measure(content)[0]
        for content in contents
    ]
    return pc.cast(pa.array(texts, pa.string()), kind)


def _lists(
    lists: Sequence[list[Any] | None],
    kind: pa.ListType,
    mark: str | None,
    hints: Hints | None = None,
) -> pa.Array:
    offsets = [0]
    elements: list[Any] = []
    for each in lists:
        elements += each or ()
        offsets.append(len(elements))
    if mark is not None:
        inner = _leaves(elements, kind.value_type)
    else:
        inner = _array(elements, kind.value_type, hints or {})
    mask = pa.array([each is None for each in lists], pa.bool_())
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), inner, type=kind, mask=mask)


def _structs(maps: Sequence[Item | None], kind: pa.StructType, hints: Hints) -> pa.Array:
    fields = [kind.field(at) for at in range(kind.num_fields)]
    arrays = [
        _array(
            [None if members is None else members.get(field.name) for members in maps],
            field.type,
            hints.get(field.name, {}),
        )
        for field in fields
    ]
    mask = pa.array([members is None for members in maps], pa.bool_())
    return pa.StructArray.from_arrays(arrays, fields=fields, mask=mask)


def _content(value: AttributeValue | None, kind: str) -> Any:
    """What is in a value of one type; None for NULL and for what is absent."""
    return None if value is None else value.get(kind)
