"""What the tests of PartiQL statements share: a database with a table, and short ways to ask it.

`songs` has a partition key `pk` (S), a sort key `sk` (N), a global index `by_g` on `g` that
projects keys only, and a local index `by_l` on `l`. Three items lie in the partition `a`, one in
`b`. Every answer below 500 is decoded; a 500 fails the test that caused it.
"""

from typing import Any

import orjson

from pannier.engine.database import Database

Json = dict[str, Any]
KEYS_ONLY = {"ProjectionType": "KEYS_ONLY"}


class Asked:
    """A database, asked in statements."""

    def __init__(self) -> None:
        self.database = Database.in_memory()
        self.ask(
            "CreateTable",
            TableName="songs",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in {"pk": "S", "sk": "N", "g": "S", "l": "S"}.items()
            ],
            KeySchema=_keys("pk", "sk"),
            GlobalSecondaryIndexes=[
                {"IndexName": "by_g", "KeySchema": _keys("g"), "Projection": KEYS_ONLY}
            ],
            LocalSecondaryIndexes=[
                {"IndexName": "by_l", "KeySchema": _keys("pk", "l"), "Projection": KEYS_ONLY}
            ],
        )
        for number in range(3):
            self.put("a", number, n=number * 10, g="G", l=f"L{number}")
        self.put("b", 1, n=5)

    def ask(self, operation: str, **request: Any) -> Json:
        answer = self.database.execute(operation, orjson.dumps(request))
        assert answer.status < 500, answer.body
        decoded: Json = orjson.loads(answer.body)
        return decoded

    def put(self, pk: str, sk: int, **attributes: str | int) -> None:
        item = {name: plain(value) for name, value in attributes.items()}
        self.ask("PutItem", TableName="songs", Item={**key(pk, sk), **item})

    def item(self, pk: str, sk: int) -> Json | None:
        return self.ask("GetItem", TableName="songs", Key=key(pk, sk)).get("Item")

    def run(self, statement: str, *parameters: Json, **options: Any) -> Json:
        """The answer of an ExecuteStatement."""
        if parameters:
            options["Parameters"] = list(parameters)
        return self.ask("ExecuteStatement", Statement=statement, **options)

    def items(self, statement: str, *parameters: Json, **options: Any) -> list[Json]:
        """The items that a statement answers."""
        answer = self.run(statement, *parameters, **options)
        assert "__type" not in answer, answer
        items: list[Json] = answer["Items"]
        return items

    def keys(self, statement: str, *parameters: Json, **options: Any) -> list[tuple[str, int]]:
        """The keys of the items that a statement answers, in their order."""
        items = self.items(statement, *parameters, **options)
        return [(item["pk"]["S"], int(item["sk"]["N"])) for item in items]

    def where(self, condition: str, *parameters: Json) -> list[tuple[str, int]]:
        """The keys of the items of `songs` that meet a condition, sorted."""
        return sorted(self.keys(f"SELECT pk, sk FROM songs WHERE {condition}", *parameters))

    def error(self, statement: str, *parameters: Json, **options: Any) -> tuple[str, str]:
        """The error's name and text that a statement is answered with."""
        return error(self.run(statement, *parameters, **options))

    def refusal(self, statement: str, *parameters: Json, **options: Any) -> str:
        """The text of the ValidationException that a statement is answered with."""
        code, text = self.error(statement, *parameters, **options)
        assert code == "ValidationException"
        return text

    def detail(self, statement: str) -> str:
        """What a statement's grammar is said to lack."""
        text = self.refusal(statement)
        head = "Statement wasn't well formed, can't be processed: "
        assert text.startswith(head), text
        return text.removeprefix(head)


def key(pk: str, sk: int) -> Json:
    return {"pk": {"S": pk}, "sk": {"N": str(sk)}}


def plain(value: str | int) -> Json:
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def error(answer: Json) -> tuple[str, str]:
    assert "__type" in answer, answer
    return answer["__type"].split("#")[1], answer.get("message", answer.get("Message"))


def _keys(*names: str) -> list[Json]:
    roles = zip(names, ("HASH", "RANGE"), strict=False)
    return [{"AttributeName": name, "KeyType": role} for name, role in roles]
