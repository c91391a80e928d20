"""Rights: what each credential may ask for, and that nothing is named past them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pannier.engine import service_model
from pannier.engine.cloudwatch.operations import OPERATIONS as CLOUDWATCH_OPERATIONS
from pannier.engine.operations import OPERATIONS
from pannier.errors import AccessDeniedException, SerializationException
from pannier.service.access.credentials import Credential
from pannier.service.access.named_tables import CHANGES, READS, STATEMENTS
from pannier.service.access.rights import CLOUDWATCH_READS, check_cloudwatch, check_rights
from tests.service.access.signing import BOSS, DEMO, DEMO_READER, READER

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/"
# What names a table, or something of one, by the names of shapes in the service model.
_NAMING = {
    "TableArn",
    "TableName",
    "BackupArn",
    "ResourceArnString",
    "streams:StreamArn",
    "streams:TableName",
    "streams:ShardIterator",
    "PartiQLStatement",
}
# Where a list begins: names of nothing that is shown.
_POSITIONS = {"ExclusiveStartTableName", "ExclusiveStartBackupArn", "ExclusiveStartStreamArn"}


def denied(credential: Credential, operation: str, request: Any) -> str | None:
    """What is said of a request that may not be made; None if it may."""
    try:
        check_rights(credential, operation, json.dumps(request).encode())
    except AccessDeniedException as error:
        return error.message
    return None


def test_every_operation_is_classed() -> None:
    classed = [*READS, *CHANGES, *STATEMENTS]
    assert sorted(classed) == sorted(OPERATIONS)


def test_an_operation_that_nobody_has_classed_is_denied() -> None:
    for credential in (READER, DEMO, DEMO_READER):
        assert denied(credential, "LaunchRockets", {}) is not None


def test_every_operation_of_cloudwatch_is_classed() -> None:
    changes = {name for name in CLOUDWATCH_OPERATIONS if not name.startswith(("Get", "List", "De"))}
    changes.add("DeleteAlarms")
    assert set(CLOUDWATCH_OPERATIONS) - changes == CLOUDWATCH_READS
    for operation in CLOUDWATCH_OPERATIONS:
        check_cloudwatch(BOSS, operation)
        with pytest.raises(AccessDeniedException, match=f"perform: cloudwatch:{operation} on"):
            check_cloudwatch(DEMO, operation)
        if operation in changes:
            with pytest.raises(AccessDeniedException):
                check_cloudwatch(READER, operation)
        else:
            check_cloudwatch(READER, operation)


def _places(name: str, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every place of a shape at which the service model has something that names a table."""
    shape = service_model.shape(name)
    if name in _NAMING:
        yield path, name
    elif len(path) > 8:
        return
    elif shape["type"] == "structure":
        for member, target in shape["members"].items():
            yield from _places(target["shape"], (*path, member))
    elif shape["type"] == "list":
        yield from _places(shape["member"]["shape"], (*path, "[]"))
    elif shape["type"] == "map":
        if shape["key"]["shape"] in _NAMING:
            yield (*path, "{}"), shape["key"]["shape"]
        yield from _places(shape["value"]["shape"], (*path, "x"))


def _with(path: tuple[str, ...], value: str) -> Any:
    """A request that has a value at a place, and nothing else."""
    if not path:
        return value
    first, *rest = path
    if first == "{}":
        return {value: {}}
    inner = _with(tuple(rest), value)
    return [inner] if first == "[]" else {first: inner}


def _naming(shape: str, table: str) -> str:
    """What names a table in a member of a shape."""
    return {
        "BackupArn": f"{ARN}{table}/backup/01489602797149-73d8d5bc",
        "ResourceArnString": ARN + table,
        "streams:StreamArn": f"{ARN}{table}/stream/2026-01-01T00:00:00.000",
        "streams:ShardIterator": f"{ARN}{table}/stream/2026-01-01T00:00:00.000|1|AAAA",
        "PartiQLStatement": f"SELECT * FROM \"{table}\" WHERE id='1'",
    }.get(shape, table)


