"""A job against the embedded engine, in simulated time: calls take as long as the test says.

The engine throttles by the same clock, so minutes of a provisioned table pass in a moment, and each
run is the same.
"""

import heapq
import random
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, count
from typing import Any

import orjson

from pannier.batch.report import Report
from pannier.batch.target import Reply
from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.throttle import ON, Throttling

_STEPS_MAX = 200_000
_LATENCY_S = 0.010


class Simulation:
    """A database, its clock, and what was consumed when.

    Attributes:
        now_s: the time that has passed.
        consumed: the time, the place (`table` or `table/index`) and the units of each call.
        calls: how many there were, by the name of their answer: `done` or an error.
    """

    def __init__(self, throttling: Throttling = ON) -> None:
        self.clock = ManualClock()
        self.now_s = 0.0
        self.database = Database.in_memory(
            clock=self.clock, throttling=throttling, sweep_interval_s=None
        )
        self.consumed: list[tuple[float, str, float]] = []
        self.calls: dict[str, int] = {}

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Call the engine; the answer must be good."""
        answer = self.database.execute(operation, orjson.dumps(request))
        assert answer.status == 200, answer.body
        return orjson.loads(answer.body)  # type: ignore[no-any-return]

    def create(self, table: str, units: int, **indexes: int) -> None:
        """A table with the partition key `PK` and global indexes on `g`, provisioned."""
        throughput = {"ReadCapacityUnits": units, "WriteCapacityUnits": units}
        definitions = [{"AttributeName": "PK", "AttributeType": "S"}]
        request: dict[str, Any] = {
            "TableName": table,
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
            "AttributeDefinitions": definitions,
            "ProvisionedThroughput": throughput,
        }
        if indexes:
            definitions.append({"AttributeName": "g", "AttributeType": "S"})
            request["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": name,
                    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                    "ProvisionedThroughput": {
                        "ReadCapacityUnits": each,
                        "WriteCapacityUnits": each,
                    },
                }
                for name, each in indexes.items()
            ]
        self.call("CreateTable", request)

    def run(
        self,
        job: Any,
        feed: Iterable[Callable[[], None]],
        *,
        latency_s: Callable[[], float] = lambda: _LATENCY_S,
        answer: Callable[[str, bytes], Reply] | None = None,
    ) -> Report:
        """Feed a job and run it to its end.

        Args:
            job: a `WriteJob` or a `ReadJob`.
            feed: each feeds one element.
            latency_s: how long a call takes; it has its effect half way.
            answer: answers a call instead of the engine.
        """
        source = iter(feed)
        under_way: list[tuple[float, int, str, Any, Any]] = []
        ended = False
        numbers = count()
        for _ in range(_STEPS_MAX):
            if hasattr(job, "take_results"):
                job.take_results()
            while not ended and job.has_room:
                element = next(source, None)
                if element is None:
                    ended = True
                    job.end_input()
                else:
                    element()
            while (batch := job.next_batch(self.now_s)) is not None:
                half_s = latency_s() / 2
                event = (self.now_s + half_s, next(numbers), "effect", batch, half_s)
                heapq.heappush(under_way, event)
            if job.done:
                return job.report  # type: ignore[no-any-return]
            wake_s = job.wake_s(self.now_s)
            if under_way and (wake_s is None or under_way[0][0] <= wake_s):
                at_s, _, kind, batch, payload = heapq.heappop(under_way)
                self.move_to(at_s)
                if kind == "effect":
                    reply = self.answer(job.operation, batch.body, answer)
                    event = (at_s + payload, next(numbers), "answer", batch, reply)
                    heapq.heappush(under_way, event)
                else:
                    job.report.add_call(batch.size, len(batch.body), 0.0)
                    job.answered(batch, payload, self.now_s)
            else:
                assert wake_s is not None, "nothing can happen any more"
                self.move_to(wake_s)
        raise AssertionError("the job makes no end")

    def windows(self, place: str, length_s: float = 10.0) -> Iterator[float]:
        """Units a second in every window that begins or ends with a call."""
        times_s = [at_s for at_s, where, _ in self.consumed if where == place]
        sums = [0.0, *accumulate(units for _, where, units in self.consumed if where == place)]
        for begin_s in {*times_s, *(at_s - length_s for at_s in times_s)}:
            if times_s[0] <= begin_s <= times_s[-1] - length_s:
                first = bisect_left(times_s, begin_s)
                end = bisect_left(times_s, begin_s + length_s)
                yield (sums[end] - sums[first]) / length_s

    def speed(self, place: str) -> float:
        """Units a second from the first call to the last."""
        spent = [(at_s, units) for at_s, where, units in self.consumed if where == place]
        total = sum(units for _, units in spent) - spent[-1][1]  # the last one begins its time
        return total / (spent[-1][0] - spent[0][0])

    def move_to(self, at_s: float) -> None:
        self.clock.advance(at_s - self.now_s)
        self.now_s = at_s

    def answer(
        self,
        operation: str,
        body: bytes,
        instead: Callable[[str, bytes], Reply] | None = None,
    ) -> Reply:
        """What the engine, or something instead of it, answers now; notes what was consumed."""
        reply = (instead or self._answer)(operation, body)
        self._note(reply)
        return reply

    def _answer(self, operation: str, body: bytes) -> Reply:
        answer = self.database.execute(operation, body)
        return Reply(answer.status, answer.body)

    def _note(self, reply: Reply) -> None:
        try:
            body = orjson.loads(reply.body)
        except orjson.JSONDecodeError:
            body = {"__type": f"HTTP {reply.status}"}
        kind = body["__type"].rpartition("#")[2] if "__type" in body else "done"
        self.calls[kind] = self.calls.get(kind, 0) + 1
        consumed = body.get("ConsumedCapacity", ())
        for entry in [consumed] if isinstance(consumed, dict) else consumed:
            name = entry["TableName"]
            own = entry.get("Table", entry)["CapacityUnits"]
            self.consumed.append((self.now_s, name, own))
            for index, each in entry.get("GlobalSecondaryIndexes", {}).items():
                self.consumed.append((self.now_s, f"{name}/{index}", each["CapacityUnits"]))


def leaving(simulation: Simulation, share: float, seed: int = 0) -> Callable[[str, bytes], Reply]:
    """Answers as the engine does, and leaves a share of the operations unprocessed."""
    chance = random.Random(seed)

    def answer(operation: str, body: bytes) -> Reply:
        request = orjson.loads(body)
        tables = request["RequestItems"]
        left: dict[str, Any] = {}
        for table, content in list(tables.items()):
            wanted = content["Keys"] if operation == "BatchGetItem" else content
            mine = [each for each in wanted if chance.random() < share]
            rest = [each for each in wanted if each not in mine]
            if mine:
                left[table] = {**content, "Keys": mine} if operation == "BatchGetItem" else mine
            if rest:
                tables[table] = {**content, "Keys": rest} if operation == "BatchGetItem" else rest
            else:
                del tables[table]
        answered: dict[str, Any] = {"Responses": {}}
        if tables:
            answered = simulation.call(operation, request)
        member = "UnprocessedKeys" if operation == "BatchGetItem" else "UnprocessedItems"
        return Reply(200, orjson.dumps(answered | {member: left}))

    return answer
