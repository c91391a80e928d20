"""`ExpressionAttributeNames` and `ExpressionAttributeValues` of one request.

All expressions of the request share one `Placeholders`, which at the end knows what none of them
used. Rules, in AWS's order (answers of DynamoDB Local; see `messages`):

1. placeholders may stand only beside an expression that can use them (names before values);
2. a map may not be empty; every key is `#` or `:` and letters, digits or underscores, at most 255
   bytes (names before values);
3. every name has 1 to 65,535 bytes; every value is a legal attribute value, and all values with
   their keys have at most 2 MB;
4. after all expressions of the request have been read and bound, each key must have been used.

"Unused" lists keys in the order of a Java hash set of strings, which is what AWS prints.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from pannier.errors import ParameterException, ValidationException
from pannier.expressions import messages
from pannier.expressions.expression_error import ExpressionError
from pannier.limits import ATTRIBUTE_NAME_BYTES_MAX, MIB
from pannier.model.attribute_value import AttributeValue, check_value

_KEY_BYTES_MAX: Final = 255
_VALUES_BYTES_MAX: Final = 2 * MIB
_NAME_KEY: Final = re.compile(r"#[A-Za-z0-9_]+")
_VALUE_KEY: Final = re.compile(r":[A-Za-z0-9_]+")
_NAME_EMPTY: Final = "Empty attribute name"
_NAME_TOO_LONG: Final = "Attribute name is too large, must be less than 65536 bytes"

# The expressions that can use values, in the order in which AWS names them.
_VALUE_EXPRESSIONS: Final = (
    "UpdateExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ConditionExpression",
)


class Placeholders:
    """The names and values that the expressions of one request may use."""

    __slots__ = ("_names", "_used", "_values")

    def __init__(
        self, names: dict[str, str] | None, values: dict[str, AttributeValue] | None
    ) -> None:
        self._names = names
        self._values = values
        self._used: set[str] = set()

    def check(self, expressions_given: Mapping[str, str | None]) -> None:
        """Check the maps themselves, and make the values canonical in place.

        Args:
            expressions_given: each expression parameter of the operation and its text, None where
                the request has none.

        Raises:
            ValidationException: AWS's text for the first rule that is broken.
        """
        names, values = self._names, self._values
        if names is not None and all(text is None for text in expressions_given.values()):
            raise ValidationException(messages.only_with_expressions(messages.NAMES))
        if values is not None:
            kinds = [kind for kind in _VALUE_EXPRESSIONS if kind in expressions_given]
            if all(expressions_given[kind] is None for kind in kinds):
                raise ParameterException(messages.values_without(kinds))
        _check_keys(messages.NAMES, names, _NAME_KEY)
        _check_keys(messages.VALUES, values, _VALUE_KEY)
        for key, name in (names or {}).items():
            _check_name(key, name)
        if sum(_value_size(*each) for each in (values or {}).items()) > _VALUES_BYTES_MAX:
            raise ValidationException(messages.VALUES_SIZE)

    def name(self, token: str) -> str:
        """The attribute name behind a `#name`."""
        if self._names is None or token not in self._names:
            raise ExpressionError(messages.name_undefined(token))
        self._used.add(token)
        return self._names[token]

    def value(self, token: str) -> AttributeValue:
        """The value behind a `:value`."""
        if self._values is None or token not in self._values:
            raise ExpressionError(messages.value_undefined(token))
        self._used.add(token)
        return self._values[token]

    def check_unused(self) -> None:
        """Check that every placeholder was used by an expression.

        Raises:
            ValidationException: it lists those that were not, names before values.
        """
        if len(self._used) == len(self._names or ()) + len(self._values or ()):
            return
        for parameter, declared in ((messages.NAMES, self._names), (messages.VALUES, self._values)):
            unused = [key for key in _in_java_order(declared or ()) if key not in self._used]
            if unused:
                raise ValidationException(messages.unused(parameter, _in_java_order(unused)))


def _check_keys(parameter: str, declared: dict[str, Any] | None, syntax: re.Pattern[str]) -> None:
    if declared is None:
        return
    if not declared:
        raise ValidationException(messages.must_not_be_empty(parameter))
    for key in declared:
        size = len(key.encode(errors="replace"))
        if size > _KEY_BYTES_MAX:
            raise ValidationException(messages.key_too_long(parameter, size))
        if syntax.fullmatch(key) is None:
            raise ValidationException(messages.key_invalid(parameter, key))


def _check_name(key: str, name: str) -> None:
    size = len(name.encode(errors="replace"))
    if size == 0:
        text = _NAME_EMPTY
    elif size > ATTRIBUTE_NAME_BYTES_MAX:
        text = _NAME_TOO_LONG
    else:
        return
    raise ValidationException(messages.value_invalid(messages.NAMES, text, key))


def _value_size(key: str, value: AttributeValue) -> int:
    try:
        return len(key) + check_value(value)
    except ValidationException as error:
        text = messages.value_invalid(messages.VALUES, error.message.removesuffix("."), key)
        raise type(error)(text) from None


def _in_java_order(keys: Collection[str]) -> list[str]:
    buckets = 16
    while len(keys) > buckets * 3 // 4:
        buckets *= 2
    return sorted(keys, key=lambda key: _java_hash(key) % buckets)


def _java_hash(key: str) -> int:
    total = 0
    for character in key:
        total = (total * 31 + ord(character)) & 0xFFFFFFFF
    return total ^ (total >> 16)
