"""Plain Python and DynamoDB JSON: what goes there and comes back is the same, or is refused."""

import datetime
import enum
import math
import sys
import types
import uuid
from base64 import b64encode
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.model import messages
from pannier.model.attribute_value import check_item
from pannier.model.plain import ConversionError, from_item, from_value, to_item, to_value
from tests.model.item_strategies import decimals, items, law, thorough

# What Python has and DynamoDB gives back as it was.
_integers = st.integers(-(10**38) + 1, 10**38 - 1)
_scalars = st.one_of(
    st.none(), st.booleans(), st.text(max_size=8), _integers, decimals(), st.binary(max_size=8)
)
_sets = st.one_of(
    st.sets(st.text(max_size=3), min_size=1, max_size=4),
    st.sets(st.one_of(_integers, decimals()), min_size=1, max_size=4),
    st.sets(st.binary(max_size=3), min_size=1, max_size=4),
)
_plain_values = st.recursive(
    st.one_of(_scalars, _sets),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)


def refusal(value: Any) -> ConversionError:
    with pytest.raises(ConversionError) as caught:
        to_value(value)
    return caught.value


@law
@given(_plain_values)
def test_python_values_come_back_equal(value: Any) -> None:
    assert from_value(to_value(value)) == value


@law
@given(st.dictionaries(st.text(max_size=4), _plain_values, max_size=4))
def test_items_come_back_equal_and_are_canonical_already(values: dict[str, Any]) -> None:
    """What is made here passes the service's check and is not rewritten by it."""
    item = to_item(values)
    assert from_item(item) == values
    checked = deepcopy(item)
    check_item(checked)
    assert checked == item


@law
@given(items)
def test_dynamodb_items_come_back_the_same(item: Any) -> None:
    """But for the order inside of sets, which has no meaning."""

    def sorted_sets(value: Any) -> Any:
        ((kind, content),) = value.items()
        match kind:
            case "M":
                return {"M": {name: sorted_sets(inner) for name, inner in content.items()}}
            case "L":
                return {"L": [sorted_sets(inner) for inner in content]}
        return {kind: sorted(content)} if isinstance(content, list) else value

    check_item(item)
    assert to_item(from_item(item)) == {name: sorted_sets(value) for name, value in item.items()}


@thorough
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_written_as_its_shortest_text(value: float) -> None:
    """So 0.1 is `0.1` and not its 55 binary digits, and it reads back as the same float."""
    in_range = value == 0 or 1e-130 <= abs(value) < 1e126
    if not in_range:
        assert "Number" in refusal(value).message
        return
    text = to_value(value)["N"]
    assert float(text) == value
    assert Decimal(text) == Decimal(repr(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (-0.0, "0"),
        (1e22, "10000000000000000000000"),
        (1e-7, "0.0000001"),
        (79.0, "79"),
        (12345678901234567890123456789012345678, "12345678901234567890123456789012345678"),
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+3"), "1000"),
    ],
)
def test_numbers(value: Any, text: str) -> None:
    assert to_value(value) == {"N": text}


def test_whole_numbers_come_back_as_int_and_others_as_decimal() -> None:
    """Never as float, which would lose digits."""
    for plain in (from_value({"N": "7"}), from_value(to_value(7.0))):
        assert (type(plain), plain) == (int, 7)
    plain = from_value({"N": "0.1"})
    assert (type(plain), plain) == (Decimal, Decimal("0.1"))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        *(("1e3", 1000), ("1E+3", 1000), ("1.0", 1), ("-0.0", 0), ("+5", 5), ("1E125", 10**125)),
        *(("1.50", Decimal("1.5")), ("1e-2", Decimal("0.01"))),
    ],
)
def test_spellings_of_other_services_are_understood(text: str, plain: Any) -> None:
    """DynamoDB answers canonical texts; other servers keep a number as it was put."""
    value = from_value({"N": text})
    assert (type(value), value) == (type(plain), plain)
    assert from_value({"NS": [text]}) == {plain}


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity")],
)
def test_what_is_no_number_has_no_form(value: Any) -> None:
    error = refusal(value)
    assert "has no DynamoDB form" in error.message
    assert error.advice == "Replace it by a number, or leave it out."


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (10**126, messages.NUMBER_OVERFLOW),
        # Python itself refuses to write this one, in pytest's names of tests as well.
        pytest.param(10**5000, messages.NUMBER_OVERFLOW, id="10**5000"),
        (1e300, messages.NUMBER_OVERFLOW),
        (5e-324, messages.NUMBER_UNDERFLOW),
        (10**38 + 1, messages.NUMBER_DIGITS),
        (Decimal("0." + "1" * 39), messages.NUMBER_DIGITS),
    ],
)
def test_numbers_beyond_dynamodb_s_are_refused_not_rounded(value: Any, message: str) -> None:
    assert refusal(value).message.endswith(message)


