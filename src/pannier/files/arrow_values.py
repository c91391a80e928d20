"""Columns of Arrow as DynamoDB values.

| Arrow | DynamoDB |
|---|---|
| string, dictionary of strings, uuid | S |
| integers, floats, decimals | N; a float by its shortest text that reads back the same |
| bool | BOOL |
| binary of any kind | B |
| timestamp, date, time | S, ISO 8601; the fraction of a second has no digits, six, or nine |
| list of any kind | L |
| struct, map | M |
| null | what `--empty` says; in a list NULL |
| duration, interval | none: `ConversionError` |

It goes in two steps. First the leaves of a whole column become texts, in Arrow's own loops:
numbers, times. Then Python makes values of them, with a function that is composed once a column.
Building the text of DynamoDB JSON in Arrow, to be parsed at once, was measured too and is slower.

Files that Pannier wrote carry hints (`arrow_schema`) for what Arrow has no type for.
"""

import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from pannier.errors import ValidationException
from pannier.model.attribute_value import AttributeValue
from pannier.model.number import measure
from pannier.model.plain import ConversionError

Tag = Callable[[Any], AttributeValue]
Hints = Mapping[str, Any]

_UUID: Final = "arrow.uuid"
_BOOL8: Final = "arrow.bool8"
# Names in the hints of a column.
IS, NULL, FIELDS, ELEMENT = "is", "null", "fields", "element"


def simplified(array: pa.Array) -> pa.Array:
    """A column in which only texts, binaries, booleans, lists and structs are left.

    Numbers are texts then, not always canonical; times are ISO 8601.

    Raises:
        ConversionError: its type has no DynamoDB form.
    """
    if array.offset and pa.types.is_nested(array.type):
        array = pa.concat_arrays([array, array.slice(0, 0)])  # a copy that begins at its own start
    kind = array.type
    types = pa.types
    if types.is_integer(kind):
        return pc.cast(array, pa.string())
    if types.is_floating(kind):
        return _float_texts(array)
    if types.is_decimal(kind):
        return _decimal_texts(array)
    if types.is_timestamp(kind) or types.is_time(kind):
        return _time_texts(array)
    if types.is_date(kind):
        return pc.cast(array, pa.string())
    if types.is_dictionary(kind):
        return simplified(_copyable(array.dictionary)).take(array.indices)
    if types.is_run_end_encoded(kind):
        return simplified(pc.run_end_decode(array))
    if isinstance(array, pa.ExtensionArray):
        if kind.extension_name == _BOOL8:
            return pc.cast(array.storage, pa.bool_())
        if kind.extension_name == _UUID:
            texts = [each and str(uuid.UUID(bytes=each)) for each in array.storage.to_pylist()]
            return pa.array(texts, pa.string())
        return simplified(array.storage)
    if types.is_map(kind):
        return _entries(array)
    if types.is_struct(kind):
        return _struct(array)
    if _is_list(kind):
        return _list(array)
    if _is_text(kind) or _is_binary(kind) or types.is_boolean(kind) or types.is_null(kind):
        return array
    raise ConversionError(
        f"{kind} has no DynamoDB form", "Convert the column to text or numbers, or leave it out."
    )


def tag_of(kind: pa.DataType, hints: Hints, *, nulls: bool) -> Tag:
    """The function that makes a value of what is in a column of a type.

    Args:
        kind: the type as it is in the file.
        hints: of a file that Pannier wrote.
        nulls: whether a null inside a struct or map is NULL; else its name is left out.

    Raises:
        ConversionError: the type has no DynamoDB form.
    """
    marked = _marked(kind, hints)
    if marked is not None:
        return marked
    types = pa.types
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return tag_of(kind.value_type, hints, nulls=nulls)
    if isinstance(kind, pa.BaseExtensionType):
        known: dict[str, Tag] = {_UUID: _text, _BOOL8: _flag}
        name = kind.extension_name
        return known.get(name) or tag_of(kind.storage_type, hints, nulls=nulls)
    if types.is_integer(kind):
        return _canonical_number
    if types.is_floating(kind) or types.is_decimal(kind):
        return _number
    if types.is_boolean(kind):
        return _flag
    if _is_binary(kind):
        return _binary
    if types.is_null(kind):
        return _null
    if types.is_map(kind):
        return _map_tag(tag_of(kind.item_type, hints.get(ELEMENT, {}), nulls=nulls), nulls=nulls)
    if types.is_struct(kind):
        return _struct_tag(kind, hints.get(FIELDS, {}), nulls=nulls)
    if _is_list(kind):
        return _list_tag(tag_of(kind.value_type, hints.get(ELEMENT, {}), nulls=nulls))
    if _is_text(kind) or types.is_temporal(kind):
        return _text
    raise ConversionError(f"{kind} has no DynamoDB form")


