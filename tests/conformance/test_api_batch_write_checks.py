"""BatchWriteItem: what is refused, in which order, in which words, and that nothing is written.

A batch is all or nothing as far as errors go: one bad request among 25 makes AWS refuse the whole
call. Programs rely on three things: that nothing of a refused batch is there afterwards, that the
text says which mistake it was, and, where there are several mistakes, which one is told first
(`facts.md`, "Order of checks in the batch calls", captured on AWS).
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conformance.api import Api, Index, Json, delete, put

INVALID = "One or more parameter values were invalid: "
NOT_VALID = "One or more parameter values are not valid. "
MANY_TYPES = (
    "Supplied AttributeValue has more than one datatypes set, "
    "must contain exactly one of the supported datatypes"
)
NO_TABLE = "pannier-test-no-such-table"
LIMITS = (
    "Map value must satisfy constraint: [Member must have length less than or equal to 25, "
    "Member must have length greater than or equal to 1]"
)


def key(number: int | str) -> Json:
    return {"p": {"S": f"key-{number}"}, "s": {"N": "1"}}


@pytest.fixture
def table(api: Api) -> str:
    """A table with an index, since index keys are checked too."""
    return api.create("p:S s:N", Index("by-color", "color:S"))


@pytest.fixture(autouse=True)
def nothing_is_written(api: Api, table: str) -> Iterator[None]:
    """Every request of this module is refused, so the table must stay as empty as it is."""
    yield
    assert api.count(table) == 0


def refused(api: Api, items: Json) -> tuple[str, str]:
    return api.error("BatchWriteItem", RequestItems=items)


# --- Each check by itself ---------------------------------------------------------------------


def test_requests_of_more_than_16_mb_are_refused_before_they_are_read(api: Api, table: str):
    """AWS closes the door by size alone: HTTP 413, whatever the body says; here it is not JSON."""
    status, _, _ = api.send("BatchWriteItem", b"!" * (16 * 1024 * 1024 + 1))
    assert status == 413


@pytest.mark.parametrize(
    ("write_request", "text"),
    [
        (put({"p": {"S": 7}}), "NUMBER_VALUE cannot be converted to String"),
        (put({"p": {"S": True}}), "TRUE_VALUE cannot be converted to String"),
        (put({"p": {"N": 7}}), "NUMBER_VALUE cannot be converted to String"),
        (put({"p": {"BOOL": "yes!"}}), "Unexpected token received from parser"),
        (put({"p": {"S": {"S": "7"}}}), "Start of structure or map found where not expected"),
        ({"PutRequest": {"Item": "text"}}, "Unexpected field type"),
        (put({"p": "text"}), None),
        (put({"p": {"L": {"S": "a"}}}), None),
        (put({"p": {"SS": "a"}}), None),
        ("text", None),
        (["text"], None),
    ],
)
def test_a_wrong_json_type_is_a_serialization_error(
    api: Api, table: str, write_request: Any, text: str | None
):
    """AWS reads JSON into typed structures first; a number where a text must be never gets further.

    `{"N": 7}` instead of `{"N": "7"}` is the most frequent mistake of hand-written requests. Texts
    as users pasted them (localstack#9412, scylladb#9432, amplify-js#13265, AWS.jl#673); None where
    nobody has.
    """
    kind, answered = refused(api, {table: [write_request]})
    assert kind == "SerializationException"
    assert text is None or answered == text


def test_absent_request_items(api: Api, table: str):
    """Without RequestItems, AWS names the missing member in its constraint text."""
    assert api.validation("BatchWriteItem") == (
        "1 validation error detected: Value null at 'requestItems' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_empty_request_items(api: Api, table: str):
    """An empty map has a text of its own, which is no constraint text."""
    text = api.validation("BatchWriteItem", RequestItems={})
    assert text == "The requestItems parameter is required for BatchWriteItem"


@pytest.mark.parametrize("count", [0, 26])
def test_a_table_has_1_to_25_requests(api: Api, table: str, count: int):
    """The famous limit: 25 requests a call. Clients that forget to split see exactly this text."""
    requests = [put(key(number)) for number in range(count)]
    text = api.validation("BatchWriteItem", RequestItems={table: requests})
    prefix = f"1 validation error detected: Value '{{{table}=["
    suffix = f"]}}' at 'requestItems' failed to satisfy constraint: {LIMITS}"
    assert text.startswith(prefix)
    assert text.endswith(suffix)
    assert text != prefix + suffix or count == 0


def test_25_requests_over_all_tables(api: Api, table: str):
    """The limit counts over all tables of the call: 13 + 13 is one too many."""
    other = api.create("p:S s:N")
    requests = [put(key(number)) for number in range(13)]
    text = api.validation("BatchWriteItem", RequestItems={table: requests, other: requests})
    assert text == "Too many items requested for the BatchWriteItem call"
    assert api.count(other) == 0


def test_all_violated_constraints_are_told_at_once(api: Api, table: str):
    """AWS gathers constraint violations: two mistakes, one answer that names both."""
    text = api.validation(
        "BatchWriteItem", RequestItems={table: []}, ReturnConsumedCapacity="SOMETIMES"
    )
    assert text.startswith("2 validation errors detected: ")
    assert f"at 'requestItems' failed to satisfy constraint: {LIMITS}" in text
    assert (
        "Value 'SOMETIMES' at 'returnConsumedCapacity' failed to satisfy constraint: "
        "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
    ) in text
    assert text.count("; ") == 1


@pytest.mark.parametrize(
    ("member", "path"),
    [("PutRequest", "putRequest.item"), ("DeleteRequest", "deleteRequest.key")],
)
def test_a_put_needs_its_item_and_a_delete_its_key(api: Api, table: str, member: str, path: str):
    """The path in the text counts list members from 1, as AWS does."""
    text = api.validation("BatchWriteItem", RequestItems={table: [put(key(1)), {member: {}}]})
    assert text == (
        f"1 validation error detected: Value null at 'requestItems.{table}.member.2.member.{path}' "
        "failed to satisfy constraint: Member must not be null"
    )


@pytest.mark.parametrize("write_request", [{}, {**put(key(1)), **delete(key(2))}])
def test_a_write_request_is_either_a_put_or_a_delete(api: Api, table: str, write_request: Json):
    """Neither, or both, is answered with a text that AWS made for attribute values."""
    assert refused(api, {table: [write_request]}) == ("ValidationException", MANY_TYPES)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"NULL": False}, INVALID + "Null attribute value types must have the value of true"),
        ({"SS": []}, INVALID + "An string set  may not be empty"),
        ({"NS": []}, INVALID + "An number set  may not be empty"),
        ({"BS": []}, INVALID + "Binary sets should not be empty"),
        ({"SS": ["a", "a"]}, INVALID + "Input collection [a, a] contains duplicates."),
        (
            {"N": "1" * 39},
            "Attempting to store more than 38 significant digits in a Number",
        ),
        (
            {"N": "1E126"},
            (
                "Number overflow. Attempting to store a number with magnitude larger than "
                "supported range"
            ),
        ),
        (
            {"N": "1E-131"},
            (
                "Number underflow. Attempting to store a number with magnitude smaller than "
                "supported range"
            ),
        ),
        ({"N": "one"}, "The parameter cannot be converted to a numeric value: one"),
        ({"N": ""}, "The parameter cannot be converted to a numeric value"),
        ({"S": "a", "N": "1"}, MANY_TYPES),
        (
            {},
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
    ],
)
def test_values_are_checked(api: Api, table: str, value: Json, text: str):
    """One bad value deep in one of the items refuses the whole batch."""
    nested = {"L": [{"M": {"deep": value}}]}
    for item in ({**key(2), "a": value}, {**key(2), "a": nested}):
        assert refused(api, {table: [put(key(1)), put(item)]}) == ("ValidationException", text)


def test_an_item_has_at_most_400_kb(api: Api, table: str):
    """Measured as stored: names and values in bytes, not the JSON."""
    item = {**key(2), "a": {"S": "x" * (400 * 1024)}}
    text = "Item size has exceeded the maximum allowed size"
    assert refused(api, {table: [put(key(1)), put(item)]}) == ("ValidationException", text)


def test_an_unknown_table(api: Api, table: str):
    """Nothing of the batch is written, though the other table is there."""
    items = {table: [put(key(1))], NO_TABLE: [put(key(1))]}
    assert refused(api, items) == ("ResourceNotFoundException", "Requested resource not found")


@pytest.mark.parametrize(
    "wrong",
    [
        {"p": {"S": "a"}},
        {"p": {"S": "a"}, "s": {"N": "1"}, "extra": {"S": "a"}},
        {"p": {"S": "a"}, "t": {"N": "1"}},
        {"p": {"S": "a"}, "s": {"S": "1"}},
        {},
    ],
    ids=["missing", "extra", "other name", "other type", "empty"],
)
def test_a_delete_names_exactly_the_key(api: Api, table: str, wrong: Json):
    """Missing, extra and mistyped key attributes all get the same text."""
    text = "The provided key element does not match the schema"
    assert refused(api, {table: [put(key(1)), delete(wrong)]}) == ("ValidationException", text)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"p": {"S": "a"}}, INVALID + "Missing the key s in the item"),
        (
            {"p": {"S": "a"}, "s": {"S": "1"}},
            INVALID + "Type mismatch for key s expected: N actual: S",
        ),
        (
            {"p": {"S": ""}, "s": {"N": "1"}},
            (
                NOT_VALID + "The AttributeValue for a key attribute cannot contain an empty "
                "string value. Key: p"
            ),
        ),
        (
            {**key(1), "color": {"N": "1"}},
            INVALID + "Type mismatch for Index Key color Expected: S Actual: N IndexName: by-color",
        ),
        (
            {**key(1), "color": {"S": ""}},
            (
                NOT_VALID + "A value specified for a secondary index key is not supported. "
                "The AttributeValue for a key attribute cannot contain an empty string value. "
                "IndexName: by-color, IndexKey: color"
            ),
        ),
        (
            {"p": {"S": "x" * 2049}, "s": {"N": "1"}},
            INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes",
        ),
    ],
)
def test_the_keys_of_a_put(api: Api, table: str, item: Json, text: str):
    """A put says more than a delete: which key attribute is wrong, and how.

    The missing blank in `of2048` is AWS's own.
    """
    assert refused(api, {table: [put(key(1)), put(item)]}) == ("ValidationException", text)


def test_a_sort_key_has_at_most_1024_bytes(api: Api, table: str):
    """Bytes, not characters: 513 letters of two bytes are too many."""
    other = api.create("p:S t:S")
    text = INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
    for content in ("x" * 1025, "é" * 513):
        item = {"p": {"S": "a"}, "t": {"S": content}}
        assert refused(api, {other: [put(item)]}) == ("ValidationException", text)
    assert api.count(other) == 0


@pytest.mark.parametrize(
    "pair",
    [
        [put(key(1)), put({**key(1), "color": {"S": "red"}})],
        [put(key(1)), delete(key(1))],
        [delete(key(1)), delete(key(1))],
        [
            put({"p": {"S": "a"}, "s": {"N": "1000"}}),
            delete({"p": {"S": "a"}, "s": {"N": "1e3"}}),
        ],
    ],
    ids=["two puts", "put and delete", "two deletes", "numbers by value"],
)
def test_no_key_twice(api: Api, table: str, pair: list[Json]):
    """A batch has no order, so AWS refuses to guess which write to a key should stand.

    Puts and deletes count together, and numbers compare by value: 1000 is 1e3.
    """
    text = "Provided list of item keys contains duplicates"
    assert refused(api, {table: [put(key(9)), *pair]}) == ("ValidationException", text)


# --- Two mistakes at once: the earlier check answers -------------------------------------------


@dataclass(frozen=True)
class Mistake:
    """A mistake: the requests that make it, by table, and the answer it gets when alone."""

    name: str
    requests: list[Any]
    answer: str
    elsewhere: bool = False  # in a table that does not exist


MISTAKES = (
    Mistake("wrong JSON type", ["text"], "SerializationException: .*"),
    Mistake("too many requests", [put(key(number)) for number in range(100, 126)],
            "ValidationException: 1 validation error detected: .*"),
    Mistake("bad value", [put({**key(2), "a": {"NULL": False}})],
            "ValidationException: .*Null attribute value types must have the value of true"),
    Mistake("unknown table", [put(key(3))],
            "ResourceNotFoundException: Requested resource not found", elsewhere=True),
    Mistake("wrong key", [delete({"p": {"S": "a"}})],
            "ValidationException: The provided key element does not match the schema"),
    Mistake("duplicate key", [put(key(4)), delete(key(4))],
            "ValidationException: Provided list of item keys contains duplicates"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("earlier", "later"),
    list(itertools.combinations(MISTAKES, 2)),
    ids=lambda mistake: mistake.name.replace(" ", "-"),
)
def test_of_two_mistakes_the_earlier_check_answers(
    api: Api, table: str, earlier: Mistake, later: Mistake
):
    """The later mistake stands first in the request, so that only AWS's order explains the answer.

    Note that writes look the table up before they look for duplicates; reads do it the other way.
    """
    items: Json = {}
    for mistake in (later, earlier):
        items.setdefault(NO_TABLE if mistake.elsewhere else table, []).extend(mistake.requests)
    kind, text = refused(api, items)
    assert re.fullmatch(earlier.answer, f"{kind}: {text}", re.DOTALL), f"{kind}: {text}"
