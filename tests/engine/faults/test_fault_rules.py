"""What rules do to requests: which, how often, when, and what is counted."""

import threading
from typing import Any

import orjson
import pytest

from pannier.engine.faults import Drop, Error, Fixed, Leave, Rule, Slow, Throttle
from pannier.engine.throttle import OFF, Throttling
from pannier.errors import UserError
from tests.engine.throttle.throttled import Throttled, item, key, throttled

PUTS = {f"{n:02}": item("a", f"{n:02}") for n in range(20)}


@pytest.fixture
def asked():
    with throttled(OFF) as asked:
        asked.create("shop")
        asked.create("slow", read=5, write=5)
        yield asked


def batch(*tables: str) -> dict[str, Any]:
    puts = [{"PutRequest": {"Item": each}} for each in list(PUTS.values())[: 25 // len(tables)]]
    return dict.fromkeys(tables, puts)


def left(answer: dict[str, Any], table: str = "shop") -> list[str]:
    return [each["PutRequest"]["Item"]["s"]["S"] for each in answer["UnprocessedItems"][table]]


def stored(asked: Throttled, table: str = "shop") -> set[str]:
    return {each["s"]["S"] for each in asked.ask("Scan", TableName=table)["Items"]}


# Leaving items of a batch


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.95])
def test_a_share_of_a_batch_comes_back_exactly(asked: Throttled, share: float):
    with asked.database.faults.during({"leave": share}) as tally:
        answer = asked.ask("BatchWriteItem", RequestItems=batch("shop"))
    came_back = left(answer)
    assert len(came_back) == round(share * 20)
    assert stored(asked) == set(PUTS) - set(came_back)
    assert (tally.matched, tally.struck, tally.items) == (1, 1, len(came_back))


def test_a_share_that_is_no_whole_number_of_items_is_right_in_the_mean(asked: Throttled):
    """A batch of one with a share of 0.3 must fail sometimes, not never and not always."""
    one = {"shop": batch("shop")["shop"][:1]}
    with asked.database.faults.during({"leave": 0.3}) as tally:
        for _ in range(1000):
            asked.answer("BatchWriteItem", RequestItems=one)
    assert 250 <= tally.items <= 350


def test_where_nothing_is_left_to_be_processed_the_request_is_throttled(asked: Throttled):
    """DynamoDB never answers 200 with nothing done: the exception is that of the table's mode."""
    with asked.database.faults.during({"leave": 1.0}):
        on_demand = asked.refused("BatchWriteItem", RequestItems=batch("shop"))
        provisioned = asked.refused("BatchWriteItem", RequestItems=batch("slow"))
    assert on_demand.code == "ThrottlingException"
    assert provisioned.code == "ProvisionedThroughputExceededException"
    (reason,) = provisioned.body["ThrottlingReasons"]
    assert reason["reason"] == "TableWriteProvisionedThroughputExceeded"
    assert reason["resource"].endswith(":table/slow")
    assert stored(asked) == stored(asked, "slow") == set()


def test_one_item_passes_if_the_rule_says_so(asked: Throttled):
    with asked.database.faults.during({"leave": {"share": 1.0, "pass_one": True}}) as tally:
        answer = asked.ask("BatchWriteItem", RequestItems=batch("shop"))
    assert len(left(answer)) == 19 == tally.items
    assert stored(asked) == set(PUTS) - set(left(answer))


def test_a_batch_that_another_rule_leaves_as_well_passes_one_all_the_same(asked: Throttled):
    rules = {"leave": {"share": 0.5, "pass_one": True}}, {"leave": 1.0}
    with asked.database.faults.during(*rules):
        answer = asked.ask("BatchWriteItem", RequestItems=batch("shop"))
    assert len(left(answer)) == 19


