"""A database with something to tell."""

import json
from typing import Any

from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.throttle import Throttling


def told() -> Database:
    """A table of 5 units with its burst spent: 8 puts in a batch, one more in vain, a bad request.

    Its clock stands still.
    """
    throttling = Throttling(tables=True, burst_s=0)
    database = Database.in_memory(clock=ManualClock(), throttling=throttling, sweep_interval_s=None)
    ask(
        database,
        "CreateTable",
        TableName="orders",
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    puts = [{"PutRequest": {"Item": {"p": {"S": str(each)}}}} for each in range(8)]
    ask(database, "BatchWriteItem", RequestItems={"orders": puts})
    ask(database, "PutItem", TableName="orders", Item={"p": {"S": "late"}})
    ask(database, "GetItem", TableName="nowhere", Key={"p": {"S": "1"}})
    ask(database, "Scan", TableName="orders")
    return database


def ask(database: Database, operation: str, **request: Any) -> None:
    database.execute(operation, json.dumps(request).encode())
