"""The code under test: it knows nothing of Pannier."""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import boto3

BATCH = 25
THROTTLES = ("ProvisionedThroughputExceededException", "ThrottlingException")


class NotSavedError(Exception):
    """Some orders were not saved, for want of capacity."""

    def __init__(self, orders: Sequence[Any]) -> None:
        super().__init__(f"{len(orders)} orders were not saved")
        self.orders = orders


def save(
    orders: Iterable[Mapping[str, Any]],
    table: str = "orders",
    *,
    client: Any = None,
    sleep: Callable[[float], None] = time.sleep,
    attempts: int = 12,
) -> None:
    """Save orders in batches; what DynamoDB leaves unprocessed is sent again, later and later."""
    client = client or boto3.client("dynamodb")
    puts = [{"PutRequest": {"Item": order}} for order in orders]
    for start in range(0, len(puts), BATCH):
        waiting = {table: puts[start : start + BATCH]}
        for attempt in range(attempts):
            try:
                waiting = client.batch_write_item(RequestItems=waiting)["UnprocessedItems"]
            except client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in THROTTLES:
                    raise  # of a throttle we know that nothing was written
            if not waiting:
                break
            sleep(min(0.1 * 2**attempt, 20) * random.uniform(0.5, 1))
        else:
            raise NotSavedError(waiting[table])


def order(number: int, customer: str = "c1", note: str = "") -> dict[str, Any]:
    """An order as DynamoDB has it."""
    return {"PK": {"S": customer}, "SK": {"S": f"order#{number}"}, "note": {"S": note}}


def count_visit(customer: str, client: Any, table: str = "orders") -> None:
    """Count a visit. Counts twice if the answer gets lost, which is good enough for visits."""
    client.update_item(
        TableName=table,
        Key={"PK": {"S": customer}, "SK": {"S": "visits"}},
        UpdateExpression="ADD visits :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


def charge(customer: str, payment: str, cents: int, client: Any, table: str = "orders") -> None:
    """Charge a customer, once for each payment, however often it is sent."""
    client.transact_write_items(
        ClientRequestToken=payment,
        TransactItems=[
            {
                "Update": {
                    "TableName": table,
                    "Key": {"PK": {"S": customer}, "SK": {"S": "balance"}},
                    "UpdateExpression": "ADD cents :cents",
                    "ExpressionAttributeValues": {":cents": {"N": str(-cents)}},
                }
            }
        ],
    )
