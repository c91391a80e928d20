"""What a user may say, and what is said where it is wrong."""

import pytest

from pannier.errors import UserError
from pannier.spark.options import ReadOptions
from pannier.spark.own_expressions import OwnExpressions


def test_defaults() -> None:
    assert ReadOptions.of({"table": "Orders"}) == ReadOptions("Orders")


def test_names_in_any_case_and_the_path_for_the_table() -> None:
    given = {
        "PATH": "Orders", "TARGET": "aws", "region": "eu-west-1", "Index": "by-day",
        "segments": "16", "consistent": "TRUE", "readunits": "50%", "concurrentTasks": "64",
        "parallel": "4", "giveUpAfter": "60", "mode": "Permissive", "sampleItems": "10",
    }  # fmt: skip
    assert ReadOptions.of(given) == ReadOptions(
        "Orders", "aws", "eu-west-1", "by-day", 16, True, "50%", 64, 4, 60.0, "permissive", 10
    )


def test_own_expressions() -> None:
    given = {
        "table": "Orders", "items": "JSON", "filter": "price > :low", "project": "pk, #n",
        "values": '{":low": 5, ":day": {"S": "x"}}', "names": '{"#n": "name"}',
    }  # fmt: skip
    options = ReadOptions.of(given)
    values = {":low": {"N": "5"}, ":day": {"M": {"S": {"S": "x"}}}}
    assert options.items == "json"
    assert options.own == OwnExpressions("price > :low", "pk, #n", {"#n": "name"}, values)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "no table is given"),
        ({"path": "a", "table": "b"}, "two tables are given: b and a"),
        ({"writeUnits": "5"}, "reading has no option 'writeunits'"),
        ({"segments": "0"}, "the option segments is '0'"),
        ({"segments": "many"}, "the option segments is 'many'"),
        ({"consistent": "yes"}, "the option consistent is 'yes'"),
        ({"readUnits": "lots"}, "'lots' is no capacity budget"),
        ({"mode": "dropmalformed"}, "the option mode is 'dropmalformed'"),
        ({"giveUpAfter": "nan"}, "the option giveUpAfter is 'nan'"),
        ({"items": "pieces"}, "the option items is 'pieces'"),
        ({"items": "json", "mode": "failfast"}, "the option mode means nothing with items=json"),
        ({"items": "json", "sampleItems": "5"}, "sampleItems means nothing with items=json"),
        ({"filter": "a = :a", "values": "5"}, "the option values: an item must be a JSON object"),
        ({"filter": "a = :a", "values": "{"}, "the option values: "),
        ({"filter": "a = #a", "names": "[]"}, "the option names is "),
        ({"filter": "a = #a", "names": '{"#a": 5}'}, "the option names is "),
        ({"project": "a", "values": '{":a": 1}'}, "the option values means nothing with no filter"),
        ({"names": "{}"}, "the option names means nothing with no filter and no project"),
    ],
)
def test_what_is_wrong(given: dict[str, str], message: str) -> None:
    table = {} if "path" in given or not given else {"table": "Orders"}
    with pytest.raises(UserError, match=message) as raised:
        ReadOptions.of(table | given)
    assert raised.value.advice
