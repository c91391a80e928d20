"""What Hypothesis draws for the model's tests: numbers, values, items, and JSON that is none."""

from base64 import b64encode
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

# A property is checked on so many examples; how long one takes depends on the machine.
law = settings(deadline=None, max_examples=50)
thorough = settings(deadline=None, max_examples=150)


@st.composite
def decimals(draw: st.DrawFn) -> Decimal:
    """Every number that DynamoDB can keep: 38 digits, magnitude 1E-130 to 9.99E125, and zero."""
    if draw(st.integers(0, 19)) == 0:
        return Decimal(0)
    digits = draw(st.text("0123456789", min_size=1, max_size=38)).strip("0") or "1"
    exponent = draw(st.one_of(st.integers(-130, 125), st.integers(-3, 40)))
    negative = draw(st.booleans())
    return Decimal((int(negative), tuple(map(int, digits)), exponent - len(digits) + 1))


@st.composite
def spellings(draw: st.DrawFn, number: Decimal) -> str:
    """One of the many ways to write a number down."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    zeros = draw(st.integers(0, 5))
    text, exponent = text + "0" * zeros, exponent - zeros
    point = draw(st.integers(0, len(text)))
    exponent += len(text) - point
    whole, fraction = "0" * draw(st.integers(0, 3)) + text[:point], text[point:]
    if draw(st.booleans()) and -300 < exponent < 300:  # without an exponent
        if exponent >= 0:
            moved = fraction.ljust(exponent, "0")
            whole, fraction = whole + moved[:exponent], moved[exponent:]
        else:
            moved = whole.rjust(-exponent, "0")
            whole, fraction = moved[:exponent], moved[exponent:] + fraction
        tail = ""
    else:
        tail = draw(st.sampled_from(["e", "E"])) + draw(st.sampled_from(["", "+"])) + str(exponent)
        tail = tail.replace("+-", "-")
    body = whole or draw(st.sampled_from(["0", ""]))
    if fraction or draw(st.booleans()):
        body += "." + fraction
    if body in ("", "."):
        body = "0"
    if body.endswith(".") and len(body) == 1:
        body = "0."
    plus = draw(st.sampled_from(["", "+"])) if not sign else "-"
    return plus + body + tail


number_texts = decimals().flatmap(spellings)
# Quick to draw, for items, where numbers are one thing among others.
_few_number_texts = st.one_of(
    st.sampled_from(["0", "-0", "1", "1.0", "1e3", "1000", "-12.50", "+.5", "1E-130", "9.9E125"]),
    st.sampled_from(["0" * 50 + "7", "1" * 38, "-0." + "1" * 38]),
    st.integers(-(10**38) + 1, 10**38 - 1).map(str),
)

# Few different characters, so that zero bytes, prefixes and ties are frequent, and a few wide ones.
texts = st.one_of(st.text("\0\x01ab", max_size=6), st.text(max_size=12))
binaries = st.one_of(
    st.lists(st.sampled_from([0, 1, 97, 255]), max_size=6).map(bytes), st.binary(max_size=12)
)
base64s = binaries.map(lambda raw: b64encode(raw).decode())
key_texts = texts.filter(bool)
key_base64s = base64s.filter(bool)


def _sets(members: st.SearchStrategy[str], key: Any = None) -> st.SearchStrategy[list[str]]:
    return st.lists(members, min_size=1, max_size=4, unique_by=key or (lambda member: member))


scalars = st.one_of(
    texts.map(lambda content: {"S": content}),
    _few_number_texts.map(lambda content: {"N": content}),
    base64s.map(lambda content: {"B": content}),
    st.booleans().map(lambda content: {"BOOL": content}),
    st.just({"NULL": True}),
    _sets(texts).map(lambda content: {"SS": content}),
    _sets(_few_number_texts, Decimal).map(lambda content: {"NS": content}),
    _sets(base64s).map(lambda content: {"BS": content}),
)


def _containers(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(values, max_size=4).map(lambda content: {"L": content}),
        st.dictionaries(texts, values, max_size=4).map(lambda content: {"M": content}),
    )


# Values and items that DynamoDB accepts, numbers and base64 in any spelling.
values = st.recursive(scalars, _containers, max_leaves=10)
items = st.dictionaries(texts.filter(bool), values, max_size=5)

# Any JSON at all, halves of surrogate pairs included: JSON can spell them.
_any_text = st.one_of(
    st.text(max_size=4),
    st.sampled_from(["\ud800", "1", "1e999", "QQ==", "S", "N", "B", "L", "M", "NS"]),
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _any_text),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_any_text, inner, max_size=3)
    ),
    max_leaves=8,
)
_type_tags = st.sampled_from(["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS", "X"])
# JSON that is almost a value: the right tags around the wrong content.
near_values = st.recursive(
    st.one_of(json_values, st.dictionaries(_type_tags, json_values, min_size=1, max_size=2)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda content: {"L": content}),
        st.dictionaries(_any_text, inner, max_size=2).map(lambda content: {"M": content}),
    ),
    max_leaves=4,
)
