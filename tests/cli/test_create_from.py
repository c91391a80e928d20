"""`create-table --from`: tables of templates, descriptions and requests, as they come from AWS."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import good, refused, run
from tests.cli.templates import CDK, KEYS, KINDS, SAM


def template(folder: Path, **properties: Any) -> str:
    """A template of one table with these properties beside its key."""
    given = {"AttributeDefinitions": KINDS, "KeySchema": KEYS, "BillingMode": "PAY_PER_REQUEST"}
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {**given, **properties}}
    parameters = {
        "Owner": {"Type": "String"},
        "List": {"Type": "CommaDelimitedList", "Default": "a, b"},
    }
    (folder / "t.json").write_text(
        json.dumps({"Parameters": parameters, "Resources": {"T": table}})
    )
    return "t.json"


def described(folder: Path, table: str) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(good(folder, "describe-table", table).out)["Table"]
    return shown


def called(folder: Path, operation: str, table: str) -> dict[str, Any]:
    from pannier import connect

    with connect(f"local:{folder / '.pannier'}") as connection:
        key = "ResourceArn" if operation == "ListTagsOfResource" else "TableName"
        arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}"
        return connection.call(operation, {key: arn if key == "ResourceArn" else table})


def test_a_table_of_a_yaml_template(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SAM)
    done = good(tmp_path, "create-table", "--from", "template.yaml", "--resource", "Orders")
    assert json.loads(done.out)["TableDescription"]["TableName"] == "dev-orders"
    table = described(tmp_path, "dev-orders")
    kinds = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    assert kinds == {
        "PK": "S", "SK": "N", "GSI1PK": "B",
    }  # fmt: skip
    units = table["ProvisionedThroughput"]
    assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (3, 4)
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "GSI1-dev"
    assert index["Projection"]["NonKeyAttributes"] == ["price"]
    assert index["ProvisionedThroughput"]["ReadCapacityUnits"] == 1
    assert table["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"
    assert table["DeletionProtectionEnabled"] is False
    assert table["SSEDescription"]["SSEType"] == "KMS"
    expiry = called(tmp_path, "DescribeTimeToLive", "dev-orders")["TimeToLiveDescription"]
    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires")
    backups = called(tmp_path, "DescribeContinuousBackups", "dev-orders")
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    tags = called(tmp_path, "ListTagsOfResource", "dev-orders")["Tags"]
    assert tags == [{"Key": "stage", "Value": "dev"}]
    for left in (
        "KinesisStreamSpecification",
        "ContributorInsightsSpecification of the index GSI1-dev",
        "SSESpecification.KMSMasterKeyId",
    ):
        assert f"dev-orders: left out {left}" in done.err


def test_all_tables_of_a_template_whose_condition_holds(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(SAM)
    create = ("create-table", "--from", "template.yaml")
    done = good(tmp_path, *create, "--parameter", "Stage=dev")
    assert good(tmp_path, "tables").out.split() == ["Sessions", "dev-orders"]
    assert "Sessions: the template gives it no TableName" in done.err
    assert "dev-orders: ResourceInUseException" in refused(tmp_path, *create)
    assert "2 tables, and one name" in refused(tmp_path, *create[:1], "mine", *create[1:])
    assert "has no table Key Its tables are: Orders, Sessions" in refused(
        tmp_path, *create, "--resource", "Key"
    )
    good(tmp_path, "create-table", "mine", *create[1:], "--resource", "Sessions")
    assert described(tmp_path, "mine")["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_a_synthesised_template(tmp_path: Path) -> None:
    (tmp_path / "Stack.template.json").write_text(json.dumps(CDK))
    done = good(tmp_path, "create-table", "shop", "--from", "Stack.template.json")
    table = described(tmp_path, "shop")
    units = [
        table["ProvisionedThroughput"],
        table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"],
    ]
    assert [(u["ReadCapacityUnits"], u["WriteCapacityUnits"]) for u in units] == [(10, 5), (7, 6)]
    assert table["DeletionProtectionEnabled"] is True
    assert table["StreamSpecification"]["StreamEnabled"] is True
    assert called(tmp_path, "ListTagsOfResource", "shop")["Tags"] == [
        {"Key": "team", "Value": "shop"}
    ]
    assert "left out Replicas" in done.err
    assert "SeedCapacity" not in done.err


def test_a_description_makes_a_table_like_it(tmp_path: Path) -> None:
    """Also twice: of the copy, and of what create-table printed."""
    create = (
        "create-table",
        "shop",
        "--key",
        "PK:S,SK:N",
        "--index",
        "GSI=A:S",
        "--local-index",
        "LSI=B:B",
    )
    (tmp_path / "1.json").write_text(good(tmp_path, *create, "--provisioned", "5,6").out)
    good(tmp_path, "create-table", "two", "--from", "1.json")
    (tmp_path / "2.json").write_text(good(tmp_path, "describe-table", "two").out)
    assert "tags, time to live" in good(tmp_path, "create-table", "three", "--from", "2.json").err
    tables = [described(tmp_path, name) for name in ("shop", "two", "three")]
    for member in ("AttributeDefinitions", "KeySchema"):
        assert tables[0][member] == tables[1][member] == tables[2][member]
    for table in tables:
        assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 6
        assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
        assert table["LocalSecondaryIndexes"][0]["IndexName"] == "LSI"


def test_a_description_of_aws(tmp_path: Path) -> None:
    """What AWS adds to it, and what must not be asked for again."""
    shown = {
        "TableName": "shop",
        "AttributeDefinitions": KINDS,
        "KeySchema": KEYS,
        "TableStatus": "ACTIVE",
        "CreationDateTime": "2026-05-01T10:00:00.123000+02:00",
        "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
        "TableSizeBytes": 0,
        "ItemCount": 0,
        "TableArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/shop",
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"},
        "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:aws:x"},
        "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        "DeletionProtectionEnabled": True,
        "OnDemandThroughput": {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": -1},
        "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000},
    }
    (tmp_path / "table.json").write_text(json.dumps({"Table": shown}))
    done = good(tmp_path, "create-table", "--from", "table.json")
    table = described(tmp_path, "shop")
    assert table["OnDemandThroughput"]["MaxReadRequestUnits"] == 100
    assert table["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert table["StreamSpecification"]["StreamViewType"] == "OLD_IMAGE"
    assert "left out SSEDescription.KMSMasterKeyArn" in done.err
    assert "left out WarmThroughput" in done.err


def test_a_request_and_a_filled_in_skeleton(tmp_path: Path) -> None:
    request = {"TableName": "shop", "AttributeDefinitions": KINDS, "KeySchema": KEYS}
    skeleton = {
        **request,
        "BillingMode": "PAY_PER_REQUEST",
        "LocalSecondaryIndexes": [{"IndexName": "", "KeySchema": [{"KeyType": "RANGE"}]}],
        "ResourcePolicy": "",
        "WarmThroughput": {"ReadUnitsPerSecond": 0, "WriteUnitsPerSecond": 0},
        "GlobalTableSourceArn": "",
        "GlobalTableSettingsReplicationMode": "DISABLED",
        "Tags": [{"Key": "", "Value": ""}],
    }
    (tmp_path / "request.json").write_text(json.dumps(skeleton))
    good(tmp_path, "create-table", "--from", "request.json")
    assert "LocalSecondaryIndexes" not in described(tmp_path, "shop")
    assert "shop: ResourceInUseException" in refused(
        tmp_path, "create-table", "--from", "request.json"
    )


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        (
            {"TableName": {"Ref": "Owner"}},
            "T: TableName: the parameter Owner has no default Give it: --parameter Owner=VALUE",
        ),
        (
            {"TableName": {"Fn::Sub": "${AWS::StackName}-t"}},
            "TableName: AWS::StackName is known only",
        ),
        ({"TableName": {"Fn::ImportValue": "x"}}, "TableName: only CloudFormation knows"),
        (
            {"Tags": [{"Key": "k", "Value": {"Fn::GetAtt": ["Q", "Arn"]}}]},
            "T: Tags[0].Value: only CloudFormation",
        ),
        (
            {"TableName": {"Fn::Select": [5, ["a"]]}},
            'TableName: {"Fn::Select": [5, ["a"]]} has no value',
        ),
        ({"TableName": {"Ref": "Queue"}}, "Queue is a resource"),
        ({"TableName": {"Fn::If": ["No", "a", "b"]}}, "there is no condition No"),
    ],
)
def test_a_value_that_is_not_known_is_told_with_its_property(
    tmp_path: Path, properties: dict[str, Any], said: str
) -> None:
    assert said in refused(tmp_path, "create-table", "--from", template(tmp_path, **properties))


def test_parameters_from_the_command_line(tmp_path: Path) -> None:
    name: dict[str, Any] = {
        "Fn::Sub": ["${AWS::StackName}-${x}-${!y}", {"x": {"Fn::Select": ["1", {"Ref": "List"}]}}]
    }
    name = {"Fn::Select": [0, {"Fn::Split": ["-$", name]}]}
    source = template(tmp_path, TableName=name)
    create = ("create-table", "--from", source)
    good(tmp_path, *create, "--parameter", "AWS::StackName=stack")
    assert good(tmp_path, "tables").out == "stack-b\n"
    assert "has no such parameter It has: Owner, List" in refused(
        tmp_path, *create, "--parameter", "x=1"
    )
    assert "Write it as NAME=VALUE" in refused(tmp_path, *create, "--parameter", "x")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "line 1, column 2: this is not JSON"),
        ("a: [", "this is not YAML"),
        ("just words", "defines no table It should be a CloudFormation template"),
        ("{}", "defines no table"),
        ('{"Resources": {}}', "is a template without tables"),
        ('{"Table": {}}', "the description has no TableName"),
        ("\udcff", "is not UTF-8 text"),
        ("Resources: !Weird {a: !b c}", "is a template without tables"),
    ],
)
def test_a_file_that_defines_nothing(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "f").write_bytes(content.encode(errors="surrogateescape"))
    assert said in refused(tmp_path, "create-table", "--from", "f")


def test_options_that_contradict_the_file(tmp_path: Path) -> None:
    source = template(tmp_path)
    for option in (
        ("--key", "PK:S"),
        ("--index", "GSI=A:S"),
        ("--no-deletion-protection-enabled",),
    ):
        assert "does not go with --from" in refused(
            tmp_path, "create-table", "--from", source, *option
        )
    assert "go with --from" in refused(
        tmp_path, "create-table", "t", "--key", "PK:S", "--resource", "T"
    )
    assert run(tmp_path, "create-table", "--from", "nowhere.json").status == 1


def test_yaml_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "template.yaml").write_text(SAM)
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert "pannier[yaml]" in refused(tmp_path, "create-table", "--from", "template.yaml")
    good(tmp_path, "create-table", "--from", template(tmp_path, TableName="shop"))
