"""The types of columns: what a cell's text is in DynamoDB, as `--types price:N,tags:SS` says it.

| type | a cell |
|---|---|
| `S` | any text |
| `N` | a number: `79`, `-0.5`, `1e3` |
| `BOOL` | `true`, `false`, in any case, `1`, `0` |
| `NULL` | whatever it is |
| `B`, `B(hex)` | base64, or hexadecimal digits |
| `SS`, `NS`, `BS` | a JSON array, or members with commas between them; `SS(|)` for another sign |
| `L`, `M` | a JSON array or object, plain; `L(dynamodb)`, `M(dynamodb)` for DynamoDB JSON |
| `JSON` | any plain JSON value |
| `DYNAMODB` | any value in DynamoDB JSON: `{"N": "79"}` |
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson

from pannier.errors import ServiceError, UserError, ValidationException
from pannier.files.json_text import decode, decode_exactly, hides_tiny_numbers
from pannier.files.plain_json import value_to_plain_json
from pannier.model.attribute_value import AttributeValue, check_value
from pannier.model.number import measure
from pannier.model.plain import ConversionError, to_value

_FORMS: Final = {"json", "dynamodb"}
_SETS: Final = {"SS": "S", "NS": "N", "BS": "B"}
_VARIANTS: Final[dict[str, set[str]]] = {"B": {"base64", "hex"}, "L": _FORMS, "M": _FORMS}
NAMES: Final = ("S", "N", "BOOL", "NULL", "B", "SS", "NS", "BS", "L", "M", "JSON", "DYNAMODB")
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_SPELLED: Final = re.compile(r"(?P<name>[A-Z]+)(?:\((?P<variant>[^()]*)\))?")
# Digits that are a number already as DynamoDB writes it; as long as these no check is needed.
_PLAIN_DIGITS_MAX: Final = 38

Cell = Callable[[str], AttributeValue]


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column's type.

    Attributes:
        name: one of `NAMES`.
        variant: how it is spelled in the cells; empty for the usual way.
    """

    name: str
    variant: str = ""

    def __str__(self) -> str:
        return f"{self.name}({self.variant})" if self.variant else self.name

    def reader(self) -> Cell:
        """A function from a cell that is not empty to its value; raises `ConversionError`."""
        match self.name:
            case "S":
                return _text
            case "N":
                return _number
            case "BOOL":
                return _flag
            case "NULL":
                return _null
            case "B":
                return _hexadecimal if self.variant == "hex" else _binary
            case "SS" | "NS" | "BS":
                return _set_reader(self.name, self.variant or ",")
            case "JSON":
                return _json
            case "DYNAMODB":
                return _dynamodb
        return _container_reader(
            self.name, _dynamodb_content if self.variant == "dynamodb" else _json
        )

    def write(self, value: AttributeValue) -> str:
        """A value's cell.

        Raises:
            ConversionError: the value is of another type.
        """
        ((kind, content),) = value.items()
        if self.name == "DYNAMODB":
            return orjson.dumps(value).decode()
        if self.name == "JSON":
            return value_to_plain_json(value).decode()
        if kind != self.name:
            raise ConversionError(f"a {kind} does not fit a column of type {self.name}")
        match kind:
            case "S" | "N":
                text: str = content
                return text
            case "BOOL":
                return "true" if content else "false"
            case "NULL":
                return "null"
            case "B":
                return b64decode(content).hex() if self.variant == "hex" else content
            case "SS" | "NS" | "BS":
                return orjson.dumps(content).decode()
        if self.variant == "dynamodb":
            return orjson.dumps(content).decode()
        return value_to_plain_json(value).decode()


def parse_types(text: str) -> dict[str, ColumnType]:
    """The types of columns as `name:TYPE,name:TYPE(variant)`.

    Raises:
        UserError: it is not written like that.
    """
    types = {}
    for part in _parts(text):
        name, separator, spelled = part.rpartition(":")
        if not separator or not name:
            raise UserError(f"--types: {part!r} names no type", "Write NAME:TYPE,NAME:TYPE.")
        types[name.strip()] = parse_type(spelled.strip())
    return types


