"""What Spark compares a column with, in DynamoDB's terms.

Each kind of column has its own form of a value: see the table in `values`, of which this is the way
back. Whatever a column takes and Spark calls equal must meet the condition that is made here.
"""

import math
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from pyspark.sql import types as spark

from pannier.errors import ValidationException
from pannier.files.arrow_schema import DYNAMODB
from pannier.files.arrow_values import FIELDS, IS, Hints
from pannier.model.attribute_value import AttributeValue
from pannier.model.number import measure
from pannier.spark.pushdown.bounds import Bounds, float_bounds, timestamp_bounds
from pannier.spark.pushdown.condition import Condition, Part, Path
from pannier.spark.schemas.values import BITS

_IN_MAX: Final = 100  # Developer Guide, "Comparison operator and function reference"
_BELOW: Final = frozenset({"<", "<="})


class Operand(ABC):
    """A column that is compared.

    Args:
        path: of its attribute.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def compared(self, sign: str, value: Any) -> Condition | None:
        """A condition that everything meets for which Spark's comparison is true.

        Args:
            sign: one of `= < <= > >=`.
            value: as Spark gives it; never None.

        Returns:
            None if nothing can be said.
        """

    def unlike(self, value: Any) -> Condition | None:  # noqa: ARG002
        """A condition that everything meets that is not equal to a value, NULL and nothing too."""
        return None

    def one_of(self, values: Sequence[Any]) -> Condition | None:
        """A condition that everything meets that is equal to one of some values."""
        each = [self.compared("=", value) for value in values[:_IN_MAX]]
        if len(values) > _IN_MAX or not each or None in each:
            return None
        first, *others = [part for part in each if part is not None]
        condition = ["(", *first]
        for other in others:
            condition += [" OR ", *other]
        return [*condition, ")"]

    def constant(self, value: Any) -> AttributeValue | None:  # noqa: ARG002
        """The one DynamoDB value that is equal to a value in Spark; None if there may be more."""
        return None

    def begins(self, text: Any) -> Condition | None:  # noqa: ARG002
        """A condition that everything meets that begins with a text."""
        return None

    def contains(self, text: Any) -> Condition | None:  # noqa: ARG002
        """A condition that everything meets that contains a text."""
        return None

    @property
    def is_null(self) -> Condition:
        """The condition that a column is null, if it is so because of what is in the item."""
        is_null: list[Part] = ["attribute_type(", self.path, ", ", {"S": "NULL"}, ")"]
        return ["(attribute_not_exists(", self.path, ") OR ", *is_null, ")"]

    @property
    def is_there(self) -> Condition:
        """A condition that everything meets that is not null."""
        return ["attribute_exists(", self.path, ")"]


class Exact(Operand):
    """A column with one form for each value, in the same order as DynamoDB's."""

    @abstractmethod
    def value_of(self, value: Any) -> AttributeValue | None:
        """The form; None if it is no value of the column."""

    def constant(self, value: Any) -> AttributeValue | None:  # noqa: D102
        return self.value_of(value)

    def compared(self, sign: str, value: Any) -> Condition | None:  # noqa: D102
        constant = self.value_of(value)
        return None if constant is None else self._or_other([self.path, f" {sign} ", constant])

    def unlike(self, value: Any) -> Condition | None:  # noqa: D102
        constant = self.value_of(value)
        if constant is None:
            return None
        return ["(attribute_not_exists(", self.path, ") OR ", self.path, " <> ", constant, ")"]

    def one_of(self, values: Sequence[Any]) -> Condition | None:  # noqa: D102
        constants = [self.value_of(value) for value in values]
        if not constants or None in constants:
            return None
        if len(constants) > _IN_MAX:
            least, most = self.value_of(min(values)), self.value_of(max(values))
            if least is None or most is None:
                return None
            return self._or_other([self.path, " BETWEEN ", least, " AND ", most])
        condition: list[Any] = [self.path, " IN ("]
        for position, constant in enumerate(constants):
            condition += [", "] if position else []
            condition.append(constant)
        return self._or_other([*condition, ")"])

    def _or_other(self, condition: Condition) -> Condition:
        """The condition, or one that what the column takes of another type meets."""
        return condition


class Text(Exact):
    """A column of strings: S, or N, of which the text can't be compared there."""

    def value_of(self, value: Any) -> AttributeValue | None:  # noqa: D102
        return {"S": value} if isinstance(value, str) else None

    def begins(self, text: Any) -> Condition | None:  # noqa: D102
        constant = self.value_of(text) if text else None
        if constant is None:
            return None
        return self._or_other(["begins_with(", self.path, ", ", constant, ")"])

    def contains(self, text: Any) -> Condition | None:  # noqa: D102
        constant = self.value_of(text) if text else None
        if constant is None:
            return None
        return self._or_other(["contains(", self.path, ", ", constant, ")"])

    def _or_other(self, condition: Condition) -> Condition:
        number: AttributeValue = {"S": "N"}
        return ["(", *condition, " OR attribute_type(", self.path, ", ", number, "))"]


