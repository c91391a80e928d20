"""Bound trees -> functions of an item.

A filter runs over every item of a page, so each operator becomes a closure over what is known
beforehand: the constant's type, content and order. Nothing is looked up or dispatched per item.

| rule (Developer Guide, "Comparison operator and function reference"; Local's answers) |
|---|
| a path that leads to nothing makes every comparison false but `<>`, which it makes true |
| values of two types are `<>`, and neither smaller nor greater |
| `size`: UTF-16 units of a text, bytes of a binary, members of the rest; nothing for N BOOL NULL |
| `contains`: a part of a text or binary, a member of a set, an equal element of a list |
| `begins_with`: texts with texts, binaries with binaries |
"""

import operator
from binascii import a2b_base64
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

from pannier.expressions.compare import ORDERED_TYPES, PLAIN_TYPES, equal, order_key
from pannier.expressions.paths import step_into
from pannier.expressions.tree import (
    Between,
    Call,
    Comparison,
    Constant,
    Junction,
    Membership,
    Not,
    Operand,
    Path,
    Term,
)
from pannier.model.attribute_value import AttributeValue, Item, type_of

Read: TypeAlias = Callable[[Item], AttributeValue | None]
Test: TypeAlias = Callable[[Item], bool]

_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
FLIPPED: Final = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compile_term(term: Term) -> Test:
    """A function that tells whether an item meets a bound condition."""
    if isinstance(term, Junction):
        tests = []
        for part in term.terms:  # a loop: depth costs one frame a level
            tests.append(compile_term(part))  # noqa: PERF401
        return _all_of(tests) if term.operator == "AND" else _any_of(tests)
    if isinstance(term, Not):
        inner = compile_term(term.term)
        return lambda item: not inner(item)
    if isinstance(term, Comparison):
        return _comparison(term.operator, term.left, term.right)
    if isinstance(term, Between):
        return _all_of(
            [
                _comparison(">=", term.operand, term.low),
                _comparison("<=", term.operand, term.high),
            ]
        )
    if isinstance(term, Membership):
        return _membership(term)
    return _function(term)


def compile_operand(operand: Operand) -> Read:
    """A function that reads a bound operand from an item; None where there is nothing."""
    if isinstance(operand, Constant):
        value = operand.value
        return lambda _: value
    if isinstance(operand, Path):
        return read_path(operand.elements)
    assert isinstance(operand, Call)
    return _size(compile_operand(operand.operands[0]))


def read_path(path: tuple[str | int, ...]) -> Read:
    """A function that reads the value at a path of an item."""
    name, steps = path[0], path[1:]
    assert isinstance(name, str)
    if not steps:
        return lambda item: item.get(name)

    def read(item: Item) -> AttributeValue | None:
        value = item.get(name)
        for step in steps:
            if value is None:
                return None
            value = step_into(value, step)
        return value

    return read


def _all_of(tests: list[Test]) -> Test:
    if len(tests) == 2:  # by far the most frequent
        first, second = tests
        return lambda item: first(item) and second(item)

    def test(item: Item) -> bool:
        for each in tests:  # noqa: SIM110  # a generator would cost a frame per item and level
            if not each(item):
                return False
        return True

    return test


def _any_of(tests: list[Test]) -> Test:
    def test(item: Item) -> bool:
        for each in tests:  # noqa: SIM110  # as above
            if each(item):
                return True
        return False

    return test


def _comparison(sign: str, left: Operand, right: Operand) -> Test:
    if isinstance(left, Constant) and not isinstance(right, Constant):
        sign, left, right = FLIPPED[sign], right, left
    if sign == "<>":
        same = _comparison("=", left, right)
        return lambda item: not same(item)
    if isinstance(right, Constant):
        if sign == "=":
            return _equal_to(compile_operand(left), right.value)
        return _ordered_to(compile_operand(left), _ORDERS[sign], right.value)
    if sign == "=":
        return _both_equal(compile_operand(left), compile_operand(right))
    return _both_ordered(compile_operand(left), _ORDERS[sign], compile_operand(right))


