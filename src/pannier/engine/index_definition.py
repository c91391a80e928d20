"""Indexes as a table describes them, made from requests; see `table_definition` for the checks."""

from collections.abc import Mapping
from typing import Any

from pannier.engine import messages
from pannier.engine.table_throughput import check_bounds, on_demand, provisioned, warm
from pannier.errors import ValidationException


def local_index(index: Mapping[str, Any], table_arn: str) -> dict[str, Any]:
    """The description of a local index, without counts."""
    return {
        "IndexName": index["IndexName"],
        "KeySchema": index["KeySchema"],
        "Projection": index["Projection"],
        "IndexArn": f"{table_arn}/index/{index['IndexName']}",
    }


def global_index(
    index: Mapping[str, Any], table_arn: str, *, on_demand_mode: bool
) -> dict[str, Any]:
    """The description of a global index, without counts.

    Raises:
        ValidationException: its throughput does not suit the table's billing mode.
    """
    given = index.get("ProvisionedThroughput")
    name = index["IndexName"]
    if on_demand_mode and given is not None:
        raise ValidationException(messages.INDEX_THROUGHPUT_NEEDLESS.format(index=name))
    if not on_demand_mode and given is None:
        raise ValidationException(messages.INDEX_THROUGHPUT_MISSING.format(index=name))
    check_bounds(given, name)
    units = provisioned(given)
    description = {
        **local_index(index, table_arn),
        "IndexStatus": "ACTIVE",
        "ProvisionedThroughput": units,
        "WarmThroughput": warm(
            None, index.get("WarmThroughput"), units, on_demand_mode=on_demand_mode, index=name
        ),
    }
    maxima = on_demand(index.get("OnDemandThroughput"), allowed=on_demand_mode, index=name)
    if maxima:
        description["OnDemandThroughput"] = maxima
    return description