class Exactly(Exact):
    """A column whose values have one form by themselves: whole numbers, decimals, dates, bytes."""

    def __init__(self, path: Path, kind: spark.DataType) -> None:
        super().__init__(path)
        self._kind = kind

    def value_of(self, value: Any) -> AttributeValue | None:  # noqa: D102
        if isinstance(self._kind, spark.BinaryType):
            is_binary = isinstance(value, bytes | bytearray)
            return {"B": b64encode(value).decode()} if is_binary else None
        if isinstance(self._kind, spark.DateType):
            is_date = isinstance(value, date) and not isinstance(value, datetime)
            return {"S": value.isoformat()} if is_date else None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        try:
            return {"N": measure(str(value))[0]}
        except ValidationException:  # nothing that an item could hold
            return None


class Boolean(Exact):
    """A column of booleans, which have no order in DynamoDB."""

    def value_of(self, value: Any) -> AttributeValue | None:  # noqa: D102
        return {"BOOL": value} if isinstance(value, bool) else None

    def compared(self, sign: str, value: Any) -> Condition | None:  # noqa: D102
        return super().compared(sign, value) if sign == "=" else None

    def one_of(self, values: Sequence[Any]) -> Condition | None:  # noqa: D102
        return super().one_of(values) if len(values) <= _IN_MAX else None


class Bounded(Operand):
    """A column of which a value has many forms, all between two: floats and timestamps.

    Attributes:
        type: of its values in DynamoDB.
    """

    def __init__(self, path: Path, kind: spark.DataType) -> None:
        super().__init__(path)
        self._kind = kind
        self.type = "N" if isinstance(kind, spark.FloatType | spark.DoubleType) else "S"

    def compared(self, sign: str, value: Any) -> Condition | None:  # noqa: D102
        bounds = self.bounds(value)
        lower = None if sign in _BELOW else bounds.lower
        upper = bounds.upper if sign in _BELOW or sign == "=" else None
        if lower is not None and upper is not None:
            return [self.path, " BETWEEN ", {self.type: lower}, " AND ", {self.type: upper}]
        if lower is not None:
            return [self.path, " >= ", {self.type: lower}]
        return None if upper is None else [self.path, " <= ", {self.type: upper}]

    def bounds(self, value: Any) -> Bounds:
        """What all forms of a value lie between."""
        if self.type == "N":
            is_finite = isinstance(value, float) and math.isfinite(value)
            is_double = isinstance(self._kind, spark.DoubleType)
            return float_bounds(value, is_double=is_double) if is_finite else Bounds(None, None)
        has_offset = isinstance(self._kind, spark.TimestampType)
        if not isinstance(value, datetime) or (value.tzinfo is None) == has_offset:
            return Bounds(None, None)
        return timestamp_bounds(value, has_offset=has_offset)


class Opaque(Operand):
    """A column of which only its presence is known."""

    def compared(self, sign: str, value: Any) -> Condition | None:  # noqa: ARG002, D102
        return None


class Json(Opaque):
    """A column of DynamoDB JSON, in which NULL is a value like others."""

    @property
    def is_null(self) -> Condition:  # noqa: D102
        return ["attribute_not_exists(", self.path, ")"]


def operand_of(
    schema: spark.StructType, names: tuple[str, ...], hints_of: dict[str, Hints]
) -> Operand | None:
    """The column, or the member of a struct in it, that a filter names.

    Args:
        schema: of the rows.
        names: from the column inwards.
        hints_of: the marks of columns.

    Returns:
        None if there is no such member.
    """
    kind: spark.DataType = schema
    hints: Hints = {FIELDS: hints_of}
    for name in names:
        if not isinstance(kind, spark.StructType) or name not in kind.names:
            return None
        kind, hints = kind[name].dataType, hints.get(FIELDS, {}).get(name, {})
    return _of_kind(Path(names), kind, hints)


def _of_kind(path: Path, kind: spark.DataType, hints: Hints) -> Operand:
    if hints.get(IS) == DYNAMODB:
        return Json(path)
    if IS in hints:
        return Opaque(path)
    if kind == spark.StringType():
        return Text(path)
    if isinstance(kind, spark.BooleanType):
        return Boolean(path)
    if type(kind) in BITS or isinstance(
        kind, spark.DecimalType | spark.BinaryType | spark.DateType
    ):
        return Exactly(path, kind)
    if isinstance(
        kind, spark.FloatType | spark.DoubleType | spark.TimestampType | spark.TimestampNTZType
    ):
        return Bounded(path, kind)
    return Opaque(path)