def tagged(tag: Tag, values: list[Any]) -> list[AttributeValue]:
    """The values of many: the same as one by one, but quicker where little is to be done."""
    if tag is _text:
        return [{"S": value} for value in values]
    if tag is _canonical_number:
        return [{"N": value} for value in values]
    if tag is _flag:
        return [{"BOOL": value} for value in values]
    return [tag(value) for value in values]


# Leaves to texts


def _float_texts(array: pa.Array) -> pa.Array:
    if pa.types.is_float16(array.type):  # Arrow's text is that of the wider float
        shortest = [str(each).removesuffix(".0") for each in array.to_numpy(zero_copy_only=False)]
        return pa.array(shortest, pa.string(), mask=array.is_null().to_numpy(zero_copy_only=False))
    return pc.cast(array, pa.string())


def _decimal_texts(array: pa.Array) -> pa.Array:
    texts = pc.cast(array, pa.string())
    if array.type.scale > 0:
        texts = pc.replace_substring_regex(texts, r"(\.\d*?)0+$", r"\1")
        texts = pc.replace_substring_regex(texts, r"\.$", "")
    return texts


def _time_texts(array: pa.Array) -> pa.Array:
    kind = array.type
    texts = pc.cast(array, pa.string())
    if pa.types.is_timestamp(kind):
        texts = pc.replace_substring(texts, " ", "T", max_replacements=1)
        if kind.tz is not None:
            texts = pc.replace_substring_regex(texts, r"Z$", "+00:00")
            texts = pc.replace_substring_regex(texts, r"([+-]\d\d)(\d\d)$", r"\1:\2")
    if kind.unit == "s":
        return texts
    texts = pc.replace_substring_regex(texts, r"\.0+($|[+-])", r"\1")
    if kind.unit == "ms":
        return pc.replace_substring_regex(texts, r"(\.\d{3})($|[+-])", r"\1000\2")
    if kind.unit == "ns":
        return pc.replace_substring_regex(texts, r"(\.\d{6})000($|[+-])", r"\1\2")
    return texts


def _copyable(array: pa.Array) -> pa.Array:
    """The same in a form that Arrow can take single cells of, which it can't of views."""
    if pa.types.is_string_view(array.type):
        return array.cast(pa.large_string())
    return array.cast(pa.large_binary()) if pa.types.is_binary_view(array.type) else array


def _list(array: pa.Array) -> pa.Array:
    if not isinstance(array, pa.ListArray | pa.LargeListArray):
        array = array.cast(pa.large_list(array.type.value_type))
    inner = simplified(array.values)
    return type(array).from_arrays(array.offsets, inner, mask=array.is_null())


def _struct(array: pa.Array) -> pa.Array:
    kind = array.type
    if kind.num_fields == 0:
        return array
    inner = [simplified(child) for child in array.flatten()]
    fields = [pa.field(kind.field(at).name, each.type) for at, each in enumerate(inner)]
    return pa.StructArray.from_arrays(inner, fields=fields, mask=array.is_null())


def _entries(array: pa.Array) -> pa.Array:
    keys, items = simplified(array.keys), simplified(array.items)
    fields = [pa.field("key", keys.type), pa.field("value", items.type)]
    entries = pa.StructArray.from_arrays([keys, items], fields=fields)
    return pa.ListArray.from_arrays(array.offsets, entries, mask=array.is_null())