def parse_type(spelled: str) -> ColumnType:
    """One type as `TYPE` or `TYPE(variant)`.

    Raises:
        UserError: there is no such type.
    """
    match = _SPELLED.fullmatch(spelled)
    name, variant = (match["name"], match["variant"] or "") if match else ("", "")
    if name not in NAMES:
        raise UserError(f"there is no type {spelled!r}", f"The types are {', '.join(NAMES)}.")
    if variant and name not in _SETS and variant not in _VARIANTS.get(name, ()):
        known = " or ".join(sorted(_VARIANTS.get(name, ()))) or "none"
        raise UserError(f"there is no type {spelled!r}", f"{name} has these variants: {known}.")
    return ColumnType(name, variant)


def header_types(cells: Iterable[str]) -> dict[str, ColumnType] | None:
    """The types in a header such as `PK:S,price:N`; None where any cell has none."""
    types = {}
    for cell in cells:
        name, _, spelled = cell.rpartition(":")
        try:
            types[name] = parse_type(spelled)
        except UserError:
            return None
        if not name:
            return None
    return types


def _parts(text: str) -> list[str]:
    """A text cut at its commas, but not at those in brackets."""
    parts = re.findall(r"(?:[^,()]|\([^()]*\))+", text)
    if not parts:
        raise UserError("--types names no column", "Write NAME:TYPE,NAME:TYPE.")
    return parts


# Cells to values


def _text(cell: str) -> AttributeValue:
    return {"S": cell}


def _number(cell: str) -> AttributeValue:
    if cell.isdigit() and cell.isascii() and cell[0] != "0" and len(cell) <= _PLAIN_DIGITS_MAX:
        return {"N": cell}
    try:
        return {"N": measure(cell.strip())[0]}
    except ValidationException as error:
        if "numeric value" in error.message:
            raise ConversionError("it is no number") from None
        raise ConversionError(error.message) from None


def _flag(cell: str) -> AttributeValue:
    flag = _FLAGS.get(cell.strip().lower())
    if flag is None:
        raise ConversionError("it is neither true nor false")
    return {"BOOL": flag}


def _null(_: str) -> AttributeValue:
    return {"NULL": True}


def _binary(cell: str) -> AttributeValue:
    try:
        return {"B": b64encode(b64decode(cell, validate=True)).decode()}
    except (Base64Error, ValueError):
        raise ConversionError("it is not base64") from None


def _hexadecimal(cell: str) -> AttributeValue:
    try:
        return {"B": b64encode(bytes.fromhex(cell)).decode()}
    except ValueError:
        raise ConversionError("it is not hexadecimal") from None


def _set_reader(kind: str, separator: str) -> Cell:
    member_kind = _SETS[kind]
    member = ColumnType(member_kind).reader()

    def read(cell: str) -> AttributeValue:
        members: list[Any] = _json_value(cell) if cell.startswith("[") else cell.split(separator)
        if not members:
            raise ConversionError("a set must have members")
        return {kind: [member(_member_text(kind, each))[member_kind] for each in members]}

    return read


def _member_text(kind: str, member: Any) -> str:
    """A member of a set that is written as a JSON array, as the text of a cell of its own."""
    if isinstance(member, str):
        return member
    if kind == "NS" and isinstance(member, int | float | Decimal) and not isinstance(member, bool):
        return str(member)
    raise ConversionError(f"a member of the set does not fit a {kind}")


def _json(cell: str) -> AttributeValue:
    return to_value(_json_value(cell))


def _dynamodb(cell: str) -> AttributeValue:
    value = _json_value(cell)
    try:
        check_value(value)
    except ServiceError as error:
        raise ConversionError(f"it is no DynamoDB JSON: {error.message}") from None
    except UnicodeEncodeError:  # half of a surrogate pair
        raise ConversionError("it is no DynamoDB JSON: a text is not valid Unicode") from None
    checked: AttributeValue = value
    return checked


def _dynamodb_content(cell: str) -> AttributeValue:
    """The content of a map or list in DynamoDB JSON, without the `M` or `L` around it."""
    return _dynamodb(f'{{"{"L" if cell.lstrip().startswith("[") else "M"}": {cell}}}')


def _container_reader(kind: str, read_any: Cell) -> Cell:
    def read(cell: str) -> AttributeValue:
        value = read_any(cell)
        if kind not in value:
            shape = "array" if kind == "L" else "object"
            raise ConversionError(f"it is no JSON {shape}")
        return value

    return read


def _json_value(cell: str) -> Any:
    text = cell.encode()
    try:
        return decode_exactly(text) if hides_tiny_numbers(text) else decode(text)
    except (ValueError, RecursionError):
        raise ConversionError("it is not JSON") from None
