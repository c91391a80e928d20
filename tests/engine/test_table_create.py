"""CreateTable: what AWS refuses, in its words and its order, and what it describes.

A program that makes its own tables shows these errors to its user, and tools like Terraform look
for parts of them. Texts: captured ones come from public issue threads, see `table_messages`.
"""

from typing import Any

import pytest

from pannier.engine.database import Database
from tests.engine.table_asking import (
    call,
    definitions,
    described,
    index,
    keys,
    on_demand,
    provisioned,
    refused,
    units,
)

INVALID = "ValidationException: One or more parameter values were invalid: "
PAIR: dict[str, Any] = {"AttributeDefinitions": definitions("a", "b"), "KeySchema": keys("a", "b")}


def without(request: dict[str, Any], *members: str) -> dict[str, Any]:
    return {name: content for name, content in request.items() if name not in members}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a short name": (
        on_demand("ab"),
        (
            "ValidationException: 1 validation error detected: Value 'ab' at 'tableName' failed to "
            "satisfy constraint: Member must have length greater than or equal to 3"
        ),
    ),
    "no key schema": (
        without(on_demand(), "KeySchema"),
        (
            "ValidationException: 1 validation error detected: Value null at 'keySchema' failed to "
            "satisfy constraint: Member must not be null"
        ),
    ),
    "no throughput": (
        without(on_demand(), "BillingMode"),
        INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified "
        "when BillingMode is PROVISIONED",
    ),
    "throughput on demand": (
        on_demand(ProvisionedThroughput=units(1, 1)),
        INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
        "when BillingMode is PAY_PER_REQUEST",
    ),
    "throughput without bounds": (
        without(on_demand(ProvisionedThroughput=units(10**12 + 1, 1)), "BillingMode"),
        "ValidationException: Given value 1000000000001 for ReadCapacityUnits is out of bounds",
    ),
    "a sort key first": (
        on_demand(KeySchema=[{"AttributeName": "a", "KeyType": "RANGE"}]),
        "ValidationException: Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
    ),
    "two partition keys": (
        on_demand(KeySchema=keys("a") + keys("b"), AttributeDefinitions=definitions("a", "b")),
        (
            "ValidationException: Invalid KeySchema: "
            "The second KeySchemaElement is not a RANGE key type"
        ),
    ),
    "one attribute as both keys": (
        on_demand(KeySchema=keys("a", "a")),
        (
            "ValidationException: Both the Hash Key and the Range Key element in the KeySchema "
            "have the same name"
        ),
    ),
    "a definition twice": (
        on_demand(AttributeDefinitions=definitions("a", "a")),
        INVALID + "Duplicate AttributeName in AttributeDefinitions: a",
    ),
    "fewer definitions than keys": (
        on_demand(KeySchema=keys("a", "b")),
        "ValidationException: Invalid KeySchema: Some index key attribute have no definition",
    ),
    "other definitions than keys": (
        on_demand(KeySchema=keys("b", "c"), AttributeDefinitions=definitions("a", "b")),
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. "
        "Keys: [b, c], AttributeDefinitions: [a, b]",
    ),
    "a definition without a use": (
        on_demand(AttributeDefinitions=definitions("a", "b")),
        INVALID + "Number of attributes in KeySchema does not exactly match number of attributes "
        "defined in AttributeDefinitions",
    ),
    "a definition without a use, beside an index": (
        on_demand(
            AttributeDefinitions=definitions("a", "b"),
            GlobalSecondaryIndexes=[index("gsi", keys("a"))],
        ),
        INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: [a, b], "
        "keys used: [a]",
    ),
    "an empty list of indexes": (
        on_demand(GlobalSecondaryIndexes=[]),
        INVALID + "List of GlobalSecondaryIndexes is empty",
    ),
    "two indexes of one name": (
        on_demand(
            **PAIR,
            GlobalSecondaryIndexes=[index("same", keys("b"))],
            LocalSecondaryIndexes=[index("same", keys("a", "b"))],
        ),
        INVALID + "Duplicate index name: same",
    ),
    "21 global indexes": (
        on_demand(GlobalSecondaryIndexes=[index(f"i{n:02d}", keys("a")) for n in range(21)]),
        INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20",
    ),
    "6 local indexes": (
        on_demand(
            **PAIR, LocalSecondaryIndexes=[index(f"i{n:02d}", keys("a", "b")) for n in range(6)]
        ),
        INVALID + "Number of LocalSecondaryIndexes exceeds per-table limit of 5",
    ),
    "a local index without a table's sort key": (
        on_demand(
            AttributeDefinitions=definitions("a", "b"),
            LocalSecondaryIndexes=[index("lsi", keys("a", "b"))],
        ),
        INVALID + "Table KeySchema does not have a range key, "
        "which is required when specifying a LocalSecondaryIndex",
    ),
    "a local index of another partition key": (
        on_demand(**PAIR, LocalSecondaryIndexes=[index("lsi", keys("b", "a"))]),
        INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema "
        "for index: lsi. index hash key: b, table hash key: a",
    ),
    "no projection": (
        on_demand(
            GlobalSecondaryIndexes=[{"IndexName": "gsi", "KeySchema": keys("a"), "Projection": {}}]
        ),
        INVALID + "Unknown ProjectionType: null",
    ),
    "INCLUDE of nothing": (
        on_demand(GlobalSecondaryIndexes=[index("gsi", keys("a"), "INCLUDE")]),
        INVALID + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
    ),
    "an index without units": (
        provisioned(GlobalSecondaryIndexes=[index("gsi", keys("a"))]),
        INVALID + "ProvisionedThroughput is not specified for index: gsi",
    ),
    "AES256": (
        on_demand(SSESpecification={"Enabled": True, "SSEType": "AES256"}),
        INVALID + "SSEType AES256 is not supported",
    ),
    "a key without its type": (
        on_demand(SSESpecification={"Enabled": True, "KMSMasterKeyId": "mine"}),
        INVALID + "SSEType KMS is required if KMSMasterKeyId is specified",
    ),
    "an on-demand maximum of 0": (
        on_demand(OnDemandThroughput={"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 0}),
        INVALID + "Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside "
        "of valid range",
    ),
}


@pytest.mark.parametrize(("request_", "text"), REFUSED.values(), ids=REFUSED)
def test_refused(request_: dict[str, Any], text: str) -> None:
    """Each request is wrong in one way, and nothing is created."""
    with Database.in_memory() as database:
        assert refused(database, "CreateTable", **request_) == text
        assert call(database, "ListTables") == {"TableNames": []}


@pytest.mark.parametrize(
    ("roles", "good"),
    [
        ("H", True),
        ("HHHHRRRR", True),
        ("HHHH", True),
        ("HRRRR", True),
        ("HHHHH", False),
        ("HRRRRR", False),
        ("HRH", False),
        ("RH", False),
    ],
)
def test_keys_of_several_attributes(roles: str, good: bool) -> None:
    """Since late 2025 a global index may have up to 4 partition and 4 sort attributes."""
    names = [f"k{number}" for number in range(len(roles))]
    schema = [
        {"AttributeName": name, "KeyType": "HASH" if role == "H" else "RANGE"}
        for name, role in zip(names, roles, strict=True)
    ]
    request = on_demand(
        AttributeDefinitions=definitions("a", *names),
        GlobalSecondaryIndexes=[index("gsi", schema)],
    )
    with Database.in_memory() as database:
        if good:
            call(database, "CreateTable", **request)
            assert described(database)["GlobalSecondaryIndexes"][0]["KeySchema"] == schema
        else:
            text = refused(database, "CreateTable", **request)
            assert text.startswith("ValidationException: Invalid KeySchema: ")


def test_the_throughput_comes_before_the_keys() -> None:
    """Two things are wrong; AWS speaks of the billing first."""
    with Database.in_memory() as database:
        wrong = on_demand(KeySchema=keys("x"), ProvisionedThroughput=units(1, 1))
        assert "PAY_PER_REQUEST" in refused(database, "CreateTable", **wrong)


def test_described_on_demand() -> None:
    """Zeros stand for on demand, for the table and for each index; tools compare them."""
    with Database.in_memory() as database:
        request = on_demand(
            AttributeDefinitions=definitions("a", "g"),
            GlobalSecondaryIndexes=[index("gsi", keys("g"))],
            OnDemandThroughput={"MaxReadRequestUnits": 10},
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/mine"},
            TableClass="STANDARD_INFREQUENT_ACCESS",
            DeletionProtectionEnabled=True,
        )
        answer = call(database, "CreateTable", **request)["TableDescription"]
        assert answer["TableStatus"] == "CREATING"
        assert answer["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
        table = described(database)
    zeros = {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    warm = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}
    assert table["TableStatus"] == "ACTIVE"
    assert table["ProvisionedThroughput"] == zeros
    assert table["WarmThroughput"] == warm
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 10}
    assert table["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSEDescription"] == {
        "Status": "ENABLED",
        "SSEType": "KMS",
        "KMSMasterKeyArn": "arn:aws:kms:us-east-1:000000000000:alias/mine",
    }
    (gsi,) = table["GlobalSecondaryIndexes"]
    assert gsi["IndexStatus"] == "ACTIVE"
    assert gsi["ProvisionedThroughput"] == zeros
    assert gsi["WarmThroughput"] == warm
    assert gsi["IndexArn"] == table["TableArn"] + "/index/gsi"
    assert "Backfilling" not in gsi


def test_described_provisioned() -> None:
    """A provisioned table has no billing summary, and is as warm as it is provisioned."""
    with Database.in_memory() as database:
        call(database, "CreateTable", **provisioned())
        table = described(database)
    assert "BillingModeSummary" not in table
    assert table["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, **units(5, 5)}
    assert table["WarmThroughput"]["ReadUnitsPerSecond"] == 5


def test_created_twice() -> None:
    """The second time is an error whatever the definition, which is how programs make sure."""
    with Database.in_memory() as database:
        call(database, "CreateTable", **on_demand())
        text = refused(database, "CreateTable", **provisioned())
        assert text == "ResourceInUseException: Table already exists: abc"


@pytest.mark.parametrize("member", ["ResourcePolicy", "GlobalTableSourceArn"])
def test_what_pannier_does_not_have_is_refused_by_name(member: str) -> None:
    """Better than to accept a policy that then protects nothing."""
    with Database.in_memory() as database:
        text = refused(database, "CreateTable", **on_demand(**{member: "arn:aws:x"}))
        assert text.endswith(member)


def test_deletion_protection() -> None:
    with Database.in_memory() as database:
        call(database, "CreateTable", **on_demand(DeletionProtectionEnabled=True))
        assert refused(database, "DeleteTable", TableName="abc") == (
            "ValidationException: Resource cannot be deleted as it is currently protected against "
            "deletion. Disable deletion protection first."
        )
        call(database, "UpdateTable", TableName="abc", DeletionProtectionEnabled=False)
        call(database, "DeleteTable", TableName="abc")