def test_an_item_that_two_rules_leave_is_counted_once_by_the_first(asked: Throttled):
    rules = {"leave": 1.0, "key": {"s": "0*"}, "name": "x"}, {"leave": 1.0, "key": {"s": "0[0-4]"}}
    with asked.database.faults.during(*rules):
        asked.ask("BatchWriteItem", RequestItems=batch("shop"))
        counts = asked.database.faults.counts
    assert counts["rules"]["x"]["items"] == 10 == counts["injected"]["items"]
    assert counts["rules"]["rule-2"] == {"matched": 1, "struck": 0, "items": 0}


def test_reads_come_back_as_keys_with_the_rest_of_their_request(asked: Throttled):
    asked.ask("BatchWriteItem", RequestItems=batch("shop"))
    asking = {"Keys": [key("a", s) for s in PUTS], "ProjectionExpression": "s"}
    with asked.database.faults.during({"leave": 0.5}):
        answer = asked.ask("BatchGetItem", RequestItems={"shop": asking})
    unprocessed = answer["UnprocessedKeys"]["shop"]
    assert unprocessed["ProjectionExpression"] == "s"
    got = {each["s"]["S"] for each in answer["Responses"]["shop"]}
    assert len(got) == 10
    assert got | {each["s"]["S"] for each in unprocessed["Keys"]} == set(PUTS)


def test_items_are_matched_one_by_one_by_table_and_key(asked: Throttled):
    rule = {"leave": 1.0, "tables": "sh*", "key": {"s": {"regex": "0[0-4]"}}}
    with asked.database.faults.during(rule):
        answer = asked.ask("BatchWriteItem", RequestItems=batch("shop", "slow"))
    assert left(answer) == ["00", "01", "02", "03", "04"]
    assert set(answer["UnprocessedItems"]) == {"shop"}


def test_deletes_are_matched_by_their_key(asked: Throttled):
    asked.ask("BatchWriteItem", RequestItems=batch("shop"))
    deletes = [{"DeleteRequest": {"Key": key("a", s)}} for s in ("00", "01")]
    with asked.database.faults.during({"leave": 1.0, "key": {"s": "01"}}):
        answer = asked.ask("BatchWriteItem", RequestItems={"shop": deletes})
    assert answer["UnprocessedItems"] == {"shop": deletes[1:]}
    assert stored(asked) == set(PUTS) - {"00"}


def test_a_batch_that_is_refused_anyway_counts_as_matched_and_not_as_struck(asked: Throttled):
    """Counters tell what was injected; a batch that is wrong has nothing left over."""
    twice = {"shop": [{"PutRequest": {"Item": PUTS["00"]}}] * 2}
    with asked.database.faults.during({"leave": 0.5, "times": 1}) as tally:
        assert asked.refused("BatchWriteItem", RequestItems=twice).code == "ValidationException"
        assert (tally.matched, tally.struck, tally.items) == (1, 0, 0)
        assert left(asked.ask("BatchWriteItem", RequestItems=batch("shop")))
        assert asked.ask("BatchWriteItem", RequestItems=batch("shop"))["UnprocessedItems"] == {}


def test_leftovers_of_faults_and_of_the_throttle_add_up():
    with throttled(Throttling(tables=True)) as asked:
        asked.create("slow", read=5, write=5)
        asked.spend_burst("slow")
        asked.clock.advance(5.0)  # 25 units, for 20 items
        with asked.database.faults.during({"leave": 0.5}):
            answer = asked.ask("BatchWriteItem", RequestItems=batch("slow"))
        assert len(left(answer, "slow")) == 10
        again = asked.ask("BatchWriteItem", RequestItems=batch("slow"))
        assert len(left(again, "slow")) == 20 - 15, "what was held back has cost nothing"


# Errors and throttles


