"""Which tables a request names, and what it does with each: what rights are held against.

The request is read with the engine's own decoder, names by its own reading of ARNs, statements by
its own parser, so that there is no second opinion about what a request means. Whatever stands
where a name should, and is none, counts as a table that nobody may name.

Actions are those of IAM: parts of a transaction are single actions, statements have their own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from pannier.engine.catalog import plain_name
from pannier.errors import ValidationException
from pannier.partiql import parse_statement


class Asked(NamedTuple):
    """One thing that a request asks for.

    Attributes:
        action: as IAM names it, without `dynamodb:`.
        table: its name; None where it can't be a name.
        changes: whether it may change something.
    """

    action: str
    table: str | None
    changes: bool


_Reading: TypeAlias = Callable[[str, Mapping[str, Any]], Iterator[Asked]]

_CHANGING_STATEMENTS: Final = frozenset({"INSERT", "UPDATE", "DELETE"})
_TABLE_OF_ARN: Final = ":table/"


def asked(operation: str, request: Mapping[str, Any]) -> Iterator[Asked]:
    """What a request asks for; nothing where it names nothing, which the engine then refuses.

    Args:
        operation: one of `READS`, `CHANGES` or `STATEMENTS`.
        request: as the engine decodes it.
    """
    for reading in _READINGS[operation]:
        yield from reading(operation, request)


def _member(name: str, table_of: Callable[[str], str]) -> _Reading:
    """Reads one member that names a table, if it is there."""

    def read(operation: str, request: Mapping[str, Any]) -> Iterator[Asked]:
        value = request.get(name)
        if value is not None:
            table = table_of(value) if isinstance(value, str) else None
            yield Asked(operation, table, operation not in READS)

    return read


def _keys(operation: str, request: Mapping[str, Any]) -> Iterator[Asked]:
    """The tables of a batch."""
    requested = request.get("RequestItems")
    for name in requested if isinstance(requested, dict) else ():
        yield Asked(operation, plain_name(name), operation not in READS)


def _actions(operation: str, request: Mapping[str, Any]) -> Iterator[Asked]:
    """The actions of a transaction; all that stand in one entry, though only one may."""
    for entry in _listed(request, "TransactItems"):
        for kind, action in entry.items() if isinstance(entry, dict) else ():
            name = action.get("TableName") if isinstance(action, dict) else None
            if name is None:
                continue
            suffix = "" if kind.endswith("Item") else "Item"
            whole = {"ConditionCheck": "ConditionCheckItem"}.get(kind, kind + suffix)
            table = plain_name(name) if isinstance(name, str) else None
            yield Asked(whole, table, operation not in READS)


def _statements(member: str | None) -> _Reading:
    """Reads statements: that of the request itself, or those in a list of it."""

    def read(operation: str, request: Mapping[str, Any]) -> Iterator[Asked]:
        for each in [request] if member is None else _listed(request, member):
            text = each.get("Statement") if isinstance(each, dict) else None
            if text is None:
                continue
            if not isinstance(text, str):
                yield Asked(operation, None, changes=True)
                continue
            try:
                statement = parse_statement(text)
            except ValidationException:  # so the engine says, too
                continue
            action = f"PartiQL{statement.verb.capitalize()}"
            # EXISTS is a part of transactions that write.
            changes = statement.verb in _CHANGING_STATEMENTS or statement.verb == "EXISTS"
            yield Asked(action, plain_name(statement.table), changes)

    return read


def _nothing(_operation: str, _request: Mapping[str, Any]) -> Iterator[Asked]:
    """Nothing is named."""
    yield from ()


def _listed(request: Mapping[str, Any], member: str) -> list[Any]:
    value = request.get(member)
    return value if isinstance(value, list) else []


def _in_arn(arn: str) -> str:
    """The table of a stream, a shard iterator or a backup, all of which are found as a whole."""
    return arn.partition(_TABLE_OF_ARN)[2].partition("/")[0]


_NAME: Final = _member("TableName", plain_name)
_RESOURCE: Final = _member("ResourceArn", plain_name)
_STREAM: Final = _member("StreamArn", _in_arn)
_BACKUP: Final = _member("BackupArn", _in_arn)
_TARGET: Final = _member("TargetTableName", plain_name)

READS: Final[Mapping[str, tuple[_Reading, ...]]] = {
    "BatchGetItem": (_keys,),
    "DescribeBackup": (_BACKUP,),
    "DescribeContinuousBackups": (_NAME,),
    "DescribeEndpoints": (_nothing,),
    "DescribeLimits": (_nothing,),
    "DescribeStream": (_STREAM,),
    "DescribeTable": (_NAME,),
    "DescribeTimeToLive": (_NAME,),
    "GetItem": (_NAME,),
    "GetRecords": (_member("ShardIterator", _in_arn),),
    "GetShardIterator": (_STREAM,),
    "ListBackups": (_NAME,),
    "ListStreams": (_NAME,),
    "ListTables": (_nothing,),
    "ListTagsOfResource": (_RESOURCE,),
    "Query": (_NAME,),
    "Scan": (_NAME,),
    "TransactGetItems": (_actions,),
}
"""Operations that change nothing."""

CHANGES: Final[Mapping[str, tuple[_Reading, ...]]] = {
    "BatchWriteItem": (_keys,),
    "CreateBackup": (_NAME,),
    "CreateTable": (_NAME, _member("GlobalTableSourceArn", plain_name)),
    "DeleteBackup": (_BACKUP,),
    "DeleteItem": (_NAME,),
    "DeleteTable": (_NAME,),
    "PutItem": (_NAME,),
    "RestoreTableFromBackup": (_BACKUP, _TARGET),
    "RestoreTableToPointInTime": (
        _member("SourceTableName", plain_name),
        _member("SourceTableArn", plain_name),
        _TARGET,
    ),
    "TagResource": (_RESOURCE,),
    "TransactWriteItems": (_actions,),
    "UntagResource": (_RESOURCE,),
    "UpdateContinuousBackups": (_NAME,),
    "UpdateItem": (_NAME,),
    "UpdateTable": (_NAME,),
    "UpdateTimeToLive": (_NAME,),
}
"""Operations that change something, whatever they are asked for."""

STATEMENTS: Final[Mapping[str, tuple[_Reading, ...]]] = {
    "BatchExecuteStatement": (_statements("Statements"),),
    "ExecuteStatement": (_statements(None),),
    "ExecuteTransaction": (_statements("TransactStatements"),),
}
"""Operations whose statements say whether they change something."""

_READINGS: Final = {**READS, **CHANGES, **STATEMENTS}
