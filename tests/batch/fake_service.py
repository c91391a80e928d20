"""A DynamoDB of a few lines that does to each call what the test says: the `Fate` of the call.

It keeps items, so that a test can look at what is really there, and it is strict: a call that the
API would not accept (too many operations, a key twice, a key in two calls at a time) is a defect of
the batch engine and fails the test at once.
"""

import asyncio
import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson

from pannier.batch.operation import Operation
from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from pannier.limits import REQUEST_BYTES_MAX
from pannier.model.key_schema import KeyAttribute, KeySchema

TABLE = "shop"
OTHER = "stock"
SCHEMA = KeySchema([KeyAttribute("PK", "S")], [])
SCHEMAS = {TABLE: SCHEMA, OTHER: SCHEMA}
POISON = {"BOOL": True}  # the value of the attribute `poison` of an item that the service refuses
POISON_KEY = "poison"  # a key that begins so is refused when it is read

THROTTLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "message": "The level of configured provisioned throughput for the table was exceeded.",
}
REFUSED = {"__type": "com.amazon.coral.validate#ValidationException", "message": "poison"}
BROKEN = {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "broken"}
GONE = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "gone"}


class End(Enum):
    """How a call ends."""

    ANSWER = "an answer"
    THROTTLE = "nothing done, an exception for throttling"
    ERROR = "HTTP 500"
    JUNK = "HTTP 200 with a body that is no JSON"
    SILENCE = "the connection breaks"
    UNREACHABLE = "no connection"
    HOPELESS = "an error that no repetition mends"


@dataclass(frozen=True)
class Fate:
    """What becomes of a call: how it ends, and how many of its operations have no effect."""

    end: End = End.ANSWER
    left: int = 0
    retry_after_s: float | None = None


ALL = 1000
DONE = Fate()
THROTTLE = Fate(End.THROTTLE, left=ALL)
ERROR_BEFORE = Fate(End.ERROR, left=ALL)
ERROR_AFTER = Fate(End.ERROR)
JUNK_AFTER = Fate(End.JUNK)
SILENCE_BEFORE = Fate(End.SILENCE, left=ALL)
SILENCE_AFTER = Fate(End.SILENCE)
UNREACHABLE = Fate(End.UNREACHABLE, left=ALL)
HOPELESS = Fate(End.HOPELESS, left=ALL)


def leave(count: int) -> Fate:
    """The last `count` operations of the call are left unprocessed."""
    return Fate(left=count)


def random_fate(chance: random.Random, trouble: float) -> Fate:
    """A fate that is bad with the probability `trouble`."""
    if chance.random() >= trouble:
        return DONE
    end = chance.choice([each for each in End if each is not End.HOPELESS])
    return Fate(end, left=chance.choice([0, 1, 3, 24, ALL]))


