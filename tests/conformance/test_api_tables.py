"""CreateTable, DescribeTable, ListTables, DeleteTable."""

import contextlib
import uuid
from collections.abc import Iterator

import pytest

from tests.conformance.api import REGION, Api, ApiError, Index, Json, key_schema, table_request

INVALID = "One or more parameter values were invalid: "
NO_TABLE = "pannier-test-no-such-table"


@pytest.fixture
def name(api: Api) -> Iterator[str]:
    """A free name; the table of that name is deleted if the test made one."""
    name = f"pannier-test-{uuid.uuid4().hex[:12]}"
    yield name
    with contextlib.suppress(ApiError):
        api.call("DeleteTable", TableName=name)


def test_what_a_new_table_is(api: Api, name: str):
    """CreateTable answers CREATING; waiters then ask DescribeTable until it says ACTIVE.

    The description has everything a program may ask of it: schema, ARN, counts, billing mode.
    """
    request = table_request(
        name,
        "p:S s:N",
        Index("local", "p:S t:B", "KEYS_ONLY", local=True),
        Index("other", "t:B", ["a"]),
    )
    created = api.boto3.create_table(**request)["TableDescription"]
    assert created["TableStatus"] == "CREATING"
    api.boto3.get_waiter("table_exists").wait(TableName=name)
    table = api.boto3.describe_table(TableName=name)["Table"]
    assert table["TableStatus"] == "ACTIVE"
    assert table["TableName"] == name
    assert table["TableArn"].startswith(f"arn:aws:dynamodb:{REGION}:")
    assert table["TableArn"].endswith(f":table/{name}")
    assert table["TableId"] == created["TableId"]
    assert table["KeySchema"] == key_schema("p:S s:N")
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    assert types == {"p": "S", "s": "N", "t": "B"}
    assert (table["ItemCount"], table["TableSizeBytes"]) == (0, 0)
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert table["CreationDateTime"].timestamp() > 1_500_000_000
    (of_partition,), (of_table,) = table["LocalSecondaryIndexes"], table["GlobalSecondaryIndexes"]
    assert of_partition["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert of_table["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}
    assert of_partition["IndexArn"] == f"{table['TableArn']}/index/local"
    assert of_table["IndexStatus"] == "ACTIVE"
    assert "IndexStatus" not in of_partition  # a local index lives and dies with its table


def test_provisioned_throughput(api: Api, name: str):
    """Without a billing mode a table is provisioned, and has to say how much."""
    request = table_request(name, "p:S", Index("other", "a:N"))
    del request["BillingMode"]
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
    assert api.validation("CreateTable", request) == (
        f"{INVALID}ReadCapacityUnits and WriteCapacityUnits must both be specified "
        "when BillingMode is PROVISIONED"
    )
    assert api.validation("CreateTable", {**request, "ProvisionedThroughput": units}) == (
        f"{INVALID}ProvisionedThroughput is not specified for index: other"
    )
    request["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] = units
    api.call("CreateTable", {**request, "ProvisionedThroughput": units})
    api.boto3.get_waiter("table_exists").wait(TableName=name)
    table = api.call("DescribeTable", TableName=name)["Table"]
    for described in (table, table["GlobalSecondaryIndexes"][0]):
        throughput = described["ProvisionedThroughput"]
        assert {member: throughput[member] for member in units} == units
        assert throughput["NumberOfDecreasesToday"] == 0


def test_on_demand_takes_no_throughput(api: Api, name: str):
    """Both at once contradict each other, and AWS says so."""
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
    request = table_request(name, "p:S")
    assert api.validation("CreateTable", {**request, "ProvisionedThroughput": units}) == (
        f"{INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
        "when BillingMode is PAY_PER_REQUEST"
    )


def test_a_table_is_not_created_twice(api: Api):
    """Programs that create their table at the start catch exactly this type."""
    name = api.create("p:S")
    assert api.error("CreateTable", table_request(name, "p:S")) == (
        "ResourceInUseException",
        f"Table already exists: {name}",
    )


def test_a_name_is_needed(api: Api):
    """The constraint text of an absent member."""
    request = table_request("unused", "p:S")
    del request["TableName"]
    assert api.validation("CreateTable", request) == (
        "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: "
        "Member must not be null"
    )


@pytest.mark.parametrize(
    ("name", "bound"),
    [("ab", "greater than or equal to 3"), ("x" * 256, "less than or equal to 255")],
)
def test_names_have_3_to_255_characters(api: Api, name: str, bound: str):
    """Names outside these bounds are refused as any other constraint (captured in May 2026)."""
    assert api.validation("CreateTable", table_request(name, "p:S")) == (
        f"1 validation error detected: Value '{name}' at 'tableName' failed to satisfy "
        f"constraint: Member must have length {bound}"
    )


def test_names_have_few_characters(api: Api):
    """A blank is not among them."""
    assert api.validation("CreateTable", table_request("my table", "p:S")) == (
        "1 validation error detected: Value 'my table' at 'tableName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
    )


def _definitions(request: Json, *names: str) -> Json:
    wanted = [{"AttributeName": name, "AttributeType": "S"} for name in names]
    return {**request, "AttributeDefinitions": wanted}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda request: _definitions(request, "p", "s", "x"),
            (
                INVALID + "Number of attributes in KeySchema does not exactly match number of "
                "attributes defined in AttributeDefinitions"
            ),
        ),
        (
            lambda request: {**request, "KeySchema": request["KeySchema"][::-1]},
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            lambda request: {**request, "KeySchema": [request["KeySchema"][0]] * 2},
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
        ),
        (
            lambda request: {**request, "GlobalSecondaryIndexes": []},
            INVALID + "List of GlobalSecondaryIndexes is empty",
        ),
    ],
    ids=["unused definition", "sort key first", "two partition keys", "empty index list"],
)
def test_schema_and_definitions_must_match(api: Api, name: str, change, text: str):
    """Every key attribute is defined, every definition is used, and the partition key comes first.

    The most frequent mistake is the first: to define attributes that are in no key.
    """
    assert api.validation("CreateTable", change(table_request(name, "p:S s:S"))) == text


