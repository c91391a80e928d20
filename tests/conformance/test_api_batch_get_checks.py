"""BatchGetItem: what is refused, in which order, in which words.

The order differs from that of writes in one point that is easy to get wrong: reads look for
duplicate keys before they look the table up (`facts.md`, "Order of checks in the batch calls").
"""

import itertools
import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conformance.api import Api, Json

NO_TABLE = "pannier-test-no-such-table"
MISMATCH = "The provided key element does not match the schema"
DUPLICATES = "Provided list of item keys contains duplicates"
CONFLICT = (
    "Can not use both expression and non-expression parameters in the same request: "
    "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"
)


def key(number: int | str) -> Json:
    return {"p": {"S": f"key-{number}"}, "s": {"N": "1"}}


def keys(count: int) -> list[Json]:
    return [key(number) for number in range(count)]


@pytest.fixture
def table(api: Api) -> str:
    return api.create("p:S s:N")


def refused(api: Api, items: Json) -> tuple[str, str]:
    return api.error("BatchGetItem", RequestItems=items)


# --- Each check by itself ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_of_table", "text"),
    [
        ({"Keys": [{"p": {"S": 7}}]}, "NUMBER_VALUE cannot be converted to String"),
        ({"Keys": [], "ConsistentRead": "very"}, "Unexpected token received from parser"),
        ({"Keys": [], "ExpressionAttributeNames": "text"}, "Unexpected field type"),
        ({"Keys": ["text"]}, None),
        ({"Keys": "text"}, None),
        ({"Keys": [], "AttributesToGet": {}}, None),
        ("text", None),
    ],
)
def test_a_wrong_json_type_is_a_serialization_error(
    api: Api, table: str, request_of_table: Any, text: str | None
):
    """JSON types are read before anything is checked, an empty list of keys included."""
    kind, answered = refused(api, {table: request_of_table})
    assert kind == "SerializationException"
    assert text is None or answered == text


def test_absent_request_items(api: Api):
    """Without RequestItems, AWS names the missing member in its constraint text."""
    assert api.validation("BatchGetItem") == (
        "1 validation error detected: Value null at 'requestItems' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_empty_request_items(api: Api):
    """An empty map has a text of its own, which is no constraint text."""
    text = api.validation("BatchGetItem", RequestItems={})
    assert text == "The requestItems parameter is required for BatchGetItem"


def test_absent_keys(api: Api, table: str):
    """The member that is missing is named with its path."""
    assert api.validation("BatchGetItem", RequestItems={table: {}}) == (
        f"1 validation error detected: Value null at 'requestItems.{table}.member.keys' "
        "failed to satisfy constraint: Member must not be null"
    )


def test_empty_keys(api: Api, table: str):
    """A table without keys is a mistake, too, not an empty answer."""
    assert api.validation("BatchGetItem", RequestItems={table: {"Keys": []}}) == (
        f"1 validation error detected: Value '[]' at 'requestItems.{table}.member.keys' "
        "failed to satisfy constraint: Member must have length greater than or equal to 1"
    )


def test_101_keys_of_one_table(api: Api, table: str):
    """The limit of one table is told in a form that no other constraint has, without the value."""
    assert api.validation("BatchGetItem", RequestItems={table: {"Keys": keys(101)}}) == (
        f"1 validation error detected: Value at 'RequestItems.{table}.member.Keys' "
        "failed to satisfy constraint: Member must have length less than or equal to 100"
    )


def test_101_keys_over_several_tables(api: Api, table: str):
    """100 keys over all tables of the call; the second table need not even exist."""
    items = {table: {"Keys": keys(51)}, NO_TABLE: {"Keys": keys(50)}}
    text = api.validation("BatchGetItem", RequestItems=items)
    assert text == "Too many items requested for the BatchGetItem call"


def test_100_keys_are_not_too_many(api: Api, table: str):
    """The limit itself is allowed."""
    answer = api.call("BatchGetItem", RequestItems={table: {"Keys": keys(100)}})
    assert answer["Responses"] == {table: []}


def test_expressions_and_their_predecessors_do_not_mix(api: Api, table: str):
    """AttributesToGet came before expressions; AWS refuses a request that speaks both."""
    both = {"Keys": [key(1)], "AttributesToGet": ["a"], "ProjectionExpression": "a"}
    assert refused(api, {table: both}) == ("ValidationException", CONFLICT)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"ProjectionExpression": "size"},
            (
                "Invalid ProjectionExpression: Attribute name is a reserved keyword; "
                "reserved keyword: size"
            ),
        ),
        (
            {"ProjectionExpression": "#n"},
            (
                "Invalid ProjectionExpression: An expression attribute name used in the document "
                "path is not defined; attribute name: #n"
            ),
        ),
        (
            {"ProjectionExpression": "a", "ExpressionAttributeNames": {"#n": "b"}},
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}",
        ),
        (
            {"ExpressionAttributeNames": {"#n": "b"}},
            "ExpressionAttributeNames can only be specified when using expressions",
        ),
    ],
)
def test_projections_are_checked(api: Api, table: str, members: Json, text: str):
    """Reserved words need a placeholder, and every placeholder must be used."""
    assert refused(api, {table: {"Keys": [key(1)], **members}}) == ("ValidationException", text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"N": "one"}, "The parameter cannot be converted to a numeric value: one"),
        (
            {},
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
    ],
)
def test_values_of_keys_are_checked(api: Api, table: str, value: Json, text: str):
    """A bad value is told before the table is looked up."""
    bad = {"p": {"S": "a"}, "s": value}
    assert refused(api, {NO_TABLE: {"Keys": [bad]}}) == ("ValidationException", text)