@pytest.mark.parametrize(
    ("name", "status", "text"),
    [
        ("InternalServerError", 500, "Internal server error"),
        ("RequestLimitExceeded", 400, "Throughput exceeds the current throughput limit"),
        ("TransactionConflictException", 400, "Transaction is ongoing for the item"),
        ("ReplicatedWriteConflictException", 409, "another Region"),
        ("ThrottlingException", 400, "Rate of requests exceeds"),
        ("BackupInUseException", 400, None),
        ("AccessDeniedException", 400, "Access denied."),
    ],
)
def test_an_error_is_answered_by_its_name_and_nothing_is_done(asked, name, status, text):
    with asked.database.faults.during({"error": name}) as tally:
        body = orjson.dumps({"TableName": "shop", "Item": PUTS["00"]})
        answer = asked.database.execute("PutItem", body)
    error = orjson.loads(answer.body)
    assert answer.status == status
    assert error["__type"].rpartition("#")[2] == name
    if text is not None:
        assert text in (error.get("message") or error["Message"])
    assert stored(asked) == set()
    assert tally.struck == 1


def test_an_error_of_ones_own(asked: Throttled):
    effect = Error("Teapot", "short and stout", 418, {"Spout": 1})
    with asked.database.faults.during(Rule(effect=effect)):
        error = asked.refused("GetItem", TableName="shop", Key=key("a", 1))
    assert error.code == "Teapot"
    assert error.body["message"] == "short and stout"
    assert error.body["Spout"] == 1


def test_an_unavailable_service_answers_a_page(asked: Throttled):
    """As captured: 503 comes from in front of DynamoDB, and no JSON parser reads it."""
    with asked.database.faults.during({"error": "ServiceUnavailable"}):
        answer = asked.database.execute("ListTables", b"{}")
    assert answer.status == 503
    assert answer.html
    assert b"Service Unavailable" in answer.body
    with asked.database.faults.during({"error": {"name": "ServiceUnavailable", "html": False}}):
        answer = asked.database.execute("ListTables", b"{}")
    assert not answer.html
    assert orjson.loads(answer.body)["__type"].endswith("#ServiceUnavailable")


def test_a_cancelled_transaction_has_a_reason_for_each_action(asked: Throttled):
    puts = [{"Put": {"TableName": "shop", "Item": PUTS[s]}} for s in ("00", "01", "02")]
    with asked.database.faults.during({"error": "TransactionCanceledException"}):
        error = asked.refused("TransactWriteItems", TransactItems=puts)
    codes = [each["Code"] for each in error.body["CancellationReasons"]]
    assert codes == ["TransactionConflict", "None", "None"]
    assert error.body["Message"].endswith("[TransactionConflict, None, None]")


@pytest.mark.parametrize(
    ("operation", "request_", "kind"),
    [
        ("PutItem", {"TableName": "slow", "Item": PUTS["00"]}, "Write"),
        ("GetItem", {"TableName": "slow", "Key": key("a", 1)}, "Read"),
        ("Scan", {"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/slow"}, "Read"),
        ("ExecuteStatement", {"Statement": 'SELECT * FROM "slow"'}, "Read"),
        ("ExecuteStatement", {"Statement": "INSERT INTO slow VALUE {'p':'a','s':'b'}"}, "Write"),
        (
            "TransactGetItems",
            {"TransactItems": [{"Get": {"TableName": "slow", "Key": {}}}]},
            "Read",
        ),
        ("BatchGetItem", {"RequestItems": {"slow": {"Keys": [key("a", 1)]}}}, "Read"),
    ],
)
def test_a_throttle_is_that_of_the_tables_mode_with_its_reasons(asked, operation, request_, kind):
    with asked.database.faults.during({"throttle": True, "tables": "slow"}):
        error = asked.refused(operation, **request_)
    assert error.code == "ProvisionedThroughputExceededException"
    (reason,) = error.body["ThrottlingReasons"]
    assert reason["reason"] == f"Table{kind}ProvisionedThroughputExceeded"


def test_a_throttle_leaves_alone_what_uses_no_capacity(asked: Throttled):
    with asked.database.faults.during({"throttle": True}):
        assert asked.ask("ListTables")["TableNames"] == ["shop", "slow"]
        assert asked.refused("Scan", TableName="shop").code == "ThrottlingException"
        missing = asked.refused("Scan", TableName="nowhere")
    assert missing.code == "ResourceNotFoundException", "it has no mode"


# Delays and lost connections


