"""The Arrow schema of items: one column for each attribute, with a type that holds all its values.

| values of an attribute | column |
|---|---|
| S, BOOL, B | string, bool, binary |
| N | int64 if all are whole and fit; else a decimal of all digits; else text, marked |
| SS, NS, BS | list of string, number or binary, marked as a set |
| L | list, if all elements are of one type |
| M | struct of all members that occur |
| NULL | null, if the attribute is never absent |
| several types, or NULL and also absent | DynamoDB JSON as text, marked |

Marks stand in the schema's metadata as `pannier`; other programs do not see them, and Pannier's own
reader restores every item exactly by them.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
import pyarrow as pa

from pannier.files.arrow_rows import METADATA
from pannier.files.arrow_values import ELEMENT, FIELDS, IS, NULL
from pannier.files.sink import Numbers
from pannier.limits import NUMBER_DIGITS_MAX
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.number import measure

DYNAMODB: Final = "DYNAMODB"
_FIELDS_MAX: Final = 200  # of a struct; a map with more is a dictionary, not a record
_INT64_DIGITS: Final = 18  # so many always fit
_DECIMAL256_DIGITS: Final = 76
_SETS: Final = {"SS": "S", "NS": "N", "BS": "B"}


class Shape:
    """What the values at one place in all items look like."""

    __slots__ = (
        "count", "element", "fields", "has_names", "kinds", "maps", "scale", "whole_digits",
    )  # fmt: skip

    def __init__(self) -> None:
        self.count = 0
        self.kinds: set[str] = set()
        self.whole_digits = 0
        self.scale = 0
        self.maps = 0
        self.has_names = True  # of a map: whether they are few, as those of a record are
        self.fields: dict[str, Shape] = {}
        self.element: Shape | None = None

    def add(self, value: AttributeValue) -> None:
        """Look at one value."""
        self.count += 1
        ((kind, content),) = value.items()
        self.kinds.add(kind)
        match kind:
            case "N":
                self._add_number(content)
            case "NS":
                for member in content:
                    self._add_number(member)
            case "M":
                if self.has_names:
                    self.add_members(content)
                    if len(self.fields) > _FIELDS_MAX:
                        self.has_names = False
                        self.fields.clear()
            case "L":
                if self.element is None:
                    self.element = Shape()
                for element in content:
                    self.element.add(element)

    def add_members(self, members: Item) -> None:
        """Look at the attributes of an item, or the members of a map."""
        self.maps += 1
        fields = self.fields
        for name, value in members.items():
            shape = fields.get(name)
            if shape is None:
                shape = fields[name] = Shape()
            shape.add(value)

    def add_shape(self, other: "Shape") -> None:
        """Look at the values that another shape has looked at."""
        self.add_items(other)
        if not self.has_names or len(self.fields) > _FIELDS_MAX:
            self.has_names = False
            self.fields.clear()

    def add_items(self, other: "Shape") -> None:
        """The same for shapes of items, which are records however many names they have."""
        self.count += other.count
        self.kinds |= other.kinds
        self.whole_digits = max(self.whole_digits, other.whole_digits)
        self.scale = max(self.scale, other.scale)
        self.maps += other.maps
        self.has_names = self.has_names and other.has_names
        for name, each in other.fields.items():
            self.fields.setdefault(name, Shape()).add_shape(each)
        if other.element is not None:
            self.element = self.element or Shape()
            self.element.add_shape(other.element)

    def _add_number(self, text: str) -> None:
        plain = text if text.isdigit() else measure(text)[0].lstrip("-")
        whole, _, fraction = plain.partition(".")
        self.whole_digits = max(self.whole_digits, len(whole))
        self.scale = max(self.scale, len(fraction))


class Layout:
    """A column's type, and the marks that its values need to come back as they were."""

    __slots__ = ("hints", "kind")

    def __init__(self, kind: pa.DataType, hints: Mapping[str, Any] | None = None) -> None:
        self.kind = kind
        self.hints: Mapping[str, Any] = hints or {}


def layouts(items: Shape, numbers: Numbers) -> dict[str, Layout]:
    """The layout of each attribute, from the shape of all items."""
    return {name: _layout(shape, items.maps, numbers) for name, shape in items.fields.items()}


def schema_of(columns: Mapping[str, Layout]) -> pa.Schema:
    """The schema of some columns, with their marks."""
    fields = [pa.field(name, layout.kind) for name, layout in columns.items()]
    marks = {name: layout.hints for name, layout in columns.items() if layout.hints}
    return pa.schema(fields, {METADATA: orjson.dumps(marks)})


def _layout(shape: Shape, parents: int, numbers: Numbers, *, in_list: bool = False) -> Layout:
    kinds = shape.kinds - {"NULL"}
    null = len(kinds) < len(shape.kinds)
    always = shape.count == parents
    if len(kinds) > 1 or (null and not always and not in_list):
        return _as_json()
    marked = {NULL: True} if null and not in_list else {}
    if not kinds:
        return Layout(pa.null(), marked)
    (kind,) = kinds
    layout = _of_kind(kind, shape, numbers)
    if layout.hints.get(IS) == DYNAMODB:
        return layout
    return Layout(layout.kind, {**layout.hints, **marked})


def _of_kind(kind: str, shape: Shape, numbers: Numbers) -> Layout:
    match kind:
        case "S":
            return Layout(pa.string())
        case "BOOL":
            return Layout(pa.bool_())
        case "B":
            return Layout(pa.binary())
        case "N":
            return _number(shape, numbers)
        case "SS" | "NS" | "BS":
            member = _of_kind(_SETS[kind], shape, "exact")
            return Layout(pa.list_(member.kind), {IS: kind})
        case "L":
            return _list(shape, numbers)
    return _struct(shape, numbers)


def _number(shape: Shape, numbers: Numbers) -> Layout:
    digits = shape.whole_digits + shape.scale
    if not shape.scale and digits <= _INT64_DIGITS:
        return Layout(pa.int64())
    if numbers == "float":
        return Layout(pa.float64())
    if digits <= NUMBER_DIGITS_MAX:
        return Layout(pa.decimal128(NUMBER_DIGITS_MAX, shape.scale))
    if digits <= _DECIMAL256_DIGITS:
        return Layout(pa.decimal256(_DECIMAL256_DIGITS, shape.scale))
    return Layout(pa.string(), {IS: "N"})


def _list(shape: Shape, numbers: Numbers) -> Layout:
    if shape.element is None or not shape.element.count:
        return Layout(pa.list_(pa.string()))
    inner = _layout(shape.element, shape.element.count, numbers, in_list=True)
    return Layout(pa.list_(inner.kind), {ELEMENT: inner.hints} if inner.hints else None)


def _struct(shape: Shape, numbers: Numbers) -> Layout:
    if not shape.fields:  # only empty maps, or a dictionary
        return _as_json()
    inner = {name: _layout(each, shape.maps, numbers) for name, each in shape.fields.items()}
    kind = pa.struct([pa.field(name, layout.kind) for name, layout in inner.items()])
    hints = {name: layout.hints for name, layout in inner.items() if layout.hints}
    return Layout(kind, {FIELDS: hints} if hints else None)


def _as_json() -> Layout:
    return Layout(pa.string(), {IS: DYNAMODB})
