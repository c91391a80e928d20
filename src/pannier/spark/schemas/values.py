"""One DynamoDB value as a value of a Spark column's type.

| column | takes |
|---|---|
| string | S; N as its text, with all digits |
| byte, short, int, long | N that is whole and in range |
| decimal(p, s) | N that has no more digits than that, before and after the point |
| float, double | N, rounded to the nearest; not one beyond their range |
| boolean | BOOL |
| binary | B |
| date | S, `2026-01-31` |
| timestamp | S, ISO 8601: `2026-01-31T08:00:00Z`; without an offset it is UTC |
| timestamp_ntz | S, ISO 8601 without an offset |
| time | S, `08:00:00` |
| array | L; a set of any kind |
| map with string keys | M |
| struct | M; a member that is not there is null, one that the struct does not name is left out |
| string, marked | what its mark says, see `marks` |

NULL is null, as what is absent is. Everything else is a misfit: never rounded, cut or guessed.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final, TypeAlias

import orjson
from pyspark.sql import types as spark

from pannier.errors import UserError, ValidationException
from pannier.files.arrow_schema import DYNAMODB
from pannier.files.arrow_values import ELEMENT, FIELDS, IS, Hints
from pannier.model.attribute_value import AttributeValue
from pannier.model.number import measure

Convert: TypeAlias = Callable[[AttributeValue], Any]
OnMisfit: TypeAlias = "Callable[[Misfit], None] | None"

BITS: Final[Mapping[type[spark.DataType], int]] = {
    spark.ByteType: 8,
    spark.ShortType: 16,
    spark.IntegerType: 32,
    spark.LongType: 64,
}
SETS: Final[Mapping[str, str]] = {"SS": "S", "NS": "N", "BS": "B"}
_FLOAT_LIMIT: Final = Decimal(2) ** 128 - Decimal(2) ** 103  # from here on rounded to infinity
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.(\d{1,6})0*)?)?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_TIME: Final = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d{1,6}0*)?)?", re.ASCII)
_SHOWN: Final = 60  # characters of a value in a message


class Misfit(Exception):  # noqa: N818  # whether it is an error is for the caller to say
    """A value that its column does not take.

    Attributes:
        reason: what it is, and what the column takes.
        path: the members on the way to it, inside of the column.
    """

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def inside(self, step: str) -> "Misfit":
        """The same, seen from one level above."""
        return Misfit(self.reason, step + self.path)


def converter(
    kind: spark.DataType, hints: Hints, *, nullable: bool, on_misfit: OnMisfit = None
) -> Callable[[AttributeValue | None], Any]:
    """The function that makes what a column, a member or an element holds.

    Args:
        kind: of the column.
        hints: its mark.
        nullable: whether it may be null.
        on_misfit: is told what does not fit and becomes null; None if it is to be raised.

    Raises:
        UserError: values of this type can't be read.
    """
    convert = _of_kind(kind, hints, on_misfit)
    keeps_null = hints.get(IS) == DYNAMODB

    def converted(value: AttributeValue | None) -> Any:
        if value is None or ("NULL" in value and not keeps_null):
            if not nullable:
                raise Misfit("nothing is there, and the column takes no null")
            return None
        try:
            return convert(value)
        except Misfit as misfit:
            if on_misfit is None or not nullable:
                raise
            on_misfit(misfit)
            return None

    return converted


def _of_kind(kind: spark.DataType, hints: Hints, on_misfit: OnMisfit) -> Convert:
    name = kind.simpleString()
    if isinstance(kind, spark.StringType):
        return _marked(hints.get(IS)) or _text
    if (bits := BITS.get(type(kind))) is not None:
        return _integer(name, 1 << (bits - 1))
    if isinstance(kind, spark.DecimalType):
        return _decimal(name, kind.precision - kind.scale, kind.scale)
    if isinstance(kind, spark.FloatType | spark.DoubleType):
        return _float(name, None if isinstance(kind, spark.DoubleType) else _FLOAT_LIMIT)
    if isinstance(kind, spark.ArrayType):
        element = converter(
            kind.elementType,
            hints.get(ELEMENT, {}),
            nullable=kind.containsNull,
            on_misfit=on_misfit,
        )
        return _array(name, element)
    if isinstance(kind, spark.MapType) and isinstance(kind.keyType, spark.StringType):
        member = converter(
            kind.valueType,
            hints.get(ELEMENT, {}),
            nullable=kind.valueContainsNull,
            on_misfit=on_misfit,
        )
        return _map(name, member)
    if isinstance(kind, spark.StructType):
        return _struct(kind, hints.get(FIELDS, {}), on_misfit)
    simple = _SIMPLE.get(type(kind))
    if simple is None:
        raise UserError(
            f"a column of type {name} can't be read from DynamoDB",
            "Types that can: string, the integers, decimal, float, double, boolean, binary, date, "
            "timestamp, timestamp_ntz, time, array, map with string keys, struct.",
        )
    return simple


def content(value: AttributeValue, wanted: str, column: str) -> Any:
    """What is in a value of a DynamoDB type.

    Raises:
        Misfit: it is of another.
    """
    found = value.get(wanted)
    if found is None:
        raise Misfit(f"{shown(value)} does not fit {column}, which takes {wanted}")
    return found


def shown(value: AttributeValue) -> str:
    """A value in a message, in DynamoDB's JSON, not too long."""
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


# Leaves