def test_an_undefined_key_attribute(api: Api, name: str):
    """An attribute in an index's key has a type only by its definition."""
    request = _definitions(table_request(name, "p:S", Index("other", "a:S")), "p")
    assert api.validation("CreateTable", request) == (
        f"{INVALID}Some index key attributes are not defined in AttributeDefinitions. "
        "Keys: [a], AttributeDefinitions: [p]"
    )


def test_an_unused_definition_with_indexes(api: Api, name: str):
    """With an index in the request the same mistake has another text, which lists both sides."""
    request = table_request(name, "p:S", Index("other", "a:S"))
    request["AttributeDefinitions"].append({"AttributeName": "x", "AttributeType": "S"})
    assert api.validation("CreateTable", request) == (
        f"{INVALID}Some AttributeDefinitions are not used. "
        "AttributeDefinitions: [p, a, x], keys used: [a, p]"
    )


@pytest.mark.parametrize(
    ("key", "index", "text"),
    [
        ("p:S s:S", Index("one", "a:S", "ALL"), INVALID + "Duplicate index name: one"),
        (
            "p:S",
            Index("two", "p:S a:S", local=True),
            (
                INVALID + "Table KeySchema does not have a range key, "
                "which is required when specifying a LocalSecondaryIndex"
            ),
        ),
        (
            "p:S s:S",
            Index("two", "p:S", local=True),
            INVALID + "Index KeySchema does not have a range key for index: two",
        ),
        (
            "p:S s:S",
            Index("two", "s:S a:S", local=True),
            (
                INVALID + "Index KeySchema does not have the same leading hash key as table "
                "KeySchema for index: two. index hash key: s, table hash key: p"
            ),
        ),
        (
            "p:S s:S",
            Index("two", "a:S", "INCLUDE"),
            INVALID + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
        ),
    ],
)
def test_indexes_are_checked(api: Api, name: str, key: str, index: Index, text: str):
    """An index needs a name of its own; a local one, the table's partition key and a sort key."""
    request = table_request(name, key, Index("one", "a:S"), index)
    assert api.validation("CreateTable", request) == text


def test_counts_and_sizes(api: Api):
    """ItemCount and TableSizeBytes, for the table and its sparse index.

    AWS refreshes them every six hours; Pannier keeps them exact, so this is asked of it alone.
    """
    if "amazonaws.com" in api.url:
        pytest.skip("AWS refreshes counts every six hours")
    table = api.create("p:S", Index("by-color", "color:S", "KEYS_ONLY"))
    api.put(
        table,
        {"p": {"S": "a"}, "color": {"S": "red"}, "n": {"N": "12345"}},
        {"p": {"S": "b"}, "n": {"N": "-0.5"}},
    )
    described = api.call("DescribeTable", TableName=table)["Table"]
    (index,) = described["GlobalSecondaryIndexes"]
    # p+a 2, color+red 8, n+12345 1+4; p+b 2, n+(-0.5) 1+3
    assert (described["ItemCount"], described["TableSizeBytes"]) == (2, 15 + 6)
    assert (index["ItemCount"], index["IndexSizeBytes"]) == (1, 10)


