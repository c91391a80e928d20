"""Key schemas: which key an item has, the bytes it becomes, and AWS's words where it has none."""

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.errors import SerializationException, ServiceError, ValidationException
from pannier.model.attribute_value import check_item
from pannier.model.key_bytes import encode
from pannier.model.key_schema import KeyAttribute, KeyBytes, KeySchema
from tests.model.item_strategies import (
    json_values,
    key_base64s,
    key_texts,
    law,
    near_values,
    number_texts,
    thorough,
)

_CONTENTS = {"S": key_texts, "B": key_base64s, "N": number_texts}


def schema(*kinds: str, partition: int = 1) -> KeySchema:
    """A schema of attributes `a`, `b`, ... of these types, so many of them the partition key."""
    attributes = [KeyAttribute(name, kind) for name, kind in zip("abcdefgh", kinds, strict=False)]
    return KeySchema(attributes[:partition], attributes[partition:])


def key(*values: tuple[str, str]) -> dict[str, Any]:
    return {name: dict([value]) for name, value in zip("abcdefgh", values, strict=False)}


def expected(*values: tuple[str, str], partition: int = 1) -> KeyBytes:
    codes = [encode(kind, content) for kind, content in values]
    return b"".join(codes[:partition]), b"".join(codes[partition:])


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(ValidationException) as caught:
        call(*arguments)
    return caught.value.message


S1, S2 = schema("S"), schema("S", "S")

SIZE_OF_PARTITION_KEY = (
    "One or more parameter values were invalid: "
    "Size of hashkey has exceeded the maximum size limit of2048 bytes"
)
SIZE_OF_SORT_KEY = (
    "One or more parameter values were invalid: "
    "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
)
MISMATCH = "The provided key element does not match the schema"


def test_a_schema_from_the_api_s_own_lists() -> None:
    """The order in `KeySchema` counts; further definitions belong to indexes."""
    made = KeySchema.from_api(
        [
            {"AttributeName": "SK", "KeyType": "RANGE"},
            {"AttributeName": "PK", "KeyType": "HASH"},
        ],
        [
            {"AttributeName": "GSI1PK", "AttributeType": "B"},
            {"AttributeName": "PK", "AttributeType": "S"},
            {"AttributeName": "SK", "AttributeType": "N"},
        ],
    )
    assert made.partition == (KeyAttribute("PK", "S"),)
    assert made.sort == (KeyAttribute("SK", "N"),)
    assert made.names == ("PK", "SK")


_KINDS = st.lists(st.sampled_from("SBN"), min_size=1, max_size=4)


@st.composite
def _keys(draw: st.DrawFn) -> tuple[KeySchema, dict[str, Any], KeyBytes]:
    """A schema of any legal shape, a key of it, and the bytes that `key_bytes` gives its parts."""
    kinds = draw(st.one_of(st.sampled_from([["S"], ["S", "S"]]), _KINDS))
    partition = draw(st.integers(1, len(kinds)))
    values = [(kind, draw(_CONTENTS[kind])) for kind in kinds]
    return schema(*kinds, partition=partition), key(*values), expected(*values, partition=partition)


@thorough
@given(_keys())
def test_the_three_ways_to_a_key_lead_to_the_same_bytes(
    case: tuple[KeySchema, dict[str, Any], KeyBytes],
) -> None:
    """`S` keys take a shorter way through the code; nobody may notice, zero bytes included."""
    made, attributes, bytes_expected = case
    assert made.exact_key({name: dict(value) for name, value in attributes.items()}) == (
        bytes_expected
    )
    item = {**attributes, "price": {"N": "1"}}
    check_item(item)
    assert made.item_key(item) == bytes_expected
    assert made.index_key(item, "GSI1") == bytes_expected
    assert made.key_of(item) == {name: item[name] for name in made.names}


@law
@given(_keys().filter(lambda case: len(case[1]) > 1), st.data())
def test_the_order_of_attributes_in_the_request_does_not_matter(
    case: tuple[KeySchema, dict[str, Any], KeyBytes], data: st.DataObject
) -> None:
    made, attributes, bytes_expected = case
    shuffled = dict(data.draw(st.permutations(list(attributes.items()))))
    assert made.exact_key(shuffled) == bytes_expected


def test_a_schema_without_sort_key_has_empty_sort_bytes() -> None:
    assert S1.item_key(key(("S", "x")))[1] == b""
    assert schema("N").item_key(key(("N", "1")))[1] == b""


