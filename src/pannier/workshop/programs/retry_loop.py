"""Three attempts, and what is left after them is forgotten: the loop that many programs have.

Run it: python retry_loop.py restock.json
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import boto3

TABLE = "demo-ecommerce-freetier"
ATTEMPTS = 3


class RetryLoop:
    """Sends a batch, then what came back unprocessed, and gives up after a few attempts."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.client = boto3.client("dynamodb")

    def write(self, requests: list[dict[str, Any]]) -> bool:
        """Whether everything was written. What was not, nobody learns."""
        waiting = {self.table: requests}
        for attempt in range(ATTEMPTS):
            answer = self.client.batch_write_item(RequestItems=waiting)
            waiting = answer["UnprocessedItems"]
            print(f"attempt {attempt + 1}: {len(waiting.get(self.table, []))} unprocessed")
            if not waiting:
                return True
            time.sleep(0.1 * 2**attempt)
        return False


if __name__ == "__main__":
    content = json.loads(Path(sys.argv[1]).read_text())
    print("all written:", RetryLoop(TABLE).write(content[TABLE]))
