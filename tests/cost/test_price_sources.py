"""Prices from a file, and from the AWS price list as botocore answers it."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from pannier.cost.price_list import prices_of_list
from pannier.cost.prices import US_EAST_1, Prices
from pannier.cost.prices_file import prices_of_file
from pannier.errors import UserError

FRANKFURT = Prices("eu-central-1", "2026-11", 0.7625, 0.1525, 0.000793, 0.0001586, 0.306)
TOML = """
region = "eu-central-1"
read_on = "2026-11"
write_million_usd = 0.7625
read_million_usd = 0.1525
write_unit_hour_usd = 0.000793
read_unit_hour_usd = 0.0001586
storage_gb_month_usd = 0.306
"""


def test_a_file_of_prices_in_toml_or_json(tmp_path: Path) -> None:
    path = tmp_path / "prices"
    path.write_text(TOML)
    assert prices_of_file(path) == FRANKFURT
    values = {name: getattr(US_EAST_1, name) for name in US_EAST_1.__dataclass_fields__}
    path.write_text(json.dumps(values))
    assert prices_of_file(path) == US_EAST_1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("region = ", "neither TOML nor JSON"),
        (
            TOML.replace("read_million_usd", "reads"),
            "has no read_million_usd, has an unknown reads",
        ),
        (TOML.replace("0.306", "-1"), "storage_gb_month_usd is -1"),
        (TOML.replace("0.306", "nan"), "storage_gb_month_usd is nan"),
        (TOML.replace("0.306", '"a lot"'), "is 'a lot', which is no price"),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"prices\.toml") as caught:
        prices_of_file(path)
    assert words in caught.value.message


def test_a_missing_file_is_a_user_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can't be read"):
        prices_of_file(tmp_path / "none.toml")


def product(usage: str, *steps: tuple[str, str]) -> str:
    dimensions = {
        f"step{number}": {"beginRange": begin, "pricePerUnit": {"USD": usd}}
        for number, (begin, usd) in enumerate(steps)
    }
    return json.dumps(
        {
            "product": {"attributes": {"usagetype": usage, "regionCode": "eu-central-1"}},
            "terms": {"OnDemand": {"term": {"priceDimensions": dimensions}}},
        }
    )


PAGES = [
    [
        product("EUC1-WriteRequestUnits", ("0", "0.0000007625")),
        product("EUC1-IA-WriteRequestUnits", ("0", "0.00000095")),
        product("EUC1-ReplWriteRequestUnits", ("0", "0.00000115")),
        product("EUC1-ReadRequestUnits", ("0", "0.0000001525")),
        product("EUC1-WriteCapacityUnit-Hrs", ("18600", "0.000793"), ("0", "0.0000000000")),
    ],
    [
        product("EUC1-ReadCapacityUnit-Hrs", ("0", "0.0000000000"), ("18600", "0.0001586")),
        product("EUC1-TimedStorage-ByteHrs", ("0", "0"), ("25", "0.306")),
        product("EUC1-IA-TimedStorage-ByteHrs", ("0", "0.1224")),
    ],
]


def test_the_price_list_as_botocore_answers_it() -> None:
    """Two pages; free steps, other classes and replicated writes are passed over."""
    client = botocore.session.Session().create_client("pricing", region_name="us-east-1")
    request: dict[str, Any] = {
        "ServiceCode": "AmazonDynamoDB",
        "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "eu-central-1"}],
    }
    with Stubber(client) as stub:
        stub.add_response("get_products", {"PriceList": PAGES[0], "NextToken": "t"}, request)
        stub.add_response("get_products", {"PriceList": PAGES[1]}, {**request, "NextToken": "t"})
        assert prices_of_list(client, "eu-central-1", "2026-11") == FRANKFURT
        stub.assert_no_pending_responses()


def test_a_list_that_lacks_a_price_says_which() -> None:
    class Short:
        def get_products(self, **_: Any) -> dict[str, Any]:
            return {"PriceList": PAGES[0]}

    with pytest.raises(UserError, match="no read_unit_hour_usd, storage_gb_month_usd"):
        prices_of_list(Short(), "eu-central-1", "2026-11")
