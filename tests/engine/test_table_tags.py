"""Tags of tables: TagResource, UntagResource, ListTagsOfResource.

They change nothing about a table, but Terraform and CDK put them on every table, and read them
back to decide whether there is something to do.
"""

from collections.abc import Iterator

import pytest

from pannier.engine.database import Database
from tests.engine.table_asking import call, on_demand, refused

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/abc"
GONE = ARN.replace("abc", "gone")


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.in_memory() as database:
        tags = [{"Key": "team", "Value": "blue"}]
        call(database, "CreateTable", **on_demand(Tags=tags))
        yield database


def tags(database: Database) -> dict[str, str]:
    listed = call(database, "ListTagsOfResource", ResourceArn=ARN)
    return {tag["Key"]: tag["Value"] for tag in listed["Tags"]}


def test_round_trip(database: Database) -> None:
    """A new value replaces the old; an empty one is a value; a missing key is no error."""
    added = [{"Key": "team", "Value": "red"}, {"Key": "empty", "Value": ""}]
    assert call(database, "TagResource", ResourceArn=ARN, Tags=added) is None
    assert tags(database) == {"team": "red", "empty": ""}
    assert call(database, "UntagResource", ResourceArn=ARN, TagKeys=["team", "never"]) is None
    assert tags(database) == {"empty": ""}


def test_at_most_50(database: Database) -> None:
    many = [{"Key": f"key-{number}", "Value": "x"} for number in range(49)]
    call(database, "TagResource", ResourceArn=ARN, Tags=many)
    one_more = [{"Key": "another", "Value": "x"}]
    assert refused(database, "TagResource", ResourceArn=ARN, Tags=one_more) == (
        "ValidationException: Number of Tags exceed the current limit for the provided ResourceArn"
    )
    assert len(tags(database)) == 50


def test_refused(database: Database) -> None:
    assert refused(database, "TagResource", ResourceArn=ARN, Tags=[]).endswith(
        "Atleast one Tag needs to be provided as Input."
    )
    assert refused(database, "UntagResource", ResourceArn=ARN, TagKeys=[]).endswith(
        "Atleast one Tag Key needs to be provided as Input."
    )
    reserved = [{"Key": "aws:mine", "Value": "x"}]
    assert "aws:" in refused(database, "TagResource", ResourceArn=ARN, Tags=reserved)
    for arn in ("abc", "arn:aws:s3:::bucket", ARN + "/index/gsi"):
        assert refused(database, "ListTagsOfResource", ResourceArn=arn) == (
            f"ValidationException: Invalid TableArn: Invalid ResourceArn provided as input {arn}"
        )


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("ListTagsOfResource", {}),
        ("TagResource", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("UntagResource", {"TagKeys": ["a"]}),
    ],
)
def test_a_table_that_is_not_there(
    database: Database, operation: str, more: dict[str, object]
) -> None:
    """Captured, misspelt as it is."""
    assert refused(database, operation, ResourceArn=GONE, **more) == (
        f"ResourceNotFoundException: Requested resource not found: ResourcArn: {GONE} not found"
    )