_MOMENT = datetime.datetime(2026, 7, 31, 12, 30, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", {"S": ""}),
        (True, {"BOOL": True}),
        (False, {"BOOL": False}),
        (None, {"NULL": True}),
        (b"A", {"B": "QQ=="}),
        (bytearray(b"A"), {"B": "QQ=="}),
        (memoryview(b"A"), {"B": "QQ=="}),
        ((1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        ([], {"L": []}),
        ({}, {"M": {}}),
        (types.MappingProxyType({"x": 1}), {"M": {"x": {"N": "1"}}}),
        (frozenset(["b", "a"]), {"SS": ["a", "b"]}),
        ({2, 1.5, Decimal(1)}, {"NS": ["1", "1.5", "2"]}),
        ({b"A"}, {"BS": ["QQ=="]}),
        (_MOMENT, {"S": "2026-07-31T12:30:00+00:00"}),
        (_MOMENT.date(), {"S": "2026-07-31"}),
        (_MOMENT.time(), {"S": "12:30:00"}),
        (
            uuid.UUID("12345678123456781234567812345678"),
            {"S": "12345678-1234-5678-1234-567812345678"},
        ),
    ],
)
def test_each_type_has_one_form(value: Any, expected: dict[str, Any]) -> None:
    assert to_value(value) == expected


class _Level(enum.IntEnum):
    HIGH = 3


class _Code(int, enum.Enum):
    HIGH = 3


class _Colour(str, enum.Enum):  # noqa: UP042 - this older form writes itself as "_Colour.RED"
    RED = "red"


def test_members_of_enumerations_are_their_values() -> None:
    """Not their names, which is what Python writes for some of them."""
    assert to_value(_Level.HIGH) == to_value(_Code.HIGH) == {"N": "3"}
    assert to_value(_Colour.RED) == {"S": "red"}


@pytest.mark.parametrize(
    "value",
    [set(), frozenset(), {1, "a"}, {"a", b"a"}, {True}, {None}, {(1, 2)}, {frozenset([1])}],
)
def test_sets_that_dynamodb_does_not_have(value: Any) -> None:
    error = refusal(value)
    assert "a set must hold" in error.message
    assert error.advice


def test_members_that_are_one_in_dynamodb_are_written_once() -> None:
    """Python tells 0.1 from Decimal("0.1"); the service would refuse the set as a duplicate."""
    assert to_value({0.1, Decimal("0.1")}) == {"NS": ["0.1"]}
    assert to_value({datetime.date(2026, 7, 31), "2026-07-31"}) == {"SS": ["2026-07-31"]}


@pytest.mark.parametrize("value", [object(), 1j, datetime.timedelta(1), range(3), len])
def test_other_types_are_refused_with_advice(value: Any) -> None:
    error = refusal(value)
    assert error.message == f"a {type(value).__name__} has no DynamoDB form"
    assert error.advice.startswith("Use text")


def test_an_error_names_the_attribute_and_the_way_to_it() -> None:
    with pytest.raises(ConversionError) as caught:
        to_item({"ok": 1, "price": {"net": [math.nan]}})
    assert caught.value.message == ("attribute 'price': attribute 'net': nan has no DynamoDB form")
    assert caught.value.advice == "Replace it by a number, or leave it out."


def test_names_of_attributes_are_texts() -> None:
    with pytest.raises(ConversionError, match="attribute name 1 is not a text"):
        to_item({1: "a"})  # type: ignore[dict-item]
    assert "attribute name None" in refusal({"x": {None: 1}}).message


def _wrapped(levels: int, inner: Any) -> Any:
    for level in range(levels):
        inner = [inner] if level % 2 else {"x": inner}
    return inner


def test_thirty_two_levels_are_the_limit() -> None:
    """One more and the service refuses it; a thousand more and Python would give up."""
    check_item({"a": to_value(_wrapped(32, 1))})
    assert from_value(to_value(_wrapped(32, 1))) == _wrapped(32, 1)
    assert "nested deeper than 32 levels" in refusal(_wrapped(33, 1)).message
    assert "nested deeper than 32 levels" in refusal(_wrapped(100_000, 1)).message
    endless: list[Any] = []
    endless.append(endless)
    assert "nested deeper than 32 levels" in refusal(endless).message


def test_a_type_that_dynamodb_does_not_have_is_no_value() -> None:
    with pytest.raises(ConversionError, match="'X' is not a DynamoDB type"):
        from_value({"X": 1})


# numpy is no dependency: these classes have what the conversion looks at, as numpy's have it.


class _DType:
    def __init__(self, kind: str, itemsize: int) -> None:
        self.kind, self.itemsize = kind, itemsize


class _Generic:
    """`numpy.generic`: a scalar, with its text and the Python object that `item` makes of it."""

    def __init__(self, kind: str, itemsize: int, text: str, plain: Any) -> None:
        self.dtype, self._text, self._plain = _DType(kind, itemsize), text, plain

    def __str__(self) -> str:
        return self._text

    def item(self) -> Any:
        return self if self._plain is ... else self._plain


class _Array:
    """`numpy.ndarray`: iteration gives scalars or rows, `tolist` what their `item` gives."""

    def __init__(self, *elements: Any, ndim: int = 1) -> None:
        self._elements, self.ndim = elements, ndim
        self.dtype = elements[0].dtype

    def __iter__(self) -> Any:
        assert self.ndim, "iteration over a 0-d array"
        return iter(self._elements)

    def __getitem__(self, index: tuple[()]) -> Any:
        assert index == ()
        return self._elements[0]

    def tolist(self) -> Any:
        plain = [
            each.tolist() if isinstance(each, _Array) else each.item() for each in self._elements
        ]
        return plain if self.ndim else plain[0]


_FLOAT32 = _Generic("f", 4, "0.1", 0.10000000149011612)
_NANOSECONDS = _Generic("M", 8, "2026-07-31T00:00:00.000000000", 1785456000000000000)
_DAY = _Generic("M", 8, "2026-07-31", datetime.date(2026, 7, 31))


@pytest.fixture
def _numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = types.SimpleNamespace(generic=_Generic, ndarray=_Array)
    monkeypatch.setitem(sys.modules, "numpy", numpy)  # type: ignore[arg-type]


@pytest.mark.usefixtures("_numpy")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (_Generic("i", 8, "5", 5), {"N": "5"}),
        (_Generic("b", 1, "True", True), {"BOOL": True}),
        # The shortest text of a short float, not that of the double it becomes.
        (_FLOAT32, {"N": "0.1"}),
        (_Generic("f", 2, "65500.0", 65504.0), {"N": "65500"}),
        (_DAY, {"S": "2026-07-31"}),
        (_Array(_Generic("i", 8, "5", 5)), {"L": [{"N": "5"}]}),
        (_Array(_Generic("i", 8, "5", 5), ndim=0), {"N": "5"}),
        (_Array(_FLOAT32, _FLOAT32), {"L": [{"N": "0.1"}, {"N": "0.1"}]}),
        (_Array(_FLOAT32, ndim=0), {"N": "0.1"}),
        (_Array(_Array(_FLOAT32), ndim=2), {"L": [{"L": [{"N": "0.1"}]}]}),
        (_Array(_DAY), {"L": [{"S": "2026-07-31"}]}),
        ({_Generic("i", 8, "5", 5)}, {"NS": ["5"]}),
    ],
)
def test_numpy_scalars_and_arrays(value: Any, expected: dict[str, Any]) -> None:
    assert to_value(value) == expected


