"""Any request of the right types is answered or refused with a reason; CloudWatch never fails."""

import threading
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from watched import START_S, Watched

from pannier.engine.cloudwatch import model
from pannier.engine.cloudwatch.errors import CloudWatchError
from pannier.engine.cloudwatch.operations import OPERATIONS

WORDS = st.sampled_from(
    [
        "m1", "m2", "Mine", "AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", "orders",
        "ProvisionedReadCapacityUnits", "p99", "tm90", "Sum", "PR(:5)", "m1 + m2", "FILL(m1, 0)",
        "METRICS()", "busy", "notBreaching", "evaluate", "e30=", "MQ==", "", "x" * 300, "\x00é",
        "arn:aws:cloudwatch:us-east-1:000000000000:alarm:busy", "{}", "PT3H",
    ]
)  # fmt: skip
NUMBERS = st.sampled_from([0, 1, 2, 5, 10, 59, 60, 61, 300, 3600, 86_400, 10**9, -1])
DOUBLES = st.sampled_from([0.0, 1.0, -1.5, 1e300, -(2.0**361), float("nan"), float("inf"), 5e-324])
TIMES = st.sampled_from(
    [0.0, -1e9, START_S, START_S - 60, START_S + 60.5, START_S + 3600, 4e9, 253_402_300_799.0]
)


@cache
def values(name: str) -> st.SearchStrategy[Any]:
    """Values of a shape, likely and unlikely ones."""
    shape = model.shape(name)
    match shape["type"]:
        case "structure":
            members = {each: values(target["shape"]) for each, target in shape["members"].items()}
            needed = {each: members.pop(each) for each in shape.get("required", ())}
            return st.fixed_dictionaries(needed, optional=members)
        case "list":
            return st.lists(values(shape["member"]["shape"]), max_size=3)
        case "map":
            return st.dictionaries(WORDS, values(shape["value"]["shape"]), max_size=3)
        case "string":
            return st.one_of(st.sampled_from(shape["enum"]), WORDS) if "enum" in shape else WORDS
        case "boolean":
            return st.booleans()
        case "integer" | "long":
            return NUMBERS
        case "double":
            return DOUBLES
    return TIMES


REQUESTS = st.sampled_from(sorted(OPERATIONS)).flatmap(
    lambda operation: st.tuples(
        st.just(operation),
        values(model.input_shape(operation)) if model.input_shape(operation) else st.just({}),
    )
)


@settings(max_examples=400, deadline=None)
@given(st.lists(REQUESTS, min_size=1, max_size=6))
def test_any_request_is_answered_or_refused(requests: list[tuple[str, dict[str, Any]]]):
    watched = Watched()
    watched.series("m1", 1, 2, None, 3)
    for operation, request in requests:
        refusal = None
        try:
            watched.database.cloudwatch.execute(operation, request)
        except CloudWatchError as error:
            refusal = error
        if refusal is not None:
            assert refusal.status < 500, (operation, request, refusal.message)
            assert refusal.message
        watched.clock.advance(60)
        watched.database.cloudwatch.tick()


def test_many_threads_at_once():
    """Requests, queries, alarms and the writer beside each other: nobody waits for ever."""
    watched = Watched()
    database, ask = watched.database, watched.ask
    made = database.execute(
        "CreateTable",
        b'{"TableName":"orders","KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],'
        b'"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}],'
        b'"BillingMode":"PAY_PER_REQUEST"}',
    )
    assert made.status == 200
    metric = {
        "Namespace": "AWS/DynamoDB",
        "MetricName": "ConsumedWriteCapacityUnits",
        "Dimensions": [{"Name": "TableName", "Value": "orders"}],
    }
    alarm = {
        **metric,
        "AlarmName": "busy",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    times = {"StartTime": START_S - 60, "EndTime": START_S + 36_000, "Period": 36_000}
    failures: list[BaseException] = []

    def put() -> None:
        for _ in range(200):
            database.execute("PutItem", b'{"TableName":"orders","Item":{"p":{"S":"1"}}}')
            watched.clock.advance(1)

    def query() -> None:
        for _ in range(50):
            ask("GetMetricStatistics", **metric, **times, Statistics=["Sum"])
            ask("ListMetrics")
            database.metrics.totals()

    def watch() -> None:
        for _ in range(30):
            ask("PutMetricAlarm", **alarm)
            ask("DescribeAlarms")
            database.cloudwatch.tick()

    def guarded(work: Any) -> Any:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)

        return threading.Thread(target=run, daemon=True)

    threads = [guarded(each) for each in (put, put, query, watch)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "somebody waits for ever"
    assert failures == []
    (point,) = ask("GetMetricStatistics", **metric, **times, Statistics=["Sum"])["Datapoints"]
    assert point["Sum"] == 400
