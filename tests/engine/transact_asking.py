"""What the tests of transactions share: a database with two tables, and short ways to ask it.

`orders` has a sort key, a global index on `g` and a local one on `l`; `plain` has a partition key
only. Every answer below 500 is decoded; a 500 fails the test that caused it.
"""

from typing import Any

import orjson

from pannier.engine.database import Database

KEYS = ("pk", "sk", "g", "l")


class Ticking:
    """A clock that moves only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


class Asked:
    """A database, asked as over the wire."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        answer = self.database.execute(operation, orjson.dumps(request))
        assert answer.status < 500, answer.body
        decoded: dict[str, Any] = orjson.loads(answer.body)
        return decoded

    def write(self, *actions: dict[str, Any], **options: Any) -> dict[str, Any]:
        return self.ask("TransactWriteItems", TransactItems=list(actions), **options)

    def get(self, *gets: dict[str, Any], **options: Any) -> dict[str, Any]:
        actions = [{"Get": get} for get in gets]
        return self.ask("TransactGetItems", TransactItems=actions, **options)

    def item(self, pk: str, table: str = "orders") -> dict[str, Any] | None:
        return self.ask("GetItem", TableName=table, Key=key(pk, table)).get("Item")

    def counts(self) -> dict[str, Any]:
        """Item counts and sizes of everything, as DescribeTable tells them."""
        return {
            name: self.ask("DescribeTable", TableName=name)["Table"] for name in ("orders", "plain")
        }

    def stored(self) -> list[tuple[bytes, bytes]]:
        """Every byte in the store."""
        return list(self.database.store.range(b"", b"\xff" * 8))


def asked(database: Database) -> Asked:
    """The database with its tables, made where they are missing."""
    asker = Asked(database)
    if asker.ask("ListTables")["TableNames"]:
        return asker
    asker.ask(
        "CreateTable",
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEYS],
        KeySchema=_schema("pk", "sk"),
        GlobalSecondaryIndexes=[_index("by-g", "g")],
        LocalSecondaryIndexes=[_index("by-l", "pk", "l")],
    )
    asker.ask(
        "CreateTable",
        TableName="plain",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=_schema("pk"),
    )
    return asker


def text(content: str) -> dict[str, str]:
    return {"S": content}


def number(content: int | str) -> dict[str, str]:
    return {"N": str(content)}


def key(pk: str, table: str = "orders") -> dict[str, Any]:
    return {"pk": text(pk)} if table == "plain" else {"pk": text(pk), "sk": text("s")}


def put(pk: str, table: str = "orders", *, more: Any = None, **options: Any) -> dict[str, Any]:
    """A Put of an item with the attributes `more`."""
    return {"Put": {"TableName": table, "Item": {**key(pk, table), **(more or {})}, **options}}


def delete(pk: str, table: str = "orders", **options: Any) -> dict[str, Any]:
    return {"Delete": {"TableName": table, "Key": key(pk, table), **options}}


def check(pk: str, condition: str, table: str = "orders", **options: Any) -> dict[str, Any]:
    content = {"TableName": table, "Key": key(pk, table), "ConditionExpression": condition}
    return {"ConditionCheck": {**content, **options}}


def update(pk: str, expression: str, value: Any = None, **options: Any) -> dict[str, Any]:
    """An Update in which `:v` is the value."""
    content = {"TableName": "orders", "Key": key(pk), "UpdateExpression": expression, **options}
    if value is not None:
        content["ExpressionAttributeValues"] = {":v": value}
    return {"Update": content}


def error(answer: dict[str, Any]) -> tuple[str, str]:
    """An error's short name and text."""
    return answer["__type"].partition("#")[2], answer.get("message") or answer.get("Message", "")


def reasons(answer: dict[str, Any]) -> list[Any]:
    """The reasons of a cancelled transaction: None, or code and text."""
    assert error(answer)[0] == "TransactionCanceledException", answer
    shown = answer["CancellationReasons"]
    codes = ", ".join(reason["Code"] for reason in shown)
    assert error(answer)[1] == (
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    )
    return [
        None if reason == {"Code": "None"} else (reason["Code"], reason["Message"])
        for reason in shown
    ]


def _schema(partition: str, sort: str | None = None) -> list[dict[str, str]]:
    schema = [{"AttributeName": partition, "KeyType": "HASH"}]
    return schema if sort is None else [*schema, {"AttributeName": sort, "KeyType": "RANGE"}]


def _index(name: str, partition: str, sort: str | None = None) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": _schema(partition, sort),
        "Projection": {"ProjectionType": "ALL"},
    }
