"""What each request adds to the metrics, with which dimensions: AWS's rules, one by one."""

from metered import NAMESPACE, Metered, dimensions_of

from pannier.engine.metrics import dynamodb
from pannier.engine.throttle import Throttling

NO_BURST = Throttling(tables=True, burst_s=0)


def test_units_are_those_of_the_answers():
    """The sum is what ConsumedCapacity said, a sample is a request; an index has its own."""
    metered = Metered()
    table = metered.create("orders", index=True)
    told = [
        metered.put(table, count, size, g={"S": "x"})["ConsumedCapacity"][0]
        for count, size in ((25, 10), (3, 2000), (1, 10))
    ]
    point = metered.one("ConsumedWriteCapacityUnits", "Sum", "SampleCount", table=table)
    assert point["Sum"] == sum(each["Table"]["CapacityUnits"] for each in told)
    assert point["SampleCount"] == 3
    assert point["Unit"] == "Count"
    of_index = metered.one("ConsumedWriteCapacityUnits", "Sum", table=table, index="by-g")
    assert of_index["Sum"] == sum(
        each["GlobalSecondaryIndexes"]["by-g"]["CapacityUnits"] for each in told
    )


def test_a_local_index_counts_for_its_table():
    """CloudWatch has no dimension for local indexes: they spend what their table has."""
    metered = Metered()
    table = metered.create("orders", local=True)
    item = {"p": {"S": "1"}, "s": {"S": "2"}, "l": {"S": "3"}}
    told = metered.must("PutItem", TableName=table, Item=item, ReturnConsumedCapacity="TOTAL")
    assert told["ConsumedCapacity"]["CapacityUnits"] == 2
    assert metered.total("ConsumedWriteCapacityUnits", table=table) == 2


def test_reads_of_halves_and_of_indexes():
    metered = Metered()
    table = metered.create("orders", index=True)
    metered.put(table, 1, g={"S": "x"})
    metered.must("GetItem", TableName=table, Key={"p": {"S": "0"}})
    query = {
        "TableName": table,
        "IndexName": "by-g",
        "KeyConditionExpression": "g = :g",
        "ExpressionAttributeValues": {":g": {"S": "x"}},
    }
    metered.must("Query", **query)
    assert metered.total("ConsumedReadCapacityUnits", table=table) == 0.5
    assert metered.total("ConsumedReadCapacityUnits", table=table, index="by-g") == 0.5
    assert metered.total("ReturnedItemCount", table=table, operation="Query") == 1
    assert metered.total("ReturnedItemCount", table=table, operation="GetItem") == 0


def test_latency_counts_each_request_once_for_each_of_its_tables():
    """A batch over two tables is a request to both; its time is the same."""
    metered = Metered()
    one, other = metered.create("one"), metered.create("other")
    puts = [{"PutRequest": {"Item": {"p": {"S": "1"}}}}]
    for _ in range(3):
        metered.must("BatchWriteItem", RequestItems={one: puts, other: puts})
    points = [
        metered.one(
            "SuccessfulRequestLatency",
            "SampleCount",
            "Minimum",
            "Maximum",
            table=table,
            operation="BatchWriteItem",
        )
        for table in (one, other)
    ]
    assert points[0] == points[1]
    assert points[0]["SampleCount"] == 3
    assert points[0]["Unit"] == "Milliseconds"
    assert 0 < points[0]["Minimum"] <= points[0]["Maximum"] < 10_000
    totals = metered.database.metrics.totals()
    assert totals.latencies["BatchWriteItem"].count == 3  # not once for each table


def test_a_transaction_that_reads_and_writes_one_table_is_one_request_to_it():
    metered = Metered()
    table = metered.create("orders")
    metered.must(
        "ExecuteTransaction",
        TransactStatements=[{"Statement": f"INSERT INTO {table} VALUE {{'p': 'a'}}"}],
    )
    point = metered.one(
        "SuccessfulRequestLatency", "SampleCount", table=table, operation="ExecuteTransaction"
    )
    assert point["SampleCount"] == 1
    assert metered.total("ConsumedWriteCapacityUnits", table=table) == 2