def test_list_tables_in_pages(api: Api):
    """Names in order, `Limit` an answer; LastEvaluatedTableName starts the next page."""
    made = sorted(api.create("p:S") for _ in range(3))
    everything = [
        name
        for page in api.boto3.get_paginator("list_tables").paginate(
            PaginationConfig={"PageSize": 2}
        )
        for name in page["TableNames"]
    ]
    assert [name for name in everything if name in made] == made
    page = api.call("ListTables", ExclusiveStartTableName=made[0], Limit=1)
    assert page["TableNames"] == [everything[everything.index(made[0]) + 1]]
    assert page["LastEvaluatedTableName"] == page["TableNames"][0]
    assert "LastEvaluatedTableName" not in api.call("ListTables", ExclusiveStartTableName=made[2])


def test_a_null_is_as_good_as_absent(api: Api):
    """Several SDKs send null for what was not given; AWS's JSON reader ignores it."""
    assert (
        api.call("ListTables", Limit=None, ExclusiveStartTableName=None)["TableNames"] is not None
    )


@pytest.mark.parametrize("limit", [0, 101])
def test_the_limit_of_list_tables(api: Api, limit: int):
    """1 to 100 names a page."""
    text = api.validation("ListTables", Limit=limit)
    relation = "less than or equal to 100" if limit else "greater than or equal to 1"
    assert text == (
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {relation}"
    )


@pytest.mark.parametrize("operation", ["DescribeTable", "DeleteTable"])
def test_table_operations_name_the_missing_table(api: Api, operation: str):
    """Unlike operations on items, these put the name into the text."""
    assert api.error(operation, TableName=NO_TABLE) == (
        "ResourceNotFoundException",
        f"Requested resource not found: Table: {NO_TABLE} not found",
    )


def test_delete_table(api: Api, name: str):
    """The answer says DELETING; then the table, its items and its indexes are gone.

    A new table of the same name starts empty, and with counts of zero.
    """
    request = table_request(name, "p:S", Index("other", "a:S"))
    for _ in range(2):
        api.call("CreateTable", request)
        api.boto3.get_waiter("table_exists").wait(TableName=name)
        assert api.count(name) == api.count(name, IndexName="other") == 0
        assert api.call("DescribeTable", TableName=name)["Table"]["ItemCount"] == 0
        api.put(name, {"p": {"S": "1"}, "a": {"S": "1"}})
        assert api.count(name) == 1
        deleted = api.call("DeleteTable", TableName=name)["TableDescription"]
        assert (deleted["TableName"], deleted["TableStatus"]) == (name, "DELETING")
        api.boto3.get_waiter("table_not_exists").wait(TableName=name)
    assert api.error("Scan", TableName=name) == (
        "ResourceNotFoundException",
        "Requested resource not found",
    )


def test_deletion_protection(api: Api, name: str):
    """A protected table survives DeleteTable."""
    api.call("CreateTable", table_request(name, "p:S"), DeletionProtectionEnabled=True)
    api.boto3.get_waiter("table_exists").wait(TableName=name)
    assert api.call("DescribeTable", TableName=name)["Table"]["DeletionProtectionEnabled"] is True
    assert api.validation("DeleteTable", TableName=name) == (
        "Resource cannot be deleted as it is currently protected against deletion. "
        "Disable deletion protection first."
    )
    assert api.call("DescribeTable", TableName=name)["Table"]["TableStatus"] == "ACTIVE"
    with contextlib.suppress(ApiError):  # so that nothing of the test stays behind
        api.call("UpdateTable", TableName=name, DeletionProtectionEnabled=False)


def test_a_table_may_be_named_by_its_arn(api: Api):
    """Since 2024 every TableName may be an ARN; answers call the table as the request did."""
    table = api.create("p:S")
    arn = api.call("DescribeTable", TableName=table)["Table"]["TableArn"]
    api.call("BatchWriteItem", RequestItems={arn: [{"PutRequest": {"Item": {"p": {"S": "a"}}}}]})
    assert api.call("GetItem", TableName=arn, Key={"p": {"S": "a"}})["Item"] == {"p": {"S": "a"}}
    read = api.call("BatchGetItem", RequestItems={arn: {"Keys": [{"p": {"S": "a"}}]}})
    assert read["Responses"] == {arn: [{"p": {"S": "a"}}]}
    assert api.call("DescribeTable", TableName=arn)["Table"]["TableName"] == table