def _equal_to(read: Read, constant: AttributeValue) -> Test:
    if type_of(constant) in PLAIN_TYPES:
        return lambda item: read(item) == constant

    def test(item: Item) -> bool:
        value = read(item)
        return value is not None and equal(value, constant)

    return test


def _ordered_to(read: Read, order: Callable[[Any, Any], bool], constant: AttributeValue) -> Test:
    ((kind, content),) = constant.items()
    bound = order_key(kind, content)

    def test(item: Item) -> bool:
        value = read(item)
        if value is None:
            return False
        content = value.get(kind)
        return content is not None and order(order_key(kind, content), bound)

    return test


def _both_equal(read_left: Read, read_right: Read) -> Test:
    def test(item: Item) -> bool:
        left, right = read_left(item), read_right(item)
        return left is not None and right is not None and equal(left, right)

    return test


def _both_ordered(read_left: Read, order: Callable[[Any, Any], bool], read_right: Read) -> Test:
    def test(item: Item) -> bool:
        left, right = read_left(item), read_right(item)
        if left is None or right is None:
            return False
        kind = type_of(left)
        if kind not in ORDERED_TYPES or kind not in right:
            return False
        return order(order_key(kind, left[kind]), order_key(kind, right[kind]))

    return test


def _membership(term: Membership) -> Test:
    kinds = {type_of(o.value) if isinstance(o, Constant) else "" for o in term.options}
    if kinds <= PLAIN_TYPES:
        read = compile_operand(term.operand)
        options = frozenset(
            next(iter(o.value.items())) for o in term.options if isinstance(o, Constant)
        )

        def test(item: Item) -> bool:
            value = read(item)
            if value is None:
                return False
            kind = type_of(value)
            return kind in kinds and (kind, value[kind]) in options

        return test
    return _any_of([_comparison("=", term.operand, option) for option in term.options])


def _size(read: Read) -> Read:
    def size(item: Item) -> AttributeValue | None:
        value = read(item)
        if value is None:
            return None
        ((kind, content),) = value.items()
        if kind in ("N", "BOOL", "NULL"):
            return None
        if kind == "B":
            content = a2b_base64(content)
        elif kind == "S" and not content.isascii():
            return {"N": str(len(content.encode("utf-16-le", "surrogatepass")) // 2)}
        return {"N": str(len(content))}

    return size


def _function(call: Call) -> Test:
    reads = [compile_operand(operand) for operand in call.operands]
    match call.function:
        case "attribute_exists":
            return lambda item: reads[0](item) is not None
        case "attribute_not_exists":
            return lambda item: reads[0](item) is None
        case "attribute_type":
            named = call.operands[1]
            assert isinstance(named, Constant)
            kind = named.value["S"]
            return partial(_has_type, reads[0], kind)
        case "begins_with":
            return partial(_begins_with, reads[0], reads[1])
    return partial(_contains, reads[0], reads[1])


def _has_type(read: Read, kind: str, item: Item) -> bool:
    value = read(item)
    return value is not None and kind in value


def _begins_with(read: Read, read_prefix: Read, item: Item) -> bool:
    value, prefix = read(item), read_prefix(item)
    if value is None or prefix is None:
        return False
    if "S" in value and "S" in prefix:
        text: str = value["S"]
        return text.startswith(prefix["S"])
    if "B" in value and "B" in prefix:
        return a2b_base64(value["B"]).startswith(a2b_base64(prefix["B"]))
    return False


def _contains(read: Read, read_part: Read, item: Item) -> bool:
    value, part = read(item), read_part(item)
    if value is None or part is None:
        return False
    ((kind, content),) = value.items()
    if kind == "L":
        return any(equal(element, part) for element in content)
    part_kind = type_of(part)
    if kind == part_kind == "S" or kind == part_kind + "S":
        return part[part_kind] in content
    return kind == part_kind == "B" and a2b_base64(part["B"]) in a2b_base64(content)
