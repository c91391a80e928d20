"""Which ranges of rows a SELECT reads (Developer Guide, "PartiQL select statements").

| WHERE | reads |
|---|---|
| each partition key attribute by `=` or IN, or by `=` in every alternative of an OR | partitions |
| and sort key attributes by `=`, IN, an order, BETWEEN or begins_with | parts of them |
| anything else | everything |

Partitions come in the order in which the statement names them, or sorted if ORDER BY names the
partition key (inferred), each once. Terms that say no more than which rows are read are not asked
of each item again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeAlias

from pannier.engine.rows import partition_prefix
from pannier.engine.statements.keys import conjuncts, equality, joined
from pannier.errors import ValidationException
from pannier.expressions.evaluation import FLIPPED
from pannier.expressions.messages import in_count
from pannier.expressions.tree import (
    Between,
    Call,
    Comparison,
    Constant,
    Junction,
    Membership,
    Operand,
    Path,
    Term,
)
from pannier.limits import PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX
from pannier.model.attribute_value import AttributeValue, type_of
from pannier.model.key_bytes import encode, encode_prefix, raw_bytes, successor
from pannier.model.key_schema import KeyAttribute, KeySchema
from pannier.model.messages import PARTITION_KEY_SIZE, SORT_KEY_SIZE, key_empty
from pannier.partiql import messages

# Developer Guide, "PartiQL operators": at most 50 values of a partition key in one IN.
PARTITIONS_MAX: Final = 50

Range: TypeAlias = tuple[bytes, bytes]
# Behind a partition's prefix: from where, to before where (None for as far as the first bytes of
# `from` are the same), and how many bytes those are.
_Part: TypeAlias = tuple[bytes, bytes | None, int]


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: its key's sortable bytes, and the ranges of its rows, from low to high."""

    code: bytes
    ranges: Sequence[Range]


@dataclass(frozen=True, slots=True)
class RowRanges:
    """The rows to be read, in the order of the statement, and what is asked of each item."""

    partitions: Sequence[Partition]
    rest: Term | None


@dataclass(frozen=True, slots=True)
class _Values:
    """The values that one attribute may have, and the term that says no more than that."""

    values: Sequence[AttributeValue]
    term: Term | None


def row_ranges(where: Term | None, schema: KeySchema, space: bytes) -> RowRanges | None:
    """The ranges that a condition confines a read to; None for everything.

    Args:
        where: the bound condition.
        schema: the key of the table or index that is read.
        space: the prefix of its rows.

    Raises:
        ValidationException: a value that a key attribute can't have.
    """
    terms = conjuncts(where)
    spent: list[Term | None] = []
    codes = [b""]
    for attribute in schema.partition:
        values = _values(terms, attribute)
        if values is None:
            return None
        spent.append(values.term)
        own = _codes(attribute, values.values, PARTITION_KEY_BYTES_MAX, PARTITION_KEY_SIZE)
        codes = [before + code for before, code in product(codes, own)]
    parts = _sort_ranges(terms, schema.sort, spent)
    partitions = [_partition(space, code, parts) for code in dict.fromkeys(codes)]
    rest = [term for term in terms if not any(term is each for each in spent)]
    return RowRanges(partitions, joined(rest))


def _partition(space: bytes, code: bytes, parts: Sequence[_Part]) -> Partition:
    prefix = partition_prefix(space, code)
    return Partition(
        code,
        [
            (prefix + low, prefix + high if high is not None else successor(prefix + low[:common]))
            for low, high, common in parts
        ],
    )


def _sort_ranges(
    terms: Sequence[Term], attributes: Sequence[KeyAttribute], spent: list[Term | None]
) -> list[_Part]:
    """The parts of a partition that conditions on its sort attributes leave, from low to high."""
    prefixes = [b""]
    for attribute in attributes:
        points = _values(terms, attribute)
        if points is None:
            low, high = _narrowed(terms, attribute, spent)
            return [
                (prefix + low, prefix + high if high is not None else None, len(prefix))
                for prefix in prefixes
                if high is None or low < high
            ]
        spent.append(points.term)
        codes = _codes(attribute, points.values, SORT_KEY_BYTES_MAX, SORT_KEY_SIZE)
        prefixes = [prefix + code for prefix, code in product(prefixes, sorted(set(codes)))]
    return [(prefix, None, len(prefix)) for prefix in prefixes]


