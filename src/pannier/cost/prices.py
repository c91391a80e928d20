"""List prices of DynamoDB, with the place and the month for which they hold.

Prices differ between regions and change over time; an account may have discounts and free units. So
each figure that is made of them names its table.

Source of `US_EAST_1`: AWS's price list and the pricing page of DynamoDB, read in July 2026, for the
standard table class.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Prices:
    """A price table, in US dollars.

    Attributes:
        region: where it holds.
        read_on: when it was read, year and month.
        write_million_usd: a million write request units, on demand.
        read_million_usd: a million read request units, on demand.
        write_unit_hour_usd: one write capacity unit, provisioned for an hour.
        read_unit_hour_usd: one read capacity unit, provisioned for an hour.
        storage_gb_month_usd: a gigabyte stored for a month.
    """

    region: str
    read_on: str
    write_million_usd: float
    read_million_usd: float
    write_unit_hour_usd: float
    read_unit_hour_usd: float
    storage_gb_month_usd: float


US_EAST_1: Final = Prices(
    region="us-east-1",
    read_on="2026-07",
    write_million_usd=0.625,
    read_million_usd=0.125,
    write_unit_hour_usd=0.00065,
    read_unit_hour_usd=0.00013,
    storage_gb_month_usd=0.25,
)