def test_bad_requests_are_user_errors_without_dimensions():
    """HTTP 400s of all tables together, whatever the operation; unknown ones as well."""
    metered = Metered()
    metered.ask("GetItem", TableName="nowhere", Key={"p": {"S": "1"}})
    metered.ask("PutItem")
    metered.ask("NoSuchOperation")
    point = metered.one("UserErrors", "Sum", "SampleCount")
    assert (point["Sum"], point["SampleCount"]) == (3, 3)
    assert metered.total("UserErrors", table="nowhere") == 0


def test_a_false_condition_is_no_user_error_and_has_its_price():
    """The guide counts it apart; the failed write costs what the item there would."""
    metered = Metered()
    table = metered.create("orders")
    item = {"p": {"S": "1"}}
    metered.must("PutItem", TableName=table, Item=item)
    status, _ = metered.ask(
        "PutItem", TableName=table, Item=item, ConditionExpression="attribute_not_exists(p)"
    )
    assert status == 400
    assert metered.total("ConditionalCheckFailedRequests", table=table) == 1
    assert metered.total("UserErrors") == 0
    assert metered.total("ConsumedWriteCapacityUnits", table=table) == 2
    point = metered.one("SuccessfulRequestLatency", "SampleCount", table=table, operation="PutItem")
    assert point["SampleCount"] == 1  # it did not succeed


def test_throttled_items_are_those_returned_and_no_user_errors():
    """What must hold: WriteThrottleEvents = items returned, ThrottledRequests = calls in vain."""
    metered = Metered(throttling=NO_BURST)
    table = metered.create("orders", write=5)
    answer = metered.put(table, 25)
    left = len(answer["UnprocessedItems"][table])
    assert left == 20
    status, _ = metered.ask(
        "BatchWriteItem", RequestItems={table: [{"PutRequest": {"Item": {"p": {"S": "1"}}}}]}
    )
    assert status == 400
    assert metered.total("WriteThrottleEvents", table=table) == left + 1
    assert metered.total("WriteProvisionedThroughputThrottleEvents", table=table) == left + 1
    assert metered.total("ThrottledRequests", table=table, operation="BatchWriteItem") == 1
    assert metered.total("ConsumedWriteCapacityUnits", table=table) == 5
    assert metered.total("UserErrors") == 0
    totals = metered.database.metrics.totals()
    assert totals.unprocessed == {("BatchWriteItem", table): 20}


def test_an_item_that_an_index_refuses_is_an_event_of_the_index_alone():
    metered = Metered(throttling=NO_BURST)
    table = metered.create("orders", write=100)
    metered.must(
        "UpdateTable",
        TableName=table,
        AttributeDefinitions=[
            {"AttributeName": "p", "AttributeType": "S"},
            {"AttributeName": "g", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-g",
                    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
                }
            }
        ],
    )
    left = len(metered.put(table, 25, g={"S": "x"})["UnprocessedItems"][table])
    assert left == 23
    assert metered.total("WriteThrottleEvents", table=table, index="by-g") == left
    assert metered.total("WriteThrottleEvents", table=table) == 0
    assert metered.total("ThrottledRequests", table=table, operation="BatchWriteItem") == 0


def test_an_item_refused_by_two_limits_of_its_table_counts_once():
    """One item, its table's rate and its partition's both reached: one event, two causes."""
    metered = Metered(throttling=Throttling(tables=True, partitions=True, burst_s=0))
    table = metered.create("orders", write=1000)
    big = {"p": {"S": "hot"}, "f": {"S": "x" * 300_000}}
    refused = 0
    for _ in range(8):
        status, _ = metered.ask("PutItem", TableName=table, Item=big)
        refused += status == 400
    assert refused
    assert metered.total("WriteThrottleEvents", table=table) == refused
    assert metered.total("WriteProvisionedThroughputThrottleEvents", table=table) == refused
    assert metered.total("WriteKeyRangeThroughputThrottleEvents", table=table) == refused
    assert metered.total("ThrottledRequests", table=table, operation="PutItem") == refused