class FakeService:
    """Tables with a partition key `PK`, and the fates of the next calls.

    Attributes:
        tables: the items by table and key.
        calls: the (table, key) pairs of each call, in the order of the calls.
        requests: the decoded requests.
    """

    name = "fake"

    def __init__(
        self,
        fates: Iterable[Fate] = (),
        *,
        chance: random.Random | None = None,
        trouble: float = 0.0,
        schemas: dict[str, KeySchema] = SCHEMAS,
    ) -> None:
        self.fates = deque(fates)
        self.tables: dict[str, dict[bytes, Any]] = {name: {} for name in schemas}
        self.calls: list[list[tuple[str, bytes]]] = []
        self.requests: list[dict[str, Any]] = []
        self.closed = False
        self._schemas = schemas
        self._chance = chance
        self._trouble = trouble
        self._busy: set[tuple[str, bytes]] = set()

    def items(self, table: str = TABLE) -> dict[str, Any]:
        """What is in a table: the attribute `v` by the text of the key."""
        return {
            item["PK"]["S"]: next(iter(item["v"].values())) for item in self.tables[table].values()
        }

    # As a target

    async def send(self, operation: str, body: bytes) -> Reply:
        if operation == "DescribeTable":
            return self._describe(orjson.loads(body)["TableName"])
        places = self._legal_places(operation, body)
        assert not self._busy & set(places), "a key is in two calls at a time"
        self._busy |= set(places)
        try:
            await asyncio.sleep(self._latency_s())
            return self.answer(operation, body)
        finally:
            self._busy -= set(places)

    async def close(self) -> None:
        self.closed = True

    def _latency_s(self) -> float:
        return self._chance.uniform(0, 0.1) if self._chance else 0.01

    def _describe(self, table: str) -> Reply:
        if table not in self._schemas:
            return Reply(400, orjson.dumps(GONE))
        schema = self._schemas[table]
        described = {
            "KeySchema": [
                *({"AttributeName": each.name, "KeyType": "HASH"} for each in schema.partition),
                *({"AttributeName": each.name, "KeyType": "RANGE"} for each in schema.sort),
            ],
            "AttributeDefinitions": [
                {"AttributeName": each.name, "AttributeType": each.kind}
                for each in schema.attributes
            ],
        }
        return Reply(200, orjson.dumps({"Table": described}))

    # As a service

    def answer(self, operation: str, body: bytes) -> Reply:
        """Do what the next fate says.

        Raises:
            OutcomeUnknownError: the fate is silence.
            TargetUnreachableError: the fate is that nobody answers.
        """
        places = self._legal_places(operation, body)
        request = orjson.loads(body)
        self.calls.append(places)
        self.requests.append(request)
        fate = self._next_fate()
        kept = max(0, len(places) - fate.left)
        if self._refused(operation, request):
            kept = 0  # the service refuses the call as a whole
            if fate.end is End.ANSWER:
                return Reply(400, orjson.dumps(REFUSED))
        run = self._write if operation == "BatchWriteItem" else self._read
        answer = run(request, kept)
        match fate.end:
            case End.ANSWER:
                return Reply(200, orjson.dumps(answer), fate.retry_after_s)
            case End.JUNK:
                return Reply(200, b"<html>")
            case End.SILENCE:
                raise OutcomeUnknownError("silence")
            case End.UNREACHABLE:
                raise TargetUnreachableError("unreachable")
        body_of = {End.THROTTLE: THROTTLED, End.ERROR: BROKEN, End.HOPELESS: GONE}
        status = 500 if fate.end is End.ERROR else 400
        return Reply(status, orjson.dumps(body_of[fate.end]), fate.retry_after_s)

    def _next_fate(self) -> Fate:
        if self.fates:
            return self.fates.popleft()
        if self._chance is None:
            return DONE
        fate = random_fate(self._chance, self._trouble)
        if fate.end is End.THROTTLE or fate.end is End.UNREACHABLE:
            return Fate(fate.end, left=ALL)
        return fate

    def _legal_places(self, operation: str, body: bytes) -> list[tuple[str, bytes]]:
        assert len(body) <= REQUEST_BYTES_MAX
        places = []
        for table, content in orjson.loads(body)["RequestItems"].items():
            schema = self._schemas[table]
            if operation == "BatchGetItem":
                keys = [schema.exact_key(key) for key in content["Keys"]]
            else:
                keys = [
                    schema.item_key(each["PutRequest"]["Item"])
                    if "PutRequest" in each
                    else schema.exact_key(each["DeleteRequest"]["Key"])
                    for each in content
                ]
            assert keys, "a table without operations is refused by the service"
            places += [(table, b"".join(key)) for key in keys]
        assert 1 <= len(places) <= (25 if operation == "BatchWriteItem" else 100)
        assert len(set(places)) == len(places), "the service refuses a key that comes twice"
        return places

    @staticmethod
    def _refused(operation: str, request: dict[str, Any]) -> bool:
        contents = request["RequestItems"].values()
        if operation == "BatchGetItem":
            return any(
                key["PK"]["S"].startswith(POISON_KEY) for each in contents for key in each["Keys"]
            )
        return any(
            each.get("PutRequest", {}).get("Item", {}).get("poison") == POISON
            for content in contents
            for each in content
        )

    def _write(self, request: dict[str, Any], kept: int) -> dict[str, Any]:
        left: dict[str, Any] = {}
        for table, writes in request["RequestItems"].items():
            schema = self._schemas[table]
            for write in writes:
                if kept <= 0:
                    left.setdefault(table, []).append(write)
                elif "PutRequest" in write:
                    item = write["PutRequest"]["Item"]
                    self.tables[table][b"".join(schema.item_key(item))] = item
                else:
                    key = b"".join(schema.exact_key(write["DeleteRequest"]["Key"]))
                    self.tables[table].pop(key, None)
                kept -= 1
        return {"UnprocessedItems": left}

    def _read(self, request: dict[str, Any], kept: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        left: dict[str, Any] = {}
        for table, wanted in request["RequestItems"].items():
            found[table] = []
            for key in wanted["Keys"]:
                if kept <= 0:
                    left.setdefault(table, {**wanted, "Keys": []})["Keys"].append(key)
                else:
                    place = b"".join(self._schemas[table].exact_key(key))
                    item = self.tables[table].get(place)
                    found[table] += [item] if item is not None else []
                kept -= 1
            # DynamoDB promises no order.
            found[table].reverse()
        return {"Responses": found, "UnprocessedKeys": left}


def item(key: str, value: str = "", *, poison: bool = False) -> dict[str, Any]:
    """An item in the API's form."""
    return {"PK": {"S": key}, "v": {"S": value}} | ({"poison": POISON} if poison else {})


def put(key: str, value: str = "", *, table: str = TABLE, poison: bool = False) -> Operation:
    """A put of `item(...)`."""
    return Operation.put(table, item(key, value, poison=poison))


def delete(key: str, *, table: str = TABLE) -> Operation:
    """A delete by key."""
    return Operation.delete(table, {"PK": {"S": key}})
