"""A capacity budget: what is charged, what is learned, and what the user may write.

A budget is kept per table and per global index, since each has a capacity of its own.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.options import Options
from pannier.batch.pace.budget import (
    TABLE,
    Allowance,
    Budget,
    Turn,
    budget_of,
    consumed_by_resource,
)
from pannier.batch.pace.ledger import OwnLedger
from pannier.errors import UserError

# What the user writes


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (500, Allowance(units_per_s=500.0)),
        (0.5, Allowance(units_per_s=0.5)),
        ("500", Allowance(units_per_s=500.0)),
        ("50%", Allowance(share=0.5)),
        (" 12.5 % ".replace(" %", "%"), Allowance(share=0.125)),
        ("150%", Allowance(share=1.5)),
    ],
)
def test_a_budget_is_units_a_second_or_a_share(given: Any, expected: Allowance) -> None:
    assert Allowance.of(given) == expected


@pytest.mark.parametrize("given", ["", "%", "many", "0", "-5", "0%", "nan", "inf", 0, -1])
def test_anything_else_is_told_what_a_budget_is(given: Any) -> None:
    with pytest.raises(UserError, match="no capacity budget") as caught:
        Allowance.of(given)
    assert "e.g. 500" in caught.value.advice
    with pytest.raises(UserError):
        Options(write_units=given)


def test_options_without_a_budget_have_none() -> None:
    assert Options().write_allowance is None
    assert Options(read_units="5%").read_allowance == Allowance(share=0.05)


# What it means for a table


def described(write: int, read: int, **indexes: int) -> dict[str, Any]:
    return {
        "TableName": "shop",
        "ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": write},
        "GlobalSecondaryIndexes": [
            {
                "IndexName": name,
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": units},
            }
            for name, units in indexes.items()
        ],
    }


def full(budget: Budget) -> dict[str, float]:
    """What each bucket holds when it is full."""
    with budget._opened(1e9) as buckets:
        return {name: bucket.tokens for name, bucket in buckets.items()}


def test_units_a_second_hold_for_the_table_and_for_each_global_index() -> None:
    budget = budget_of(Allowance(units_per_s=100.0), "write", described(500, 500, GSI1=300), 0.0)
    assert full(budget) == pytest.approx({TABLE: 40.0, "GSI1": 40.0})


def test_a_share_is_of_what_each_has_provisioned() -> None:
    budget = budget_of(Allowance(share=0.5), "write", described(1000, 7, GSI1=300), 0.0)
    assert full(budget) == pytest.approx({TABLE: 200.0, "GSI1": 60.0})


def test_reads_touch_no_index() -> None:
    budget = budget_of(Allowance(share=0.5), "read", described(7, 1000, GSI1=300), 0.0)
    assert full(budget) == pytest.approx({TABLE: 200.0})


@pytest.mark.parametrize(
    "description",
    [
        described(0, 0),
        described(5, 5) | {"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}},
        {"TableName": "shop"},
    ],
)
def test_a_share_of_an_on_demand_table_is_a_mistake_that_is_explained(
    description: dict[str, Any],
) -> None:
    with pytest.raises(UserError, match="shop is on demand") as caught:
        budget_of(Allowance(share=0.5), "write", description, 0.0)
    assert "--write-units 500" in caught.value.advice
    budget_of(Allowance(units_per_s=5.0), "write", description, 0.0)


# Charging and learning


def known(rate: float = 100.0, **indexes: float) -> Budget:
    """A budget that has learned that everything costs what was estimated."""
    budget = Budget({TABLE: rate, **indexes}, 0.0)
    charge = budget.charge(1.0, 0.0)
    budget.correct(charge, 1.0, 1.0, dict.fromkeys(charge, 1.0), 0.0)
    budget.purse(1e3)
    return budget


NOW_S = 1e3


def test_what_is_spent_comes_back_at_the_rate() -> None:
    budget = known(100.0)
    assert budget.purse(NOW_S).is_full
    assert budget.wait_s(40.0, NOW_S) == 0.0
    budget.charge(40.0, NOW_S)
    assert budget.wait_s(10.0, NOW_S) == pytest.approx(0.1)
    assert budget.wait_s(10.0, NOW_S + 0.05) == pytest.approx(0.05)
    assert budget.wait_s(10.0, NOW_S + 0.1) == 0.0


def test_more_than_a_bucket_holds_waits_until_it_is_full_and_leaves_a_debt() -> None:
    """An item of 400 KB costs 400 units; with a budget of 10 it must go all the same."""
    budget = known(10.0)
    assert budget.wait_s(400.0, NOW_S) == 0.0
    budget.charge(400.0, NOW_S)
    assert budget.wait_s(1.0, NOW_S) == pytest.approx((400.0 - 4.0 + 1.0) / 10.0)


def test_the_scarcest_resource_decides() -> None:
    budget = known(100.0, GSI1=10.0)
    budget.charge(4.0, NOW_S)
    assert budget.wait_s(1.0, NOW_S) == pytest.approx(0.1), "the table alone would not wait"


def test_what_was_left_over_is_given_back() -> None:
    budget = known(100.0)
    charge = budget.charge(40.0, NOW_S)
    budget.correct(charge, 40.0, 30.0, {TABLE: 30.0}, NOW_S)
    assert budget.wait_s(10.0, NOW_S) == 0.0


def test_nothing_done_is_nothing_spent_and_nothing_learned() -> None:
    budget = Budget({TABLE: 100.0}, 0.0)
    budget.correct(budget.charge(10.0, 0.0), 10.0, 0.0, None, 0.0)
    assert budget.is_learning(0.0)
    assert budget.purse(0.0).is_full


def test_an_endpoint_that_reports_nothing_is_charged_the_estimate() -> None:
    budget = known(100.0)
    charge = budget.charge(40.0, NOW_S)
    budget.correct(charge, 40.0, 40.0, None, NOW_S)
    assert budget.wait_s(10.0, NOW_S) == pytest.approx(0.1)


def test_an_endpoint_that_never_reports_anything_gets_the_whole_budget() -> None:
    """What is assumed until the first answer must not be taken for what was learned."""
    budget = Budget({TABLE: 100.0}, 0.0)
    budget.correct(budget.charge(5.0, 0.0), 5.0, 5.0, None, 0.0)
    assert not budget.is_learning(0.0)
    assert budget.purse(NOW_S).units == pytest.approx(40.0)
    budget.charge(40.0, NOW_S)
    assert budget.wait_s(10.0, NOW_S) == pytest.approx(0.1)


def test_it_learns_what_a_unit_really_costs() -> None:
    """Overwriting items of twice the size costs twice as much as their own size says."""
    budget = known(100.0)
    now_s = NOW_S
    for _ in range(30):
        now_s += 10.0
        budget.correct(budget.charge(10.0, now_s), 10.0, 10.0, {TABLE: 20.0}, now_s)
    now_s += 10.0
    assert budget.purse(now_s).units == pytest.approx(20.0, rel=0.01), "of 40 units"


def test_the_first_answer_counts_in_full() -> None:
    budget = Budget({TABLE: 100.0}, 0.0)
    assert budget.is_learning(0.0)
    assert budget.purse(0.0).units == pytest.approx(5.0), "before, dear items are assumed"
    budget.correct(budget.charge(5.0, 0.0), 5.0, 5.0, {TABLE: 2.5}, 0.0)
    assert not budget.is_learning(0.0)
    assert budget.purse(1.0).units == pytest.approx(80.0)


def test_an_index_that_is_never_touched_holds_nothing_up() -> None:
    budget = Budget({TABLE: 100.0, "GSI1": 1.0}, 0.0)
    budget.correct(budget.charge(1.0, 0.0), 1.0, 1.0, {TABLE: 1.0}, 0.0)
    assert budget.purse(10.0).units == pytest.approx(40.0)


def test_consumption_is_read_by_resource_and_local_indexes_count_as_the_table() -> None:
    entry = {
        "TableName": "shop",
        "CapacityUnits": 9.0,
        "Table": {"CapacityUnits": 3.0},
        "LocalSecondaryIndexes": {"LSI": {"CapacityUnits": 2.0}},
        "GlobalSecondaryIndexes": {"GSI1": {"CapacityUnits": 4.0}},
    }
    assert consumed_by_resource(entry) == {TABLE: 5.0, "GSI1": 4.0}
    assert consumed_by_resource({"CapacityUnits": 7.0}) == {TABLE: 7.0}


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.floats(1.0, 1000.0),
    st.lists(st.tuples(st.floats(0.1, 30.0), st.floats(0.0, 0.5)), min_size=1, max_size=200),
)
def test_no_window_of_ten_seconds_is_more_than_five_percent_above(
    rate: float, calls: list[tuple[float, float]]
) -> None:
    """Whatever the costs and the pauses, as long as no call alone is more than a bucket holds."""
    budget = known(rate)
    now_s = NOW_S
    spent: list[tuple[float, float]] = []
    for cost, pause_s in calls:
        units = min(cost, 0.4 * rate)
        now_s += pause_s + budget.wait_s(units, now_s + pause_s)
        budget.correct(budget.charge(units, now_s), units, units, {TABLE: units}, now_s)
        spent.append((now_s, units))
    for begin_s, _ in spent:
        inside = sum(units for at_s, units in spent if begin_s <= at_s < begin_s + 10.0)
        assert inside <= 1.05 * 10.0 * rate


# In turns


def test_a_budget_can_be_divided_by_the_jobs_that_run_at_a_time() -> None:
    assert Allowance.of("50%").divided(4) == Allowance(share=0.125, turn=Turn(4))
    assert Allowance.of(500).divided(4) == Allowance(units_per_s=125.0, turn=Turn(4))
    assert Allowance.of(500).divided(4, keeps=True).turn == Turn(4, keeps=True)
    assert Allowance.of(Allowance.of(500).divided(4)).turn == Turn(4)


def test_a_turn_begins_with_nothing_and_a_call_may_cost_as_much_as_without() -> None:
    turn = budget_of(Allowance(units_per_s=100.0, turn=Turn()), "write", described(5, 5), 7.0)
    assert turn.purse(7.0).units == pytest.approx(0.0, abs=1e-6)
    assert turn.wait_s(1e9, 7.0) == pytest.approx(0.4)
    assert full(turn) == pytest.approx({TABLE: 80.0}), "more, for what is not spent between turns"


def test_a_share_is_spent_in_turns_likewise() -> None:
    turn = budget_of(Allowance(share=0.5, turn=Turn()), "write", described(200, 5, I=100), 0.0)
    assert turn.purse(0.0).units == pytest.approx(0.0, abs=1e-6)
    assert full(turn) == pytest.approx({TABLE: 80.0, "I": 40.0})


def test_when_a_budget_was_empty_is_told_and_when_it_will_owe_nothing() -> None:
    budget = Budget({TABLE: 100.0, "I": 50.0}, 0.0)
    assert budget.empty_s(0.0) == pytest.approx(-0.4)
    budget.correct(budget.charge(1.0, 0.0), 1.0, 1.0, {TABLE: 400.0, "I": 40.0}, 0.0)
    assert budget.empty_s(0.0) == pytest.approx(3.6)
    assert budget.empty_s(3.0) == pytest.approx(3.6)
    assert budget.empty_s(9.0) == pytest.approx(8.6), "it holds no more than 0.4 seconds' worth"


def test_who_shares_a_ledger_finds_what_others_have_left_and_learned() -> None:
    ledger = OwnLedger(0.0)
    first = Budget({TABLE: 100.0}, 0.0, ledger, "shop")
    first.correct(first.charge(1.0, 0.3), 1.0, 1.0, {TABLE: 2.0}, 0.3)
    second = Budget({TABLE: 100.0}, 0.3, ledger, "shop")
    assert not second.is_learning(0.3)
    assert second.purse(0.3) == pytest.approx((14.0, False, 2.0))
    other = Budget({TABLE: 100.0}, 0.3, ledger, "stock")
    assert other.is_learning(0.3), "a table has its own"
    assert other.purse(0.3).units == pytest.approx(30.0 / 8.0)