def test_items_refused_for_different_reasons_count_apart():
    """First the partition refuses an item, then the table another: two events."""
    metered = Metered(throttling=Throttling(partitions=True))
    table = metered.create("orders", write=40_000)
    big = {"p": {"S": "hot"}, "f": {"S": "x" * 390_000}}
    statuses = [metered.ask("PutItem", TableName=table, Item=big)[0] for _ in range(5)]
    assert metered.total("WriteThrottleEvents", table=table) == statuses.count(400) > 0
    assert metered.total("WriteProvisionedThroughputThrottleEvents", table=table) == 0


def test_failures_of_the_engine_are_system_errors(monkeypatch):
    """An operation that breaks is HTTP 500, by table and operation; nothing was consumed."""
    metered = Metered()
    table = metered.create("orders")

    def break_down(*_):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(metered.database.store, "get_many", break_down)
    put = {"PutRequest": {"Item": {"p": {"S": "1"}}}}
    status, _ = metered.ask("BatchWriteItem", RequestItems={table: [put]})
    assert status == 500
    assert metered.total("SystemErrors", table=table, operation="BatchWriteItem") == 1
    assert metered.total("UserErrors") == 0
    assert metered.total("ConsumedWriteCapacityUnits", table=table) == 0


def test_an_unknown_operation_leaves_no_trace_of_its_name():
    """Whoever asks for operations by random names must not fill the memory with them."""
    metered = Metered()
    for number in range(100):
        metered.ask(f"Nonsense{number}")
    assert metered.database.metrics.totals().errors == {
        ("Unknown", "UnknownOperationException"): 100
    }


def test_metrics_of_a_deleted_table_stay():
    metered = Metered()
    table = metered.create("orders")
    metered.put(table, 3)
    metered.must("DeleteTable", TableName=table)
    assert metered.total("ConsumedWriteCapacityUnits", table=table) == 3
    names = {
        each["MetricName"]
        for each in metered.cloudwatch(
            "ListMetrics", Namespace=NAMESPACE, Dimensions=dimensions_of(table=table)
        )["Metrics"]
    }
    assert {"ConsumedWriteCapacityUnits", "ProvisionedWriteCapacityUnits"} <= names


def test_there_is_no_point_for_what_did_not_happen():
    """AWS sends metrics only for minutes in which there is something to tell."""
    metered = Metered()
    table = metered.create("orders")
    metered.put(table, 1)
    metered.clock.advance(600)
    metered.put(table, 1)
    points = metered.statistics("ConsumedWriteCapacityUnits", "Sum", table=table, period=60)
    assert [point["Sum"] for point in points] == [1, 1]
    assert points[1]["Timestamp"] - points[0]["Timestamp"] == 600


def test_thousands_of_requests_within_a_minute_are_folded_without_loss():
    """More than fit into the lists that a minute is gathered in."""
    metered = Metered()
    table = metered.create("orders")
    for _ in range(1300):
        metered.must("GetItem", TableName=table, Key={"p": {"S": "1"}}, ConsistentRead=True)
    point = metered.one("SuccessfulRequestLatency", "SampleCount", table=table, operation="GetItem")
    assert point["SampleCount"] == 1300
    assert metered.total("ConsumedReadCapacityUnits", table=table) == 1300


def test_the_names_of_all_throttle_metrics_are_aws_names():
    """The eight newer ones, and the two that sum them up."""
    limits = ("", "ProvisionedThroughput", "KeyRangeThroughput", "AccountLimit")
    names = {dynamodb.throttle_events(of, limit) for of in ("Read", "Write") for limit in limits}
    assert "ReadThrottleEvents" in names
    assert "WriteAccountLimitThrottleEvents" in names
    assert "WriteKeyRangeThroughputThrottleEvents" in names