# Texts to values


def _text(value: str) -> AttributeValue:
    return {"S": value}


def _flag(value: bool) -> AttributeValue:  # it is a value
    return {"BOOL": value}


def _null(_: object) -> AttributeValue:
    return {"NULL": True}


def _binary(value: bytes) -> AttributeValue:
    return {"B": b64encode(value).decode()}


def _number(text: str) -> AttributeValue:
    # Nearly all are canonical: digits, and perhaps a point that does not begin or end them.
    if text.isdigit() or ("e" not in text and "n" not in text and "E" not in text and text != "-0"):
        return {"N": text}
    try:
        return {"N": measure(text)[0]}
    except ValidationException as error:
        if "numeric value" in error.message:
            raise ConversionError(
                f"{text} has no DynamoDB form", "Replace it by a number, or leave it out."
            ) from None
        raise ConversionError(f"{text}: {error.message}") from None


def _canonical_number(text: str) -> AttributeValue:
    return {"N": text}


def _dynamodb(text: str) -> AttributeValue:
    try:
        value: AttributeValue = orjson.loads(text)
    except ValueError:
        raise ConversionError("a cell is no DynamoDB JSON") from None
    return value


def _set_tag(kind: str, member: Callable[[Any], Any]) -> Tag:
    def tag(members: list[Any]) -> AttributeValue:
        return {kind: [member(each) for each in members]}

    return tag


_SETS: Final = frozenset({"SS", "NS", "BS"})
_TAGS: Final[dict[str, Tag]] = {
    "N": _canonical_number,
    "DYNAMODB": _dynamodb,
    "SS": _set_tag("SS", str),
    "NS": _set_tag("NS", lambda text: _number(text)["N"]),
    "BS": _set_tag("BS", lambda raw: b64encode(raw).decode()),
}


def _marked(kind: pa.DataType, hints: Hints) -> Tag | None:
    """The function for a mark of Pannier's; None where there is none, or it fits no more."""
    mark = hints.get(IS)
    if mark in _SETS:
        return _TAGS[mark] if _is_list(kind) else None
    return _TAGS.get(mark) if _is_text(kind) else None  # type: ignore[arg-type]  # it may be None


def _list_tag(element: Tag) -> Tag:
    def tag(elements: list[Any]) -> AttributeValue:
        return {"L": [{"NULL": True} if each is None else element(each) for each in elements]}

    return tag


def _struct_tag(kind: pa.StructType, hints: Hints, *, nulls: bool) -> Tag:
    fields = []
    for at in range(kind.num_fields):
        field = kind.field(at)
        hint = hints.get(field.name, {})
        fields.append((field.name, tag_of(field.type, hint, nulls=nulls), nulls or NULL in hint))

    def tag(members: dict[str, Any]) -> AttributeValue:
        content: dict[str, AttributeValue] = {}
        for name, inner, null in fields:
            value = members[name]
            if value is not None:
                content[name] = inner(value)
            elif null:
                content[name] = {"NULL": True}
        return {"M": content}

    return tag


def _map_tag(inner: Tag, *, nulls: bool) -> Tag:
    def tag(entries: list[dict[str, Any]]) -> AttributeValue:
        content: dict[str, AttributeValue] = {}
        for entry in entries:
            name, value = entry["key"], entry["value"]
            if not isinstance(name, str):
                raise ConversionError("a key of a map is no text")
            if name in content:
                raise ConversionError(f"a map has the key {name!r} twice")
            if value is not None:
                content[name] = inner(value)
            elif nulls:
                content[name] = {"NULL": True}
        return {"M": content}

    return tag


# Kinds of types


def holds_texts(kind: pa.DataType) -> bool:
    """Whether a column's cells are texts, however they are stored."""
    types = pa.types
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return holds_texts(kind.value_type)
    return _is_text(kind)


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_binary(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    )


def _is_list(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )
