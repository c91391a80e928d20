"""From the form to the request, to the page's address, and back."""

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.console.pages.explore.layout import Layout
from pannier.console.pages.explore.question import FilterRow, Question, SortCondition
from pannier.console.pages.explore.requests import FILTER_OPERATORS, FieldError, read_request
from pannier.console.pages.explore.typed_values import VALUE_KINDS
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from tests.console.explore_tables import LAYOUT, with_shop


def request_of(**changes: Any) -> dict[str, Any]:
    return read_request(Question("shop", **changes), LAYOUT)[1]


def found_by(**changes: Any) -> list[int]:
    """The sort keys of the items that a question finds."""
    question = Question("shop", **changes)
    operation, request = read_request(question, LAYOUT)

    async def use(db: AsyncConnection) -> list[int]:
        answer = await db.call(operation, request)
        return [int(item["SK"]["N"]) for item in answer["Items"]]

    return with_shop(60, use)


def test_a_scan_of_everything_says_no_more_than_the_table() -> None:
    assert request_of() == {"TableName": "shop"}


def test_a_query_on_an_index_with_all_that_goes_with_it() -> None:
    found = found_by(
        index="GSI",
        is_query=True,
        partition=("open",),
        sort=(SortCondition("between", "AA==", "KA=="),),  # 0 to 40
        backward=True,
    )
    assert found == [40, 30, 20, 10, 0]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (SortCondition("=", "7"), [7]),
        (SortCondition("<", "2"), [0, 1]),
        (SortCondition("<=", "1.0"), [0, 1]),
        (SortCondition(">", "47"), [48, 49]),
        (SortCondition(">=", "48"), [48, 49]),
        (SortCondition("between", "3", "5"), [3, 4, 5]),
        (SortCondition(), list(range(50))),
    ],
)
def test_conditions_on_the_sort_key(condition: SortCondition, found: list[int]) -> None:
    assert found_by(is_query=True, partition=("p0",), sort=(condition,)) == found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (FilterRow("size", "=", "N", "5"), [5]),
        (FilterRow("size", "in", "N", "5, 7,9"), [5, 7, 9]),
        (FilterRow("size", "between", "N", "56", "57"), [56, 57]),
        (FilterRow("status", "<>", "S", "shipped"), [0, 10, 20, 30, 40, 50]),
        (FilterRow("status", "begins_with", "S", "op"), [0, 10, 20, 30, 40, 50]),
        (FilterRow("status", "not contains", "S", "ship"), [0, 10, 20, 30, 40, 50]),
        (FilterRow("code", "=", "B", "BQ=="), [5]),
        (FilterRow("size", "attribute_type", "S", "S"), []),
        (FilterRow("none", "attribute_exists"), []),
        (FilterRow("none", "=", "NULL"), []),
        (FilterRow("none", "=", "BOOL", "TRUE"), []),
    ],
)
def test_filters(row: FilterRow, found: list[int]) -> None:
    assert sorted(found_by(filters=(row,))) == found


def test_filters_join_each_other_and_an_expression() -> None:
    rows = (FilterRow("size", "<", "N", "3"), FilterRow("size", ">", "N", "57"))
    assert found_by(filters=rows) == []
    assert sorted(found_by(filters=rows, any_filter=True)) == [0, 1, 2, 58, 59]
    more = {"expression": "size <> :v0 AND #n0 <> :x", "values": '{":v0": 1, ":x": {"S": "open"}}'}
    # The reader's placeholders are called like those that the page would take.
    found = found_by(filters=rows, any_filter=True, names='{"#n0": "status"}', **{
        **more, "values": '{":v0": {"N": "1"}, ":x": {"S": "open"}}'
    })  # fmt: skip
    assert sorted(found) == [2, 58, 59]


def test_names_stand_as_they_are_where_they_may() -> None:
    request = request_of(
        filters=(
            FilterRow("maker.country[2].size", "attribute_exists"),
            FilterRow("a-b", "attribute_exists"),
            FilterRow("size", "attribute_exists"),
        )
    )
    assert request["FilterExpression"] == (
        "attribute_exists(maker.country[2].#n0) AND attribute_exists(#n1) AND attribute_exists(#n0)"
    )
    assert request["ExpressionAttributeNames"] == {"#n0": "size", "#n1": "a-b"}


def test_a_projection_brings_the_keys_along() -> None:
    def use(db: AsyncConnection) -> Any:
        request = request_of(index="", projection="size, status")
        return db.call("Scan", request)

    (item,) = with_shop(1, use)["Items"]
    assert set(item) == {"PK", "SK", "size", "status"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"is_query": True}, "pk0"),
        ({"is_query": True, "partition": ("a",), "sort": (SortCondition("=", "x"),)}, "sk0"),
        (
            {"is_query": True, "partition": ("a",), "sort": (SortCondition("begins_with", "1"),)},
            "sk0",
        ),
        ({"index": "GSI", "consistent": True}, "consistent"),
        ({"filters": (FilterRow(""),)}, "filter0"),
        ({"filters": (FilterRow("a", "=", "S", "x"), FilterRow("a", "=", "N", "x"))}, "filter1"),
        ({"filters": (FilterRow("a", "in", "N", "1,x"),)}, "filter0"),
        ({"filters": (FilterRow("a", "=", "B", "!"),)}, "filter0"),
        ({"filters": (FilterRow("a", "=", "BOOL", "yes"),)}, "filter0"),
        ({"filters": (FilterRow("a", "attribute_type", "S", "X"),)}, "filter0"),
        ({"filters": (FilterRow("a", "drop table"),)}, "filter0"),
        ({"expression": "a = :a", "values": "{"}, "values"),
        ({"expression": "a = :a", "values": "[1]"}, "values"),
        ({"expression": "a = :a", "names": '{"#a": 1}'}, "names"),
        ({"expression": "a = :a", "names": "#a"}, "names"),
    ],
)
def test_what_can_not_be_used_is_said_at_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(FieldError) as error:
        request_of(**changes)
    assert error.value.field == field


def test_sort_keys_of_several_attributes_are_given_from_the_left() -> None:
    names = ("a", "b", "c", "d")
    layout = Layout.of(
        {
            "TableName": "t",
            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": "S"} for name in names
            ],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "I",
                    "KeySchema": [
                        {"AttributeName": "a", "KeyType": "HASH"},
                        {"AttributeName": "b", "KeyType": "HASH"},
                        {"AttributeName": "c", "KeyType": "RANGE"},
                        {"AttributeName": "d", "KeyType": "RANGE"},
                    ],
                }
            ],
        }
    )
    question = Question(
        "t", "I", True, ("1", "2"), (SortCondition("=", "3"), SortCondition(">", "4"))
    )
    _, request = read_request(question, layout)
    assert request["KeyConditionExpression"] == "a = :v0 AND b = :v1 AND c = :v2 AND d > :v3"
    gap = Question("t", "I", True, ("1", "2"), (SortCondition(), SortCondition(">", "4")))
    with pytest.raises(FieldError, match="behind sort keys"):
        read_request(gap, layout)
    assert layout.key_names("I") == ("a", "b", "c", "d")


TEXTS = st.text(max_size=20)


@given(
    st.builds(
        Question,
        table=TEXTS,
        index=TEXTS,
        is_query=st.just(True),
        partition=st.tuples(TEXTS, TEXTS),
        sort=st.tuples(st.builds(SortCondition, TEXTS, TEXTS, TEXTS)),
        backward=st.booleans(),
        filters=st.tuples(
            st.builds(
                FilterRow,
                TEXTS,
                st.sampled_from(FILTER_OPERATORS),
                st.sampled_from(sorted(VALUE_KINDS)),
                TEXTS,
                TEXTS,
            )
        ),
        any_filter=st.booleans(),
        expression=TEXTS,
        projection=TEXTS,
        size=st.sampled_from((25, 50, 1000)),
    )
)
def test_the_address_keeps_the_whole_question(question: Question) -> None:
    pairs = parse_qsl(question.parameters, keep_blank_values=True)
    assert Question.of_address(pairs) == question


@pytest.mark.parametrize("value", ["x", "[1,2,3,4,5]", '["a"]', "{}"])
def test_an_address_that_can_not_be_read_is_said(value: str) -> None:
    with pytest.raises(UserError, match="the part f="):
        Question.of_address([("f", value)])
    assert Question.of_address([("size", "7"), ("other", "x")]) == Question()


def test_an_index_that_is_not_there_is_said() -> None:
    with pytest.raises(UserError, match="has no index nope"):
        read_request(Question("shop", index="nope"), LAYOUT)


def test_every_operator_of_the_form_is_an_expression() -> None:
    async def use(db: AsyncConnection) -> None:
        for operator in FILTER_OPERATORS:
            first = "S" if operator == "attribute_type" else "1"
            row = FilterRow("status", operator, "S", first, "2")
            await db.call("Scan", request_of(filters=(row,)))

    with_shop(1, use)