def _values(terms: Sequence[Term], attribute: KeyAttribute) -> _Values | None:
    """The values that conditions leave to one attribute; None if there is no end of them."""
    for term in terms:
        named = equality(term)
        if named is not None and named[0] == attribute.name:
            return _Values([named[1]], term)
    for term in terms:
        if isinstance(term, Membership) and _is_attribute(term.operand, attribute):
            constants = [option for option in term.options if isinstance(option, Constant)]
            if len(constants) == len(term.options):
                if len(constants) > PARTITIONS_MAX:
                    raise ValidationException(in_count(len(constants)))
                return _Values([constant.value for constant in constants], term)
        if isinstance(term, Junction) and term.operator == "OR":
            alternatives = [_values(conjuncts(each), attribute) for each in term.terms]
            known = [each for each in alternatives if each is not None]
            if len(known) == len(alternatives):
                return _Values([value for each in known for value in each.values], None)
    return None


def _codes(
    attribute: KeyAttribute, values: Sequence[AttributeValue], bytes_max: int, too_long: str
) -> list[bytes]:
    """The sortable bytes of values that an attribute is to have."""
    name, kind = attribute
    for value in values:
        if type_of(value) != kind:
            raise ValidationException(messages.key_type(name))
        if not value[kind]:
            raise ValidationException(key_empty(name, kind))
        if kind != "N" and len(raw_bytes(kind, value[kind])) > bytes_max:
            raise ValidationException(too_long)
    return [encode(kind, value[kind]) for value in values]


def _narrowed(
    terms: Sequence[Term], attribute: KeyAttribute, spent: list[Term | None]
) -> tuple[bytes, bytes | None]:
    """The bounds that conditions set to an attribute together; None for no upper one."""
    low, high = b"", None
    for term in terms:
        bounds = _bounds(term, attribute)
        if bounds is None:
            continue
        spent.append(term)
        low = max(low, bounds[0])
        if bounds[1] is not None:
            high = bounds[1] if high is None else min(high, bounds[1])
    return low, high


def _bounds(term: Term, attribute: KeyAttribute) -> tuple[bytes, bytes | None] | None:
    """The bounds that a term sets to an attribute; None if it sets none."""
    if isinstance(term, Between):
        if not _is_attribute(term.operand, attribute):
            return None
        if not isinstance(term.low, Constant) or not isinstance(term.high, Constant):
            return None
        low, high = _sort_codes(attribute, term.low, term.high)
        return low, successor(high)
    if isinstance(term, Call):
        return _begins_with(term, attribute)
    if not isinstance(term, Comparison) or term.operator == "<>":
        return None
    operator, left, right = term.operator, term.left, term.right
    if isinstance(left, Constant):
        operator, left, right = FLIPPED[operator], right, left
    if not _is_attribute(left, attribute) or not isinstance(right, Constant):
        return None
    (code,) = _sort_codes(attribute, right)
    match operator:
        case "<":
            return b"", code
        case "<=":
            return b"", successor(code)
        case ">":
            return successor(code), None
        case ">=":
            return code, None
    return None


def _begins_with(call: Call, attribute: KeyAttribute) -> tuple[bytes, bytes | None] | None:
    if call.function != "begins_with" or not _is_attribute(call.operands[0], attribute):
        return None
    prefix = call.operands[1]
    if not isinstance(prefix, Constant):
        return None
    _sort_codes(attribute, prefix)
    code = encode_prefix(attribute.kind, prefix.value[attribute.kind])
    return code, successor(code)


def _sort_codes(attribute: KeyAttribute, *constants: Constant) -> list[bytes]:
    values = [constant.value for constant in constants]
    return _codes(attribute, values, SORT_KEY_BYTES_MAX, SORT_KEY_SIZE)


def _is_attribute(operand: Operand, attribute: KeyAttribute) -> bool:
    return isinstance(operand, Path) and operand.elements == (attribute.name,)