def _text(value: AttributeValue) -> str:
    text: str | None = value.get("S")
    if text is None:
        number = value.get("N")
        if number is None:
            raise Misfit(f"{shown(value)} does not fit string, which takes S, and N as its text")
        return canonical(number)
    return text


def canonical(number: str) -> str:
    """The one text of a number that DynamoDB answers.

    Raises:
        Misfit: it is none.
    """
    try:
        return number if number.isdigit() else measure(number)[0]
    except ValidationException as error:
        raise Misfit(f"{number[:_SHOWN]}: {error.message}") from None


def _integer(column: str, end: int) -> Convert:
    def integer(value: AttributeValue) -> int:
        text = canonical(content(value, "N", column))
        number = int(text) if "." not in text else None
        if number is None or not -end <= number < end:
            raise Misfit(f"{shown(value)} does not fit {column}")
        return number

    return integer


def _decimal(column: str, whole_digits: int, scale: int) -> Convert:
    def decimal(value: AttributeValue) -> Decimal:
        text = canonical(content(value, "N", column))
        whole, _, fraction = text.lstrip("-").partition(".")
        if len(whole.lstrip("0")) > whole_digits or len(fraction) > scale:
            raise Misfit(f"{shown(value)} does not fit {column}")
        return Decimal(text)

    return decimal


def _float(column: str, limit: Decimal | None) -> Convert:
    def number(value: AttributeValue) -> float:
        text = canonical(content(value, "N", column))
        if limit is not None and abs(Decimal(text)) >= limit:
            raise Misfit(f"{shown(value)} does not fit {column}")
        return float(text)

    return number


def _boolean(value: AttributeValue) -> bool:
    return bool(content(value, "BOOL", "boolean"))


def _binary(value: AttributeValue) -> bytes:
    return b64decode(content(value, "B", "binary"))


def _iso(column: str, form: re.Pattern[str], parse: Callable[[str], Any], example: str) -> Convert:
    def converted(value: AttributeValue) -> Any:
        text = content(value, "S", column)
        try:
            if form.fullmatch(text):
                return parse(text)
        except ValueError:
            pass
        raise Misfit(f"{shown(value)} is no {column} such as {example}")

    return converted


def _instant(value: AttributeValue) -> datetime:
    at, _ = _datetime(value, "timestamp")
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise Misfit(f"{shown(value)} is out of the range of timestamp") from None


def _local(value: AttributeValue) -> datetime:
    at, offset = _datetime(value, "timestamp_ntz")
    if offset:
        raise Misfit(f"{shown(value)} has an offset, which timestamp_ntz does not take")
    return at


def _datetime(value: AttributeValue, column: str) -> tuple[datetime, str | None]:
    text = content(value, "S", column)
    match = _INSTANT.fullmatch(text)
    try:
        if match is not None:
            return datetime.fromisoformat(text), match.group(2)
    except ValueError:
        pass
    raise Misfit(f"{shown(value)} is no {column} such as 2026-01-31T08:00:00")


def _void(value: AttributeValue) -> None:
    raise Misfit(f"{shown(value)} does not fit void, which takes NULL")


_TIME_OF_DAY: Final = _iso("time", _TIME, time.fromisoformat, "08:00:00")
_SIMPLE: Final[Mapping[type[spark.DataType], Convert]] = {
    spark.BooleanType: _boolean,
    spark.BinaryType: _binary,
    spark.DateType: _iso("date", _DATE, date.fromisoformat, "2026-01-31"),
    spark.TimestampType: _instant,
    spark.TimestampNTZType: _local,
    spark.NullType: _void,
    **({spark.TimeType: _TIME_OF_DAY} if hasattr(spark, "TimeType") else {}),
}


def _marked(mark: str | None) -> Convert | None:
    if mark == DYNAMODB:
        return lambda value: orjson.dumps(value).decode()
    if mark == "N":
        return lambda value: canonical(content(value, "N", "a string marked N"))
    return None


# What holds others

_Member: TypeAlias = Callable[[AttributeValue | None], Any]


def _array(column: str, element: _Member) -> Convert:
    def array(value: AttributeValue) -> list[Any]:
        ((kind, elements),) = value.items()
        if kind in SETS:
            elements = [{SETS[kind]: each} for each in elements]
        elif kind != "L":
            raise Misfit(f"{shown(value)} does not fit {column}, which takes L, SS, NS and BS")
        made = []
        for position, each in enumerate(elements):
            try:
                made.append(element(each))
            except Misfit as misfit:
                raise misfit.inside(f"[{position}]") from None
        return made

    return array


def _map(column: str, member: _Member) -> Convert:
    def entries(value: AttributeValue) -> list[tuple[str, Any]]:
        made = []
        for name, each in content(value, "M", column).items():
            try:
                made.append((name, member(each)))
            except Misfit as misfit:
                raise misfit.inside(f".{name}") from None
        return made

    return entries


def _struct(kind: spark.StructType, hints: Hints, on_misfit: OnMisfit) -> Convert:
    members = [
        (
            field.name,
            converter(
                field.dataType,
                hints.get(field.name, {}),
                nullable=field.nullable,
                on_misfit=on_misfit,
            ),
        )
        for field in kind.fields
    ]

    def struct(value: AttributeValue) -> dict[str, Any]:
        given = content(value, "M", "struct")
        made = {}
        for name, convert in members:
            try:
                made[name] = convert(given.get(name))
            except Misfit as misfit:
                raise misfit.inside(f".{name}") from None
        return made

    return struct
