"""What consumed units cost at list price, on demand and as provisioned capacity."""

from dataclasses import dataclass
from typing import Any, Final

from pannier.cost.prices import US_EAST_1, Prices

_MILLION: Final = 1_000_000
_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class UnitsCost:
    """The cost of a number of units, in US dollars.

    Attributes:
        on_demand_usd: each unit at its on-demand price.
        provisioned_usd: the same units out of provisioned capacity of which nothing is left unused;
            a capacity unit serves one unit a second.
        prices: the table that was used.
    """

    on_demand_usd: float
    provisioned_usd: float
    prices: Prices

    @property
    def assumes(self) -> list[str]:
        """What must be true for the figures to be true."""
        return [
            f"list prices of {self.prices.region}, read {self.prices.read_on}, standard class",
            "no free tier and no discount",
            "on demand: every unit, of indexes too, at the on-demand price",
            "provisioned: capacity that is used to the last unit; unused capacity costs the same",
            "storage, backups, streams and transfer are not in it",
        ]

    def to_json(self) -> dict[str, Any]:
        """The cost as plain values."""
        return {
            "currency": "USD",
            "on_demand": self.on_demand_usd,
            "provisioned": self.provisioned_usd,
            "prices": {
                "region": self.prices.region,
                "read_on": self.prices.read_on,
                "write_million": self.prices.write_million_usd,
                "read_million": self.prices.read_million_usd,
                "write_unit_hour": self.prices.write_unit_hour_usd,
                "read_unit_hour": self.prices.read_unit_hour_usd,
            },
            "assumes": self.assumes,
        }


def cost_of_units(
    *, read_units: float, write_units: float, prices: Prices = US_EAST_1
) -> UnitsCost:
    """What units cost.

    Args:
        read_units: read request units, of tables and indexes.
        write_units: write request units, of tables and indexes.
        prices: the price table.
    """
    on_demand = (
        read_units * prices.read_million_usd + write_units * prices.write_million_usd
    ) / _MILLION
    provisioned = (
        read_units * prices.read_unit_hour_usd + write_units * prices.write_unit_hour_usd
    ) / _HOUR_S
    return UnitsCost(on_demand, provisioned, prices)
