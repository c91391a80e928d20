"""Prices out of the AWS price list, through the `pricing` client of botocore.

Asked only if the user says so (`--prices aws`), with the user's own credentials; it needs the
permission `pricing:GetProducts`, and costs nothing. The service is in few regions; it is asked in
us-east-1 about any of them.

How a product is known (the price list's own attributes of `AmazonDynamoDB`): by the end of its
`usagetype`, behind a region's short name such as `EUC1-`. Those of the infrequent-access class
(`IA-`) and of global tables (`Repl`) end otherwise. A product may have steps, of which the first is
the free tier at $0: the price is that of the highest step.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from pannier.cost.prices import Prices
from pannier.errors import UserError

_PRICE_OF_USAGE: Final[Mapping[str, tuple[str, float]]] = {
    "WriteRequestUnits": ("write_million_usd", 1e6),
    "ReadRequestUnits": ("read_million_usd", 1e6),
    "WriteCapacityUnit-Hrs": ("write_unit_hour_usd", 1.0),
    "ReadCapacityUnit-Hrs": ("read_unit_hour_usd", 1.0),
    "TimedStorage-ByteHrs": ("storage_gb_month_usd", 1.0),
}
_PAGES_MAX: Final = 50


class PricingClient(Protocol):
    """The part of botocore's `pricing` client that is used."""

    def get_products(self, **request: Any) -> Mapping[str, Any]:
        """One page of products, each a JSON text."""


def prices_of_list(client: PricingClient, region: str, read_on: str) -> Prices:
    """The prices of a region.

    Args:
        client: botocore's, for `pricing`.
        region: e.g. `eu-central-1`.
        read_on: today, year and month.

    Raises:
        UserError: the list does not have all of them.
    """
    found: dict[str, float] = {}
    for product in _products(client, region):
        usage = _usage(product)
        if usage in _PRICE_OF_USAGE:
            name, factor = _PRICE_OF_USAGE[usage]
            price = _highest_step_usd(product)
            if price is not None:
                found[name] = round(price * factor, 10)
    missing = [name for name, _ in _PRICE_OF_USAGE.values() if name not in found]
    if missing:
        raise UserError(
            f"the AWS price list has no {', '.join(missing)} for {region}",
            "Write the prices into a file: --prices FILE.",
        )
    return Prices(region=region, read_on=read_on, **found)


def _products(client: PricingClient, region: str) -> Iterator[dict[str, Any]]:
    request: dict[str, Any] = {
        "ServiceCode": "AmazonDynamoDB",
        "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}],
    }
    for _ in range(_PAGES_MAX):
        answer = client.get_products(**request)
        for text in answer["PriceList"]:
            yield json.loads(text)
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]


def _usage(product: Mapping[str, Any]) -> str:
    """The kind of usage, without a region's short name: `EUC1-WriteRequestUnits`."""
    usage: str = product["product"]["attributes"].get("usagetype", "")
    prefix, dash, rest = usage.partition("-")
    return (
        rest if dash and rest in _PRICE_OF_USAGE and prefix.isalnum() and prefix != "IA" else usage
    )


def _highest_step_usd(product: Mapping[str, Any]) -> float | None:
    steps = [
        (float(step.get("beginRange") or 0), float(step["pricePerUnit"].get("USD") or 0))
        for term in product.get("terms", {}).get("OnDemand", {}).values()
        for step in term["priceDimensions"].values()
    ]
    return max(steps)[1] if steps else None