def submit(asked: Throttled, operation: str = "PutItem"):
    return asked.database.submit(operation, orjson.dumps({"TableName": "shop", "Item": PUTS["00"]}))


def test_delays_add_up_and_hold_back_errors_too(asked: Throttled):
    with asked.database.faults.during(Rule(effect=Slow(Fixed(0.25))), Rule(effect=Slow(Fixed(1)))):
        assert submit(asked).delay_s == 1.25
        with asked.database.faults.during({"error": "InternalServerError"}):
            answer = submit(asked)
            assert (answer.status, answer.delay_s) == (500, 1.25)


def test_a_dropped_connection_before_and_after(asked: Throttled):
    with asked.database.faults.during(Rule(effect=Drop("before"))):
        assert submit(asked).lost
    assert stored(asked) == set()
    with asked.database.faults.during(Rule(effect=Drop("after"))):
        assert submit(asked).lost
    assert stored(asked) == {"00"}


def test_the_first_that_ends_a_request_counts(asked: Throttled):
    """Two ends of one request can't both come to pass, so only one is counted."""
    rules = ({"name": "x", "error": "InternalServerError"}, {"name": "y", "drop": "after"})
    faults = asked.database.faults
    with faults.during(*rules):
        answer = submit(asked)
        counts = faults.counts
    assert (answer.status, answer.lost) == (500, False)
    assert counts["rules"]["x"] == {"matched": 1, "struck": 1, "items": 0}
    assert counts["rules"]["y"] == {"matched": 1, "struck": 0, "items": 0}
    assert counts["injected"] == {"InternalServerError": 1, "items": 0}


# How often, and when


def outcomes(asked: Throttled, count: int) -> str:
    return "".join("x" if submit(asked).status == 500 else "." for _ in range(count))


def test_the_first_so_many_times_and_after_so_many(asked: Throttled):
    error = {"error": "InternalServerError"}
    with asked.database.faults.during({**error, "times": 2}):
        assert outcomes(asked, 5) == "xx..."
    with asked.database.faults.during({**error, "skip": 3}):
        assert outcomes(asked, 5) == "...xx"
    with asked.database.faults.during({**error, "skip": 1, "times": 2}):
        assert outcomes(asked, 5) == ".xx.."


def test_only_between_two_times(asked: Throttled):
    now_s = asked.clock()
    absolute = {"error": "InternalServerError", "begins": now_s + 10, "ends": now_s + 20}
    relative = {"error": "InternalServerError", "begins_after_s": 40, "ends_after_s": 50}
    with asked.database.faults.during(absolute, relative):
        seen = ""
        for _ in range(12):
            seen += outcomes(asked, 1)
            asked.clock.advance(5)
    assert seen == "..xx....xx.."


def test_probability(asked: Throttled):
    with asked.database.faults.during({"error": "InternalServerError", "probability": 0.25}):
        seen = outcomes(asked, 2000)
    assert 440 <= seen.count("x") <= 560
    with asked.database.faults.during({"error": "InternalServerError", "probability": 0}):
        assert "x" not in outcomes(asked, 50)


def test_rules_by_operation(asked: Throttled):
    with asked.database.faults.during({"error": "InternalServerError", "operations": "*Item"}):
        assert submit(asked).status == 500
        assert asked.database.submit("Scan", b'{"TableName":"shop"}').status == 200
    streams = {"error": "InternalServerError", "operations": ["GetRecords", "ListStreams"]}
    with asked.database.faults.during(streams):
        assert submit(asked).status == 200
        assert asked.database.submit("ListStreams", b"{}").status == 500


ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/shop"