PLACES = [
    (operation, path, shape)
    for operation in OPERATIONS
    for path, shape in _places(service_model.input_shape(operation))
    if path[-1] not in _POSITIONS
]


@pytest.mark.parametrize(("operation", "path", "shape"), PLACES)
def test_every_place_that_names_a_table_is_held_against_the_rights(
    operation: str, path: tuple[str, ...], shape: str
) -> None:
    """Places come from the service model, so that none can be forgotten."""
    outside = denied(DEMO, operation, _with(path, _naming(shape, "secret")))
    assert outside is not None
    assert outside.startswith("User: arn:aws:iam::000000000000:user/demo is not authorized to")
    assert outside.partition(" on resource: ")[2].startswith(f"{ARN}secret because no identity")
    assert denied(DEMO, operation, _with(path, _naming(shape, "demo-x"))) is None
    assert denied(BOSS, operation, _with(path, _naming(shape, "secret"))) is None
    if shape != "PartiQLStatement":
        allowed = denied(READER, operation, _with(path, _naming(shape, "secret"))) is None
        assert allowed == (operation in READS)


def test_most_operations_name_tables() -> None:
    """So that the test above can't pass by finding nothing."""
    assert {"DescribeEndpoints", "DescribeLimits", "ListTables"} == set(OPERATIONS) - {
        operation for operation, *_ in PLACES
    }
    assert len(PLACES) > len(OPERATIONS)


@pytest.mark.parametrize(
    ("operation", "request_", "action"),
    [
        ("GetItem", {"TableName": f"{ARN}secret"}, "GetItem"),
        ("GetItem", {"TableName": "arn:aws:dynamodb:mars:1:table/secret"}, "GetItem"),
        ("GetItem", {"TableName": "arn:aws:dynamodb:x:1:table/demo-x:table/secret"}, "GetItem"),
        ("GetItem", {"TableName": "arn::table/secret"}, "GetItem"),
        ("Query", {"TableName": "Demo-x"}, "Query"),
        ("Query", {"TableName": f"{ARN}secret/index/demo-x"}, "Query"),
        ("PutItem", {"TableName": ["demo-x"]}, "PutItem"),
        ("PutItem", {"TableName": {"S": "demo-x"}}, "PutItem"),
        ("PutItem", {"TableName": 1}, "PutItem"),
        ("BatchWriteItem", {"RequestItems": {"demo-x": [], "secret": []}}, "BatchWriteItem"),
        ("BatchGetItem", {"RequestItems": {"demo-x": {}, f"{ARN}secret": {}}}, "BatchGetItem"),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "demo-x"}},
                    {"ConditionCheck": {"TableName": "secret"}},
                ]
            },
            "ConditionCheckItem",
        ),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "demo-x"}, "Delete": {"TableName": "secret"}}
                ]
            },
            "DeleteItem",
        ),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "secret"}}]}, "GetItem"),
        ("CreateTable", {"TableName": "demo-x", "GlobalTableSourceArn": "secret"}, "CreateTable"),
        (
            "RestoreTableFromBackup",
            {"BackupArn": f"{ARN}secret/backup/1-1", "TargetTableName": "demo-x"},
            "RestoreTableFromBackup",
        ),
        (
            "RestoreTableFromBackup",
            {"BackupArn": f"{ARN}demo-x/backup/1-1", "TargetTableName": "secret"},
            "RestoreTableFromBackup",
        ),
        ("DeleteBackup", {"BackupArn": f"{ARN}secret/backup/{ARN}demo-x"}, "DeleteBackup"),
        ("GetRecords", {"ShardIterator": f"{ARN}secret/stream/x|1|{ARN}demo-"}, "GetRecords"),
        ("DescribeStream", {"StreamArn": "demo-x"}, "DescribeStream"),
        ("TagResource", {"ResourceArn": f"{ARN}secret"}, "TagResource"),
        ("ListBackups", {"TableName": "secret"}, "ListBackups"),
        ("ListStreams", {"TableName": "secret"}, "ListStreams"),
        ("ExecuteStatement", {"Statement": "SELECT * FROM secret"}, "PartiQLSelect"),
        ("ExecuteStatement", {"Statement": 'select * from "secret"."demo-x"'}, "PartiQLSelect"),
        ("ExecuteStatement", {"Statement": f'SELECT * FROM "{ARN}secret"'}, "PartiQLSelect"),
        ("ExecuteStatement", {"Statement": "DELETE FROM secret WHERE a='demo-x'"}, "PartiQLDelete"),
        ("ExecuteStatement", {"Statement": "INSERT INTO secret VALUE {'a':'1'}"}, "PartiQLInsert"),
        ("ExecuteStatement", {"Statement": "UPDATE secret SET b=1 WHERE a='1'"}, "PartiQLUpdate"),
        ("ExecuteStatement", {"Statement": ["SELECT * FROM secret"]}, "ExecuteStatement"),
        (
            "BatchExecuteStatement",
            {
                "Statements": [
                    {"Statement": "SELECT * FROM \"demo-x\" WHERE a='1'"},
                    {"Statement": "SELECT * FROM secret WHERE a='1'"},
                ]
            },
            "PartiQLSelect",
        ),
        (
            "ExecuteTransaction",
            {
                "TransactStatements": [
                    {"Statement": "EXISTS(SELECT * FROM secret WHERE a='1' AND b=1)"}
                ]
            },
            "PartiQLExists",
        ),
    ],
)
def test_names_are_read_as_the_engine_reads_them(
    operation: str, request_: dict[str, Any], action: str
) -> None:
    said = denied(DEMO, operation, request_)
    assert said is not None
    assert f"is not authorized to perform: dynamodb:{action} on resource: " in said
    assert said.endswith(f"because no identity-based policy allows the dynamodb:{action} action")