def test_spellings_of_one_number_are_one_key() -> None:
    made = schema("S", "N")
    assert made.exact_key(key(("S", "x"), ("N", "1000"))) == made.exact_key(
        key(("S", "x"), ("N", "+1.0e3"))
    )


# Items to put


@pytest.mark.parametrize("made", [S2, schema("N", "B")])
def test_an_item_without_a_key_attribute(made: KeySchema) -> None:
    (a_kind, b_kind) = (attribute.kind for attribute in made.attributes)
    content = {"S": "x", "N": "1", "B": "QQ=="}
    assert refusal(made.item_key, {"b": {b_kind: content[b_kind]}}) == (
        "One or more parameter values were invalid: Missing the key a in the item"
    )
    assert refusal(made.item_key, {"a": {a_kind: content[a_kind]}}) == (
        "One or more parameter values were invalid: Missing the key b in the item"
    )


@pytest.mark.parametrize("wrong", [{"N": "1"}, {"NULL": True}, {"SS": ["x"]}, {"M": {}}])
def test_an_item_with_a_key_attribute_of_another_type(wrong: dict[str, Any]) -> None:
    actual = next(iter(wrong))
    assert refusal(S2.item_key, {"a": {"S": "x"}, "b": wrong}) == (
        "One or more parameter values were invalid: "
        f"Type mismatch for key b expected: S actual: {actual}"
    )


@pytest.mark.parametrize(("kind", "name"), [("S", "string"), ("B", "binary")])
def test_an_empty_key_attribute(kind: str, name: str) -> None:
    message = (
        "One or more parameter values are not valid. The AttributeValue for a key attribute "
        f"cannot contain an empty {name} value. Key: "
    )
    made = schema(kind, kind)
    assert refusal(made.item_key, key((kind, ""), (kind, "QQ=="))) == message + "a"
    assert refusal(made.item_key, key((kind, "QQ=="), (kind, ""))) == message + "b"
    assert refusal(made.exact_key, key((kind, "QQ=="), (kind, ""))) == message + "b"
    assert refusal(schema(kind).item_key, key((kind, ""))) == message + "a"


# Sizes


def _of_size(kind: str, size_bytes: int) -> tuple[str, str]:
    """A value of so many bytes; texts of characters that take two bytes, where that comes out."""
    if kind == "S":
        return "S", "é" * (size_bytes // 2) + "x" * (size_bytes % 2)
    return "B", b64encode(b"\0" * size_bytes).decode()


@pytest.mark.parametrize("kind", ["S", "B"])
def test_a_partition_key_has_at_most_2048_bytes(kind: str) -> None:
    for made, rest in ((schema(kind), ()), (schema(kind, "S"), (("S", "x"),))):
        fits = key(_of_size(kind, 2048), *rest)
        assert made.item_key(fits) == expected(_of_size(kind, 2048), *rest)
        assert made.exact_key(fits) == made.index_key(fits, "i") == made.item_key(fits)
        too_long = key(_of_size(kind, 2049), *rest)
        assert refusal(made.item_key, too_long) == SIZE_OF_PARTITION_KEY
        assert refusal(made.exact_key, too_long) == SIZE_OF_PARTITION_KEY
        assert refusal(made.index_key, too_long, "i") == SIZE_OF_PARTITION_KEY


@pytest.mark.parametrize("kind", ["S", "B"])
def test_a_sort_key_has_at_most_1024_bytes(kind: str) -> None:
    made = schema("S", kind)
    fits = key(("S", "x"), _of_size(kind, 1024))
    assert made.item_key(fits) == made.exact_key(fits) == made.index_key(fits, "i")
    too_long = key(("S", "x"), _of_size(kind, 1025))
    assert refusal(made.item_key, too_long) == SIZE_OF_SORT_KEY
    assert refusal(made.exact_key, too_long) == SIZE_OF_SORT_KEY
    assert refusal(made.index_key, too_long, "i") == SIZE_OF_SORT_KEY


def test_the_parts_of_a_key_of_several_attributes_share_its_limit() -> None:
    made = schema("S", "S", "S", "N")
    parts = (("S", "x"), _of_size("S", 512), _of_size("S", 512), ("N", "1" * 38))
    assert made.item_key(key(*parts)) == expected(*parts)  # numbers do not count
    parts = (("S", "x"), _of_size("S", 512), _of_size("S", 513), ("N", "1"))
    assert refusal(made.item_key, key(*parts)) == SIZE_OF_SORT_KEY


# Keys of gets and deletes


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"a": {"S": "x"}},
        {"b": {"S": "x"}},
        {"a": {"S": "x"}, "c": {"S": "y"}},
        {"a": {"S": "x"}, "b": {"S": "y"}, "c": {"S": "z"}},
        {"a": {"S": "x"}, "b": {"N": "1"}},
        {"a": {"NULL": True}, "b": {"S": "y"}},
        {"a": {"S": "x"}, "b": {"SS": ["y"]}},
    ],
)
def test_a_key_must_match_the_schema_exactly(attributes: dict[str, Any]) -> None:
    assert refusal(S2.exact_key, attributes) == MISMATCH


