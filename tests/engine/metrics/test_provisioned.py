"""Provisioned units over time, made up from the history of settings."""

from pathlib import Path

from metered import START_S, Metered

from pannier.engine.metrics import provisioned
from pannier.engine.metrics.space import RETENTION_S, THROUGHPUT_PREFIX, after


def _units(metered: Metered, **more: str) -> dict[int, float]:
    points = metered.statistics(
        "ProvisionedWriteCapacityUnits",
        "Average",
        start_s=START_S - 600,
        end_s=START_S + 3600,
        period=60,
        **more,
    )
    return {int(point["Timestamp"] - START_S): point["Average"] for point in points}


def test_every_minute_since_the_table_was_made_shows_what_is_provisioned():
    """Whether anything happens or not; a minute with a change shows the new setting."""
    metered = Metered()
    metered.clock.advance(130)
    table = metered.create("orders", write=5)
    metered.clock.advance(120)
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 8}
    metered.must("UpdateTable", TableName=table, ProvisionedThroughput=units)
    metered.clock.advance(60)
    assert _units(metered, table=table) == {120: 5, 180: 5, 240: 8, 300: 8}


def test_an_index_has_its_own():
    metered = Metered()
    table = metered.create("orders", write=7, index=True)
    assert _units(metered, table=table, index="by-g") == {0: 7}
    assert _units(metered, table=table) == {0: 7}


def test_on_demand_and_deleted_tables_have_none():
    metered = Metered()
    table = metered.create("orders", write=7)
    metered.clock.advance(60)
    metered.must("UpdateTable", TableName=table, BillingMode="PAY_PER_REQUEST")
    metered.clock.advance(120)
    assert _units(metered, table=table) == {0: 7}
    metered.must("DeleteTable", TableName=table)
    other = metered.create("other", write=3)
    metered.clock.advance(60)
    metered.must("DeleteTable", TableName=other)
    metered.clock.advance(600)
    assert _units(metered, table=other) == {180: 3}


def test_it_is_there_after_a_restart_and_for_the_time_between(tmp_path: Path):
    """On AWS a table is provisioned whether anybody's machine runs or not."""
    metered = Metered(tmp_path / "database")
    table = metered.create("orders", write=5)
    metered.database.close()
    metered.clock.advance(180)
    again = Metered(tmp_path / "database", clock=metered.clock)
    assert _units(again, table=table) == {0: 5, 60: 5, 120: 5, 180: 5}
    again.database.close()


def test_a_clock_that_goes_back_forgets_what_has_not_happened_yet():
    metered = Metered()
    table = metered.create("orders", write=5)
    metered.clock.advance(1200)
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 9}
    metered.must("UpdateTable", TableName=table, ProvisionedThroughput=units)
    metered.clock.set(START_S + 120)
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 4}
    metered.must("UpdateTable", TableName=table, ProvisionedThroughput=units)
    metered.clock.set(START_S + 180)
    assert _units(metered, table=table) == {0: 5, 60: 5, 120: 4, 180: 4}


def test_utilisation_is_one_expression():
    """What everybody draws: consumed over provisioned, in percent."""
    metered = Metered()
    table = metered.create("orders", write=5)
    metered.put(table, 25)
    dimensions = [{"Name": "TableName", "Value": table}]

    def query(name: str, metric: str, stat: str) -> dict[str, object]:
        described = {"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": dimensions}
        return {
            "Id": name,
            "MetricStat": {"Metric": described, "Period": 60, "Stat": stat},
            "ReturnData": False,
        }

    answer = metered.cloudwatch(
        "GetMetricData",
        StartTime=START_S,
        EndTime=START_S + 60,
        MetricDataQueries=[
            query("used", "ConsumedWriteCapacityUnits", "Sum"),
            query("there", "ProvisionedWriteCapacityUnits", "Average"),
            {"Id": "e", "Expression": "used / (there * PERIOD(there)) * 100", "Label": "%"},
        ],
    )
    (result,) = answer["MetricDataResults"]
    assert result["Label"] == "%"
    assert result["Values"] == [25 / (5 * 60) * 100]


def test_tables_that_are_gone_are_forgotten_in_time(monkeypatch):
    """A database in which tables come and go for ever must not keep them all, nor in its store."""
    monkeypatch.setattr(provisioned, "_GONE_MAX", 3)
    metered = Metered()
    kept = metered.create("kept", write=1)

    def is_kept(table: str) -> tuple[bool, bool]:
        store = metered.database.metrics.archive.store
        rows = store.range(THROUGHPUT_PREFIX, after(THROUGHPUT_PREFIX))
        return bool(_units(metered, table=table)), any(table.encode() in key for key, _ in rows)

    def make_and_delete(name: str) -> None:
        metered.create(name, write=1)
        metered.clock.advance(60)
        metered.must("DeleteTable", TableName=name)

    names = [f"gone-{number}" for number in range(5)]
    for name in names:
        make_and_delete(name)
    assert [is_kept(name) for name in names] == [(False, False)] * 2 + [(True, True)] * 3
    metered.clock.advance(RETENTION_S)  # nobody can ask for them any more
    make_and_delete("last")
    assert [is_kept(name)[1] for name in names] == [False] * 5
    assert is_kept(kept)[1]
