"""Updates and deletes by condition: every item is done to at most once, and the report knows which.

Against the embedded engine, in virtual time. Calls are throttled, answered with errors, or not at
all; those of unknown outcome have their effect at once, later, or never. Meanwhile somebody else
changes items. What the job did can be told from what others did: it adds ones, they add thousands.
"""

import asyncio
import random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.calls import Schemas
from pannier.batch.options import Options
from pannier.batch.report import Failure, Report
from pannier.batch.tables.acting import Acting
from pannier.batch.tables.conditional_action import ConditionalAction, Expressions
from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from pannier.engine.database import Database
from pannier.engine.throttle import OFF
from pannier.model.key_schema import KeyAttribute, KeySchema
from tests.batch.driving import FOREVER_S
from tests.batch.fake_service import BROKEN, THROTTLED, End, random_fate
from tests.batch.virtual_time import run

SCHEMA = KeySchema([KeyAttribute("PK", "S")], [])
SEEDS = st.integers(0, 2**32)
_LATE_S = 3.0


class Troubled:
    """The embedded engine behind a bad connection, and somebody else at work on the same items."""

    name = "troubled"

    def __init__(self, count: int, chance: random.Random, trouble: float, meddling: float) -> None:
        self.database = Database.in_memory(throttling=OFF, sweep_interval_s=None)
        self._chance, self._trouble, self._meddling = chance, trouble, meddling
        self._late: set[asyncio.Task[None]] = set()
        key = {"AttributeName": "PK", "KeyType": "HASH"}
        definition = {"AttributeName": "PK", "AttributeType": "S"}
        request = {"TableName": "shop", "KeySchema": [key], "AttributeDefinitions": [definition]}
        self.call("CreateTable", {**request, "BillingMode": "PAY_PER_REQUEST"})
        for number in range(count):
            item = {"PK": {"S": str(number)}, "n": {"N": "0"}, "kind": {"S": "ab"[number % 2]}}
            self.call("PutItem", {"TableName": "shop", "Item": item})
        self._count = count

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = self.database.execute(operation, orjson.dumps(request))
        return orjson.loads(answer.body)  # type: ignore[no-any-return]

    def items(self) -> dict[str, dict[str, Any]]:
        return {each["PK"]["S"]: each for each in self.call("Scan", {"TableName": "shop"})["Items"]}

    async def settle(self) -> None:
        """Wait until calls of unknown outcome have had their effect."""
        await asyncio.gather(*self._late)

    async def send(self, operation: str, body: bytes) -> Reply:
        await asyncio.sleep(self._chance.uniform(0, 0.05))
        if operation == "DescribeTable":
            return self._answer(operation, body)
        if operation.endswith("Item") and self._chance.random() < self._meddling:
            self._meddle()
        fate = random_fate(self._chance, self._trouble)
        if fate.end is End.THROTTLE:
            return Reply(400, orjson.dumps(THROTTLED))
        if fate.end is End.UNREACHABLE:
            raise TargetUnreachableError("unreachable")
        if fate.end is End.ANSWER:
            return self._answer(operation, body)
        self._effect(operation, body)
        if fate.end is End.SILENCE:
            raise OutcomeUnknownError("silence")
        return Reply(500, orjson.dumps(BROKEN)) if fate.end is End.ERROR else Reply(200, b"<html>")

    async def close(self) -> None:
        """There is nothing to close."""

    def _answer(self, operation: str, body: bytes) -> Reply:
        answer = self.database.execute(operation, body)
        return Reply(answer.status, answer.body)

    def _effect(self, operation: str, body: bytes) -> None:
        """At once, later, or never."""
        when = self._chance.choice(["at once", "later", "never"])
        if when == "at once":
            self._answer(operation, body)
        elif when == "later":
            self._late.add(asyncio.ensure_future(self._later(operation, body)))

    async def _later(self, operation: str, body: bytes) -> None:
        await asyncio.sleep(self._chance.uniform(0, _LATE_S))
        self._answer(operation, body)

    def _meddle(self) -> None:
        key = {"PK": {"S": str(self._chance.randrange(self._count))}}
        change, values = "SET n = n + :many", {":many": {"N": "1000"}}
        if self._chance.random() < 0.3:
            change, values = "SET kind = :kind", {":kind": {"S": self._chance.choice("abc")}}
        self.call(
            "UpdateItem",
            {
                "TableName": "shop",
                "Key": key,
                "UpdateExpression": change,
                "ConditionExpression": "attribute_exists(PK)",
                "ExpressionAttributeValues": values,
            },
        )


def act(
    service: Troubled, expressions: Expressions, chance: random.Random
) -> tuple[Report, list[Failure]]:
    failures: list[Failure] = []

    async def acted() -> Report:
        options = Options(parallel=chance.randint(1, 8), give_up_after_s=FOREVER_S)
        action = ConditionalAction("shop", SCHEMA, expressions)
        acting = Acting(
            service, Schemas(service), options, action, on_failure=failures.append, chance=chance
        )
        report = await acting.run()
        await service.settle()
        return report

    return run(acted()), failures


