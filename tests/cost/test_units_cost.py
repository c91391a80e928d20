"""What units cost: the arithmetic of the price table, and assumptions that are said."""

import pytest

from pannier.cost.prices import US_EAST_1, Prices
from pannier.cost.units_cost import cost_of_units


def test_a_million_units_cost_what_the_list_says() -> None:
    """$0.625 for a million writes and $0.125 for a million reads in us-east-1, read 2026-07."""
    assert cost_of_units(read_units=0, write_units=1e6).on_demand_usd == pytest.approx(0.625)
    assert cost_of_units(read_units=1e6, write_units=0).on_demand_usd == pytest.approx(0.125)
    assert cost_of_units(read_units=0, write_units=0).on_demand_usd == 0


def test_provisioned_capacity_is_paid_by_the_hour() -> None:
    """One unit a second for an hour is 3,600 units, and costs one unit's hour."""
    assert cost_of_units(read_units=0, write_units=3600).provisioned_usd == pytest.approx(0.00065)
    assert cost_of_units(read_units=3600, write_units=0).provisioned_usd == pytest.approx(0.00013)


def test_another_table_of_prices_can_be_used_and_is_named() -> None:
    prices = Prices("mars-1", "2030-01", 2.0, 1.0, 0.1, 0.2, 3.0)
    cost = cost_of_units(read_units=1e6, write_units=1e6, prices=prices)
    assert cost.on_demand_usd == pytest.approx(3.0)
    assert "mars-1, read 2030-01" in cost.assumes[0]


def test_the_assumptions_are_part_of_the_json() -> None:
    shown = cost_of_units(read_units=1, write_units=1).to_json()
    assert shown["currency"] == "USD"
    assert shown["prices"]["region"] == US_EAST_1.region
    assert any("free tier" in each for each in shown["assumes"])
