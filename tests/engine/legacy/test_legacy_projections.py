"""AttributesToGet, in the four operations that have it."""

from typing import Any

import pytest

from tests.engine.legacy.legacy_asking import INVALID, KEY, TABLE, Json, Things, is_, mixed, n, s

READS = ("GetItem", "BatchGetItem", "Query", "Scan")


@pytest.fixture(scope="module")
def things() -> Things:
    return Things(**{"a": n(1), "b": {"M": {"c": n(2)}}, "b.c": n(3), "g": s("g"), "l": s("l")})


def request(operation: str, **options: Any) -> Json:
    match operation:
        case "GetItem":
            return {"Key": KEY, **options}
        case "BatchGetItem":
            return {"RequestItems": {TABLE: {"Keys": [KEY], **options}}}
        case "Query":
            return {"KeyConditions": {"h": is_("EQ", s("p"))}, **options}
    return options


def shown(things: Things, operation: str, *names: str, **options: Any) -> Json:
    answer = things.ask(operation, **request(operation, AttributesToGet=list(names), **options))
    match operation:
        case "GetItem":
            item = answer["Item"]
        case "BatchGetItem":
            (item,) = answer["Responses"][TABLE]
        case _:
            (item,) = answer["Items"]
    assert isinstance(item, dict)
    return item


@pytest.mark.parametrize("operation", READS)
def test_only_what_is_named_is_shown(things: Things, operation: str) -> None:
    """A name is a name: `b.c` is the attribute of that name, not a path."""
    assert shown(things, operation, "a", "h", "none") == {"a": n(1), "h": s("p")}
    assert shown(things, operation, "b.c") == {"b.c": n(3)}
    assert shown(things, operation, "none") == {}


@pytest.mark.parametrize("operation", READS)
def test_a_name_stands_there_once(things: Things, operation: str) -> None:
    """AWS names the first that comes a second time."""
    names = ["a", "b", "b", "a"]
    text = things.complaint(operation, **request(operation, AttributesToGet=names))
    assert text == INVALID + "Duplicate value in attribute name: b"


@pytest.mark.parametrize("operation", READS)
def test_names_that_are_none(things: Things, operation: str) -> None:
    text = things.complaint(operation, **request(operation, AttributesToGet=["a", ""]))
    assert text == "Empty attribute name"
    text = things.complaint(operation, **request(operation, AttributesToGet=[]))
    assert text.endswith("Member must have length greater than or equal to 1")


@pytest.mark.parametrize("operation", ["GetItem", "BatchGetItem", "Scan"])
def test_names_and_projection_exclude_each_other(things: Things, operation: str) -> None:
    both = request(operation, AttributesToGet=["a", "a"], ProjectionExpression="a")
    assert things.complaint(operation, **both) == mixed("AttributesToGet", "ProjectionExpression")


def test_names_and_select(things: Things) -> None:
    for operation in ("Query", "Scan"):
        assert shown(things, operation, "a", Select="SPECIFIC_ATTRIBUTES") == {"a": n(1)}
        for select, told in (
            ("COUNT", "only the Count"),
            ("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"),
        ):
            text = things.complaint(
                operation, **request(operation, AttributesToGet=["a"], Select=select)
            )
            assert text == f"Cannot specify the AttributesToGet when choosing to get {told}"


def test_a_local_index_fetches_and_a_global_one_does_not(things: Things) -> None:
    """Only local indexes can read from the table, and are charged for it."""
    assert shown(things, "Query", "a", "b.c", IndexName="by_l") == {"a": n(1), "b.c": n(3)}
    of_global: Json = {"IndexName": "by_g", "KeyConditions": {"g": is_("EQ", s("g"))}}
    assert shown(things, "Query", "a", **of_global) == {"a": n(1)}
    text = things.complaint("Query", **of_global, AttributesToGet=["a", "b"])
    assert text == INVALID + "Global secondary index by_g does not project [b]"
