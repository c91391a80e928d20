import pytest

from pannier.console.throughput import (
    ON_DEMAND,
    PROVISIONED,
    Billing,
    Throughput,
    billing_of,
    update_request,
    whole_units,
)
from pannier.errors import UserError

NOW = Billing(PROVISIONED, {"": Throughput(5, 5), "GSI1": Throughput(2, 2)})
NONE = Throughput(None, None)


def test_only_what_changes_is_asked_for() -> None:
    wanted = Billing(PROVISIONED, {"": Throughput(5, 5), "GSI1": Throughput(2, 9)})
    units = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 9}
    assert update_request("orders", NOW, wanted) == {
        "TableName": "orders",
        "GlobalSecondaryIndexUpdates": [
            {"Update": {"IndexName": "GSI1", "ProvisionedThroughput": units}}
        ],
    }


def test_nothing_changed_is_said() -> None:
    with pytest.raises(UserError, match="nothing is changed"):
        update_request("orders", NOW, NOW)


def test_a_table_that_becomes_provisioned_needs_units_of_every_index() -> None:
    now = Billing(ON_DEMAND, {"": NONE, "GSI1": NONE})
    with pytest.raises(UserError, match="the index GSI1 needs read units"):
        update_request("orders", now, Billing(PROVISIONED, {"": Throughput(1, 1), "GSI1": NONE}))
    request = update_request("orders", now, NOW)
    assert request["BillingMode"] == PROVISIONED
    assert request["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    assert len(request["GlobalSecondaryIndexUpdates"]) == 1


def test_on_demand_needs_no_maximum() -> None:
    request = update_request("orders", NOW, Billing(ON_DEMAND, {"": NONE, "GSI1": NONE}))
    assert request == {"TableName": "orders", "BillingMode": ON_DEMAND}


def test_a_maximum_is_set_and_taken_away() -> None:
    free = Billing(ON_DEMAND, {"": NONE})
    bound = Billing(ON_DEMAND, {"": Throughput(None, 50)})
    assert update_request("orders", free, bound)["OnDemandThroughput"] == {
        "MaxReadRequestUnits": -1,
        "MaxWriteRequestUnits": 50,
    }
    assert update_request("orders", bound, free)["OnDemandThroughput"] == {
        "MaxReadRequestUnits": -1,
        "MaxWriteRequestUnits": -1,
    }


def test_a_description_says_how_a_table_is_paid_for() -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    index = {
        "IndexName": "GSI1",
        "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 2},
    }
    described = {"ProvisionedThroughput": units, "GlobalSecondaryIndexes": [index]}
    assert billing_of(described) == NOW
    on_demand = {
        "BillingModeSummary": {"BillingMode": ON_DEMAND},
        "OnDemandThroughput": {"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": -1},
    }
    assert billing_of(on_demand) == Billing(ON_DEMAND, {"": Throughput(7, None)})


@pytest.mark.parametrize("value", [0, -1, 1.5])
def test_units_are_whole_and_at_least_one(value: float) -> None:
    with pytest.raises(UserError, match="read units can't be"):
        whole_units(value, "read units")
    assert whole_units(3.0, "read units") == 3
    assert whole_units(None, "read units") is None
