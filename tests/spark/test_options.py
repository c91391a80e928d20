"""What a user may say, and what is said where it is wrong."""

import pytest

from pannier.errors import UserError
from pannier.spark.options import ReadOptions


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
    ],
)
def test_what_is_wrong(given: dict[str, str], message: str) -> None:
    table = {} if "path" in given or not given else {"table": "Orders"}
    with pytest.raises(UserError, match=message) as raised:
        ReadOptions.of(table | given)
    assert raised.value.advice
