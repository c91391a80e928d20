"""Prices from the AWS price list, with the user's own credentials."""

from pannier.cost.price_list import prices_of_list
from pannier.cost.prices import Prices
from pannier.errors import UserError
from pannier.targets.credentials import BotocoreCredentials

_REGION_OF_THE_LIST = "us-east-1"


def prices_of_aws(read_on: str) -> Prices:
    """The prices of the region that the environment or profile names.

    Args:
        read_on: today, year and month.

    Raises:
        UserError: there is no region, no access, or no answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.session import Session

    region = BotocoreCredentials().region
    if not region:
        raise UserError("no region is set", "Set AWS_REGION, or a region in your profile.")
    try:
        client = Session().create_client("pricing", region_name=_REGION_OF_THE_LIST)
        return prices_of_list(client, region, read_on)
    except (BotoCoreError, ClientError) as error:
        raise UserError(
            f"the AWS price list can't be read: {error}",
            "It needs the permission pricing:GetProducts; or give the prices with --prices FILE.",
        ) from None