def test_of_two_members_of_one_name_the_engine_takes_the_last_and_so_do_rights() -> None:
    for names, is_denied in ((("demo-x", "secret"), True), (("secret", "demo-x"), False)):
        body = "{" + ",".join(f'"TableName":"{name}"' for name in names) + "}"
        if is_denied:
            with pytest.raises(AccessDeniedException):
                check_rights(DEMO, "DeleteTable", body.encode())
        else:
            check_rights(DEMO, "DeleteTable", body.encode())


def test_a_body_that_is_no_json_is_no_way_past() -> None:
    with pytest.raises(SerializationException):
        check_rights(DEMO, "DeleteTable", b'{"TableName":"secret"')


@pytest.mark.parametrize(
    ("statement", "changes"),
    [
        ("SELECT * FROM shop WHERE a='1'", False),
        ("  seLect a FROM shop", False),
        ("DELETE FROM shop WHERE a='1'", True),
        ("insert into shop value {'a':'1'}", True),
        ("UPDATE shop SET b=1 WHERE a='1'", True),
        ("EXISTS(SELECT * FROM shop WHERE a='1' AND b=1)", True),
    ],
)
def test_of_statements_a_reader_may_only_select(statement: str, changes: bool) -> None:
    entries = [{"Statement": "SELECT * FROM shop WHERE a='2'"}, {"Statement": statement}]
    for operation, request in (
        ("ExecuteStatement", {"Statement": statement}),
        ("BatchExecuteStatement", {"Statements": entries}),
        ("ExecuteTransaction", {"TransactStatements": entries}),
    ):
        assert (denied(READER, operation, request) is not None) == changes


def test_a_reader_may_change_nothing_even_without_a_name() -> None:
    for operation in CHANGES:
        assert denied(READER, operation, {}) is not None
        assert denied(READER, operation, {"TableName": "demo-x"}) is not None
        assert denied(DEMO_READER, operation, {"TableName": "demo-x"}) is not None
    for operation in READS:
        assert denied(READER, operation, {}) is None
