"""What a user asks of a write, and what is wrong with it."""

import pytest

from pannier.errors import UserError
from pannier.spark.write_options import WriteOptions


def test_a_table_is_enough() -> None:
    options = WriteOptions.of({"table": "shop"})
    assert (options.table, options.kind, options.on_failures) == ("shop", "put", "error")
    assert options.write_units is None
    assert options == WriteOptions.of({"path": "shop"})


def test_all_options_whatever_their_case() -> None:
    given = {
        "TABLE": "shop",
        "writeunits": "50%",
        "DeleteColumn": "_delete",
        "nulls": "NULL",
        "everyWrite": "true",
        "failures": "/tmp/failures",
        "report": "report.json",
        "onFailures": "report",
        "concurrentTasks": "12",
        "parallel": "4",
        "giveUpAfter": "2.5",
    }
    options = WriteOptions.of(given)
    assert options.write_units == "50%"
    assert options.delete_column == "_delete"
    assert options.nulls == "null"
    assert options.every_write
    assert options.on_failures == "report"
    assert (options.concurrent_tasks, options.parallel, options.give_up_after_s) == (12, 4, 2.5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "upsert"}, "the option kind is 'upsert'"),
        ({"onFailures": "ignore"}, "the option onFailures is 'ignore'"),
        ({"nulls": "zero"}, "the option nulls is 'zero'"),
        ({"writeUnits": "many"}, "'many' is no capacity budget"),
        ({"condition": "attribute_not_exists(PK)"}, "writing has no option 'condition'"),
        ({"kind": "delete", "deleteColumn": "gone"}, "exclude each other"),
        ({"items": "rows"}, "the option items is 'rows'"),
        ({"items": "json", "nulls": "text"}, "the option nulls means nothing with items=json"),
    ],
)
def test_what_is_wrong_is_said(given: dict[str, str], said: str) -> None:
    with pytest.raises(UserError) as caught:
        WriteOptions.of({"table": "shop", **given})
    assert said in caught.value.message
    assert caught.value.advice


@pytest.mark.parametrize(
    "name", ["aws_secret_access_key", "secretKey", "spark.hadoop.fs.s3a.secret.key", "accessKey"]
)
def test_credentials_are_refused_without_repeating_them(name: str) -> None:
    with pytest.raises(UserError, match="credentials are no options") as caught:
        WriteOptions.of({"table": "shop", name: "hunter2"})
    assert "hunter2" not in str(caught.value)