@pytest.mark.usefixtures("_numpy")
@pytest.mark.parametrize(
    "value",
    [
        _Generic("f", 4, "nan", math.nan),
        _Generic("f", 16, "0.1", ...),  # a long double stays one: Python has none
        _NANOSECONDS,  # would be a bare integer, which nobody meant
        _Array(_NANOSECONDS),
        _Generic("c", 16, "1j", 1j),
    ],
)
def test_numpy_scalars_without_a_form(value: Any) -> None:
    refusal(value)


def test_what_numpy_has_is_unknown_where_the_program_has_not_loaded_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    assert "has no DynamoDB form" in refusal(_FLOAT32).message
    assert "numpy" not in sys.modules


def test_the_real_numpy() -> None:
    """The stand-ins above claim how numpy behaves; where it is installed it must agree."""
    numpy = pytest.importorskip("numpy")
    assert to_value(numpy.float32(0.1)) == {"N": "0.1"}
    assert to_value(numpy.float64(0.1)) == {"N": "0.1"}
    assert to_value(numpy.int64(5)) == {"N": "5"}
    assert to_value(numpy.bool_(1)) == {"BOOL": True}
    assert to_value(numpy.bytes_(b"A")) == {"B": b64encode(b"A").decode()}
    assert to_value(numpy.array([[0.1]], dtype="f4")) == {"L": [{"L": [{"N": "0.1"}]}]}
    assert to_value(numpy.array(5)) == {"N": "5"}
    assert to_value(numpy.datetime64("2026-07-31")) == {"S": "2026-07-31"}
    refusal(numpy.datetime64("2026-07-31", "ns"))
    refusal(numpy.array(["2026-07-31"], dtype="M8[ns]"))
    refusal(numpy.longdouble("0.1"))
    refusal(numpy.float32("nan"))
