"""The laws of faults: nothing is lost or done twice, and the same seed gives the same faults."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.engine.faults import Leave, Rule
from pannier.engine.throttle import OFF, ON, Throttling
from tests.engine.throttle.throttled import Throttled, key, throttled

law = settings(deadline=None, max_examples=60)

TABLES = ("aaa", "bbb")
SORTS = tuple("0123456789")

effects = st.one_of(
    st.builds(
        lambda share, one: {"leave": {"share": share, "pass_one": one}},
        st.sampled_from([0.0, 0.1, 0.34, 0.5, 0.9, 1.0]),
        st.booleans(),
    ),
    st.sampled_from(
        [
            {"throttle": True},
            {"error": "InternalServerError"},
            {"error": "ServiceUnavailable"},
            {"slow": {"distribution": "exponential", "mean_ms": 10}},
            {"drop": "before"},
            {"drop": "after"},
        ]
    ),
)
limits = st.fixed_dictionaries(
    {},
    optional={
        "operations": st.just("Batch*"),
        "tables": st.sampled_from(["aaa", "???", "none"]),
        "key": st.sampled_from([{"s": "[0-4]"}, {"p": "k", "s": {"equals": "3"}}]),
        "probability": st.sampled_from([0.2, 0.5, 0.9]),
        "skip": st.integers(0, 3),
        "times": st.integers(1, 3),
        "ends_after_s": st.just(1.5),
    },
)
rules = st.lists(st.builds(lambda effect, limit: {**limit, **effect}, effects, limits), max_size=4)
writes = st.lists(
    st.lists(
        st.tuples(st.sampled_from(TABLES), st.sampled_from(SORTS), st.booleans()),
        min_size=1,
        max_size=12,
        unique_by=lambda each: each[:2],
    ),
    min_size=1,
    max_size=8,
)


def request_of(batch: list[tuple[str, str, bool]], version: int) -> dict[str, Any]:
    request: dict[str, Any] = {}
    for table, s, put in batch:
        item = {**key("k", s), "v": {"N": str(version)}}
        write = {"PutRequest": {"Item": item}} if put else {"DeleteRequest": {"Key": key("k", s)}}
        request.setdefault(table, []).append(write)
    return request


def named(table: str, write: dict[str, Any]) -> tuple[str, str]:
    (part,) = write.values()
    return table, (part.get("Item") or part["Key"])["s"]["S"]


def states(asked: Throttled) -> dict[tuple[str, str], str]:
    return {
        (table, item["s"]["S"]): item["v"]["N"]
        for table in TABLES
        for item in asked.ask("Scan", TableName=table)["Items"]
    }


def prepared(asked: Throttled) -> None:
    asked.create("aaa")
    asked.create("bbb", read=50, write=3)


@law
@given(rules, writes, st.sampled_from([OFF, ON, Throttling(tables=True, burst_s=0)]), st.integers())
def test_what_came_back_was_not_written_and_what_was_written_did_not_come_back(
    given_rules, batches, settings_, seed
):
    """Whatever the rules: a client that believes the answers knows exactly what is in the table."""
    with throttled(settings_) as asked:
        prepared(asked)
        asked.database.faults.replace(given_rules, abs(seed))
        expected: dict[tuple[str, str], str] = {}
        for version, batch in enumerate(batches):
            asked.clock.advance(1.0)
            request = request_of(batch, version)
            body = orjson.dumps({"RequestItems": request})
            answer = asked.database.execute("BatchWriteItem", body)
            if answer.status != 200:
                continue  # an error, or lost before anything was done
            # A lost answer is looked at as if it had arrived: what it says must be true as well.
            came_back = orjson.loads(answer.body)["UnprocessedItems"]
            back = {named(table, each) for table in came_back for each in came_back[table]}
            asked_for = {named(table, each) for table in request for each in request[table]}
            assert back < asked_for, "only what was asked for comes back, and never all of it"
            for table, s, put in batch:
                if (table, s) in back:
                    continue
                if put:
                    expected[table, s] = str(version)
                else:
                    expected.pop((table, s), None)
        asked.database.faults.clear()
        asked.database.throttle(OFF)
        assert states(asked) == expected


@law
@given(rules, st.sets(st.sampled_from(SORTS), min_size=1), st.integers(0, 9))
def test_every_key_of_a_read_is_answered_or_comes_back(given_rules, sorts, seed):
    with throttled(OFF) as asked:
        prepared(asked)
        for table in TABLES:
            asked.write(table, *({**key("k", s), "v": {"N": "1"}} for s in SORTS))
        asked.database.faults.replace(given_rules, seed)
        keys = [key("k", s) for s in sorted(sorts)]
        asking = {table: {"Keys": keys, "ConsistentRead": True} for table in TABLES}
        for _ in range(5):
            body = orjson.dumps({"RequestItems": asking})
            answer = asked.database.execute("BatchGetItem", body)
            if answer.status != 200:
                continue
            decoded = orjson.loads(answer.body)
            for table in TABLES:
                got = {item["s"]["S"] for item in decoded["Responses"].get(table, [])}
                back = decoded["UnprocessedKeys"].get(table, {"Keys": []})
                left = {each["s"]["S"] for each in back["Keys"]}
                assert got | left == sorts
                assert not got & left


def transcript(given_rules: Any, batches: Any, seed: int) -> list[Any]:
    """Everything that a sequence of requests is answered, byte for byte."""
    seen: list[Any] = []
    with throttled(OFF) as asked:
        prepared(asked)
        asked.database.faults.replace(given_rules, seed)
        for version, batch in enumerate(batches):
            asked.clock.advance(1.0)
            body = orjson.dumps({"RequestItems": request_of(batch, version)})
            answer = asked.database.execute("BatchWriteItem", body)
            seen.append((answer.status, answer.body, answer.delay_s, answer.lost))
        seen.append(asked.database.faults.describe())
    return seen


@law
@given(rules, writes, st.integers(0, 99))
def test_the_same_seed_rules_and_requests_give_the_same_faults_byte_for_byte(
    given_rules, batches, seed
):
    assert transcript(given_rules, batches, seed) == transcript(given_rules, batches, seed)


def test_another_seed_gives_other_faults():
    rule = {"leave": 0.5, "probability": 0.5}
    batches = [[("aaa", s, True) for s in SORTS]] * 8
    assert transcript([rule], batches, 1) != transcript([rule], batches, 2)


@law
@given(rules, writes, st.integers(0, 9))
def test_the_chance_of_a_rule_does_not_depend_on_the_rules_after_it(given_rules, batches, seed):
    """A rule that is added to a file must not change what the others do, where it ends nothing."""
    first = {"leave": 0.5, "probability": 0.5, "name": "first"}
    harmless = [each for each in given_rules if "slow" in each]
    alone = transcript([first], batches, seed)
    together = transcript([first, *harmless], batches, seed)
    assert [each[:2] for each in together[:-1]] == [each[:2] for each in alone[:-1]]


def test_the_chance_of_a_rule_goes_on_where_another_ends_requests():
    """What another rule ends takes the same draws, so that all later requests fare as before."""
    leave = {"leave": 0.5, "name": "leave"}
    batches = [[("aaa", s, True) for s in SORTS]] * 6
    alone = transcript([leave], batches, 3)
    broken = transcript([leave, {"error": "InternalServerError", "times": 2}], batches, 3)
    assert [each[0] for each in broken[:-1]] == [500, 500, 200, 200, 200, 200]
    assert broken[2:-1] == alone[2:-1]
    limited = transcript([{**leave, "skip": 2}], batches, 3)
    assert limited[2:-1] == alone[2:-1]


@pytest.mark.parametrize("rule", [{"leave": 0.5}, Rule(effect=Leave(0.5))])
def test_rules_that_are_added_again_begin_again(rule):
    """Each `with` of a test suite gets the same chance, in whatever order the tests run."""
    batch = orjson.dumps({"RequestItems": request_of([("aaa", s, True) for s in SORTS], 1)})
    with throttled(OFF) as asked:
        prepared(asked)
        seen = []
        for _ in range(2):
            with asked.database.faults.during(rule):
                seen.append([asked.database.execute("BatchWriteItem", batch) for _ in range(3)])
    assert seen[0] == seen[1]


def test_faults_do_not_depend_on_the_version_of_python():
    """Only `Random.random` is used, which is promised to stay; these numbers must never change."""
    batches = [[("aaa", s, True) for s in SORTS]] * 2
    rules_ = [{"leave": 0.3}, {"slow": {"distribution": "lognormal", "median_ms": 20}}]
    seen = transcript(rules_, batches, 7)
    left = [
        [
            write["PutRequest"]["Item"]["s"]["S"]
            for write in orjson.loads(body)["UnprocessedItems"]["aaa"]
        ]
        for _, body, _, _ in seen[:-1]
    ]
    assert left == [["0", "4", "7"], ["0", "2", "9"]]
    assert [each[2] for each in seen[:-1]] == pytest.approx([0.0358016327, 0.0151405305])