def test_a_key_of_a_table_without_sort_key_must_match_too() -> None:
    assert refusal(S1.exact_key, key(("S", "x"), ("S", "y"))) == MISMATCH
    assert refusal(schema("N").exact_key, key(("S", "1"))) == MISMATCH


def test_values_are_checked_before_the_schema() -> None:
    """A value that is none is the request's fault whatever the table looks like."""
    assert "numeric value" in refusal(S2.exact_key, {"c": {"N": "x"}})
    assert "more than one datatypes" in refusal(
        S2.exact_key, {"a": {"S": "x"}, "b": {"S": "y", "N": "1"}}
    )
    assert "more than one datatypes" in refusal(S1.exact_key, {"a": {"S": "x", "N": "1"}})


@pytest.mark.parametrize("wrong", [None, 1, "x", ["S"], {"S": 1}, {"S": None}, {"S": "\ud800"}])
def test_wrong_json_types_in_a_key_are_serialization_errors(wrong: Any) -> None:
    for attributes in ({"a": wrong, "b": {"S": "y"}}, {"a": {"S": "x"}, "b": wrong}):
        with pytest.raises(SerializationException):
            S2.exact_key(attributes)
    with pytest.raises(SerializationException):
        S1.exact_key({"a": wrong})


_NAMED = st.sampled_from(["a", "b", "c"])


@thorough
@given(
    st.sampled_from([S1, S2, schema("N"), schema("B", "N"), schema("S", "S", "S", partition=2)]),
    st.dictionaries(_NAMED, st.one_of(json_values, near_values), max_size=3),
)
def test_any_json_as_a_key_is_accepted_or_refused_in_the_api_s_own_words(
    made: KeySchema, attributes: dict[str, Any]
) -> None:
    try:
        bytes_found = made.exact_key(attributes)
    except ServiceError:
        return
    assert made.item_key(attributes) == bytes_found


# Index entries


def test_an_index_is_sparse() -> None:
    """An item without one of the index's attributes has no entry, and that is no error."""
    for item in ({}, key(("S", "x")), {"b": {"S": "y"}}, {"c": {"S": "z"}}):
        assert S2.index_key(item, "GSI1") is None
    assert S2.index_key(key(("S", "x"), ("S", "y")), "GSI1") is not None


def test_an_index_attribute_of_another_type_is_refused_even_if_the_other_is_missing() -> None:
    made = schema("S", "N")
    message = (
        "One or more parameter values were invalid: "
        "Type mismatch for Index Key b Expected: N Actual: S IndexName: GSI1"
    )
    assert refusal(made.index_key, {"b": {"S": "y"}}, "GSI1") == message
    assert refusal(made.index_key, key(("S", "x"), ("S", "y")), "GSI1") == message
    assert refusal(made.index_key, {"a": {"NULL": True}}, "GSI1") == (
        "One or more parameter values were invalid: "
        "Type mismatch for Index Key a Expected: S Actual: NULL IndexName: GSI1"
    )


@pytest.mark.parametrize(("kind", "name"), [("S", "string"), ("B", "binary")])
def test_an_empty_index_attribute(kind: str, name: str) -> None:
    assert refusal(schema("S", kind).index_key, {"b": {kind: ""}}, "GSI1") == (
        "One or more parameter values are not valid. A value specified for a secondary index key "
        "is not supported. The AttributeValue for a key attribute cannot contain an empty "
        f"{name} value. IndexName: GSI1, IndexKey: b"
    )


def test_the_key_of_an_item_is_cut_out_in_the_schema_s_order() -> None:
    item = {"z": {"S": "1"}, "b": {"S": "2"}, "a": {"S": "3"}}
    assert list(S2.key_of(item).items()) == [("a", {"S": "3"}), ("b", {"S": "2"})]
    assert S2.key_of({"a": {"S": "3"}}) == {"a": {"S": "3"}}