def test_no_key_twice(api: Api, table: str):
    """Asking twice for one key is an error; a client has to remove duplicates itself."""
    assert refused(api, {table: {"Keys": [key(1), key(2), key(1)]}}) == (
        "ValidationException",
        DUPLICATES,
    )


def test_unknown_table(api: Api, table: str):
    """One unknown table fails the whole call, though the others could be read."""
    items = {table: {"Keys": [key(1)]}, NO_TABLE: {"Keys": [key(1)]}}
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
def test_keys_match_the_schema(api: Api, table: str, wrong: Json):
    """Missing, extra and mistyped key attributes all get the same text."""
    assert refused(api, {table: {"Keys": [key(1), wrong]}}) == ("ValidationException", MISMATCH)


# --- Two mistakes at once: the earlier check answers -------------------------------------------


@dataclass(frozen=True)
class Mistake:
    """A mistake: keys and members of a table's request that make it, and its answer when alone."""

    name: str
    keys: list[Any]
    answer: str
    members: tuple[tuple[str, Any], ...] = ()
    elsewhere: bool = False  # in a table that does not exist


MISTAKES = (
    Mistake("wrong JSON type", ["text"], "SerializationException: .*"),
    Mistake("too many keys", [key(number) for number in range(100, 201)],
            "ValidationException: 1 validation error detected: .*"),
    Mistake("mixed parameters", [key(2)], "ValidationException: Can not use both .*",
            members=(("AttributesToGet", ["a"]), ("ProjectionExpression", "a"))),
    Mistake("duplicate key", [key(4), key(4)], f"ValidationException: {DUPLICATES}"),
    Mistake("unknown table", [key(3)],
            "ResourceNotFoundException: Requested resource not found", elsewhere=True),
    Mistake("wrong key", [{"p": {"S": "a"}}], f"ValidationException: {MISMATCH}"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("earlier", "later"),
    list(itertools.combinations(MISTAKES, 2)),
    ids=lambda mistake: mistake.name.replace(" ", "-"),
)
def test_of_two_mistakes_the_earlier_check_answers(
    api: Api, table: str, earlier: Mistake, later: Mistake
):
    """The later mistake stands first in the request, so only AWS's order explains the answer."""
    items: Json = {}
    for mistake in (later, earlier):
        of_table = items.setdefault(NO_TABLE if mistake.elsewhere else table, {"Keys": []})
        of_table["Keys"].extend(mistake.keys)
        of_table.update(mistake.members)
    kind, text = refused(api, items)
    assert re.fullmatch(earlier.answer, f"{kind}: {text}", re.DOTALL), f"{kind}: {text}"


def test_duplicates_are_told_before_an_unknown_table(api: Api):
    """Both mistakes in one table: reads find the duplicate first, writes the missing table."""
    assert refused(api, {NO_TABLE: {"Keys": [key(1), key(1)]}}) == (
        "ValidationException",
        DUPLICATES,
    )