WHERE = {"where": "kind = :k", "values": {":k": {"S": "a"}}}
ADD_ONE = Expressions(
    "kind = :k", "SET n = n + :one", values={":k": {"S": "a"}, ":one": {"N": "1"}}
)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.integers(0, 200), SEEDS, st.sampled_from([0.0, 0.2, 0.5]), st.sampled_from([0.0, 0.3]))
def test_one_is_added_once_to_every_item_whatever_happens(
    count: int, seed: int, trouble: float, meddling: float
) -> None:
    chance = random.Random(seed)
    service = Troubled(count, chance, trouble, meddling)
    report, failures = act(service, ADD_ONE, chance)
    assert report.balanced
    assert report.failed == 0
    unknown = {each.attributes["PK"]["S"] for each in failures}
    assert len(unknown) == report.unresolved
    items = service.items()
    added = {name: int(each["n"]["N"]) % 1000 for name, each in items.items()}
    assert set(added.values()) <= {0, 1}, "twice, for a call that was repeated"
    assert report.written == sum(ones for name, ones in added.items() if name not in unknown)
    if not meddling:
        assert report.read == report.written == (count + 1) // 2
    if not trouble:
        assert report.unresolved == 0


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.integers(0, 200), SEEDS, st.sampled_from([0.0, 0.2, 0.5]), st.sampled_from([0.0, 0.3]))
def test_items_that_meet_the_condition_are_deleted_and_others_stay(
    count: int, seed: int, trouble: float, meddling: float
) -> None:
    chance = random.Random(seed)
    service = Troubled(count, chance, trouble, meddling)
    report, failures = act(service, Expressions(**WHERE), chance)
    assert report.balanced
    assert (report.failed, report.unresolved, failures) == (0, 0, [])
    items = service.items()
    if not meddling:
        assert report.deleted == report.read == (count + 1) // 2
        assert all(each["kind"]["S"] == "b" for each in items.values())
    # A call that got no answer may have its effect after a later one was answered.
    gone = count - len(items)
    assert report.deleted <= gone
    if not trouble:
        assert report.deleted == gone


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 150), SEEDS, st.sampled_from([0.0, 0.2, 0.5]))
def test_an_update_that_ends_its_own_condition_is_known_to_be_done(
    count: int, seed: int, trouble: float
) -> None:
    """After a call without an answer the condition is false: that call has had its effect."""
    chance = random.Random(seed)
    service = Troubled(count, chance, trouble, 0.0)
    expressions = Expressions(
        "kind = :k", "SET kind = :z, done = :yes REMOVE n",
        values={":k": {"S": "a"}, ":z": {"S": "z"}, ":yes": {"BOOL": True}},
    )  # fmt: skip
    report, _ = act(service, expressions, chance)
    assert report.balanced
    assert report.written == report.read == (count + 1) // 2
    done = [each for each in service.items().values() if each["kind"] == {"S": "z"}]
    assert len(done) == report.written
    assert all(each["done"] == {"BOOL": True} and "n" not in each for each in done)


@pytest.mark.parametrize(
    ("update", "is_guarded"),
    [
        ("SET a = :n", False),
        ("SET a.b = :n REMOVE c", False),
        ("SET a = b", False),
        ("SET a = b + :n", False),
        ("SET a = if_not_exists(a, :n)", False),
        ("SET a = if_not_exists(a, b)", False),
        ("SET a = list_append(b, :l)", False),
        ("ADD a :s", False),
        ("DELETE a :s", False),
        ("SET a = a + :n", True),
        ("SET a = :n - a", True),
        ("SET a = b, b = a", True),
        ("SET a = if_not_exists(a, :n) + :n", True),
        ("SET a = if_not_exists(b, a)", True),
        ("SET a = list_append(a, :l)", True),
        ("SET a = list_append(if_not_exists(a, :l), :l)", True),
        ("SET #a = a + :n", True),
        ("ADD a :n", True),
        ("REMOVE a[0]", True),
        ("SET a[100] = :n", True),
    ],
)
def test_what_cant_be_repeated_is_guarded(update: str, is_guarded: bool) -> None:
    values = {":n": {"N": "1"}, ":l": {"L": []}, ":s": {"SS": ["x"]}, ":k": {"S": "a"}}
    used = {name: value for name, value in values.items() if name in update or name == ":k"}
    names = {"#a": "a"} if "#a" in update else {}
    action = ConditionalAction("shop", SCHEMA, Expressions("kind = :k", update, names, used))
    assert action.is_guarded is is_guarded


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("a = :v", "(a = :v)"),
        ("(a = :v)", "(a = :v)"),
        ("(a = :v) OR (b = :v)", "((a = :v) OR (b = :v))"),
        ("a = :v OR status = :v", "(a = :v OR #word_status = :v)"),
        ("a IN (:v, :v)", "(a IN (:v, :v))"),
    ],
)
def test_the_condition_of_a_call_is_one_that_the_service_takes(where: str, condition: str) -> None:
    action = ConditionalAction("shop", SCHEMA, Expressions(where, values={":v": {"S": "x"}}))
    request = action.request({"PK": {"S": "k"}})
    assert request["ConditionExpression"] == f"attribute_exists(#pannier_key) AND {condition}"
    service = Troubled(1, random.Random(1), 0.0, 0.0)
    answer = service.call("DeleteItem", request)
    assert answer["__type"].endswith("ConditionalCheckFailedException")
    assert service.call("Scan", action.scan_request(consistent=True))["Count"] == 0