@pytest.mark.parametrize(
    ("operation", "request_", "strikes"),
    [
        ("DescribeTable", {"TableName": "shop"}, True),
        ("DescribeTable", {"TableName": ARN}, True),
        ("ListTagsOfResource", {"ResourceArn": ARN}, True),
        ("DescribeStream", {"StreamArn": f"{ARN}/stream/2026-01-01"}, True),
        ("DescribeBackup", {"BackupArn": f"{ARN}/backup/0123"}, True),
        ("BatchWriteItem", {"RequestItems": {ARN: batch("shop")["shop"]}}, True),
        ("ExecuteTransaction", {"TransactStatements": [{"Statement": "DELETE FROM shop"}]}, True),
        ("BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM shop"}]}, True),
        ("ExecuteStatement", {"Statement": "SELECT * FROM slow"}, False),
        ("DescribeTable", {"TableName": "slow"}, False),
        ("ListTables", {}, False),
    ],
)
def test_rules_by_table_find_it_wherever_a_request_names_it(asked, operation, request_, strikes):
    """By its name or ARN, in statements, streams, backups and batches."""
    with asked.database.faults.during({"error": "InternalServerError", "tables": "shop"}) as tally:
        asked.answer(operation, **request_)
    assert tally.struck == int(strikes)


@pytest.mark.parametrize(
    "body",
    [
        {"RequestItems": []},
        {"RequestItems": {"shop": {"PutRequest": 1}}},
        {"RequestItems": {"shop": [None, 5, {"PutRequest": {"Item": 7}}]}},
        {"RequestItems": {"shop": [{"PutRequest": {"Item": {"p": "x", "s": {"S": 5, "N": 1}}}}]}},
        {"RequestItems": None},
        {},
    ],
)
@pytest.mark.parametrize(
    "operation", ["BatchWriteItem", "BatchGetItem", "ExecuteStatement", "Scan"]
)
def test_requests_of_any_shape_are_answered_as_without_rules(asked, operation, body):
    """Rules look at requests before these are checked; a bad one must get AWS's answer, no 500."""
    without = asked.answer(operation, **body)
    rules = [
        Rule(effect=Leave(1.0)),
        {"throttle": True, "tables": "*", "key": {"p": "*", "s": "*"}},
        {"slow": {"delay_ms": 1}},
    ]
    with asked.database.faults.during(*rules):
        assert asked.answer(operation, **body) == without


# Adding and removing


def test_rules_are_in_force_inside_a_with_only(asked: Throttled):
    faults = asked.database.faults

    def use() -> None:
        with faults.during({"error": "InternalServerError"}):
            assert faults.active
            raise ZeroDivisionError

    assert not faults.active
    with pytest.raises(ZeroDivisionError):
        use()
    assert not faults.active
    assert submit(asked).status == 200


def test_rules_have_names(asked: Throttled):
    faults = asked.database.faults
    assert faults.add(Rule(effect=Throttle()), {"drop": "after", "name": "rule-3"}) == [
        "rule-1",
        "rule-3",
    ]
    assert faults.add({"leave": 0.5}) == ["rule-4"], "rule-3 is taken"
    with pytest.raises(UserError, match="'rule-3' already"):
        faults.add({"leave": 0.5}, {"leave": 0.5, "name": "rule-3"})
    assert list(faults.rules) == ["rule-1", "rule-3", "rule-4"], "all or none are added"
    faults.remove("rule-1", "rule-4")
    with pytest.raises(UserError, match="no fault rule 'rule-1'"):
        faults.remove("rule-3", "rule-1")
    assert list(faults.rules) == ["rule-3"]
    faults.clear()
    assert faults.rules == {}


def test_what_replaces_the_rules_is_whole_or_nothing(asked: Throttled):
    faults = asked.database.faults
    faults.replace([{"leave": 0.5, "name": "a"}], seed=5)
    with pytest.raises(UserError):
        faults.replace([{"leave": 0.5}, {"leave": 5}], seed=6)
    assert (list(faults.rules), faults.seed) == (["a"], 5)


def test_rules_may_come_and_go_while_requests_are_served(asked: Throttled):
    """Whoever adds and removes does so from another thread than the requests."""
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            for _ in range(300):
                assert submit(asked).status in (200, 500)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for each in threads:
        each.start()
    while any(each.is_alive() for each in threads):
        with asked.database.faults.during({"error": "InternalServerError"}, {"leave": 0.5}):
            asked.database.faults.describe()
    for each in threads:
        each.join()
    assert failures == []
