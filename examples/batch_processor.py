"""The workshop's BatchProcessor, with nothing lost: more than 25 items, and reserved words.

Run it: python examples/batch_processor.py [TARGET]
"""

import json
import sys
from pathlib import Path

from pannier import BatchProcessor, CallError, connect

TABLE = "demo-ecommerce-freetier"
FILES = Path(__file__).parent / "workshop"


def main(target: str) -> None:
    """Write the chapter's files through the chapter's own class, and read some of it back."""
    with connect(target) as db:
        try:
            db.table(TABLE).describe()
        except CallError:
            key = {"AttributeName": "PK", "KeyType": "HASH"}
            sort = {"AttributeName": "SK", "KeyType": "RANGE"}
            kinds = [{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")]
            db.call(
                "CreateTable",
                {
                    "TableName": TABLE,
                    "KeySchema": [key, sort],
                    "AttributeDefinitions": kinds,
                    "BillingMode": "PAY_PER_REQUEST",
                },
            )
        processor = BatchProcessor(TABLE, db)
        items = json.loads((FILES / "large-batch.json").read_text())[TABLE]
        done = processor.batch_write_with_retry(items)
        assert processor.report is not None
        print(f"{len(items)} items in {processor.report.calls} calls, all written: {done}")
        keys = [
            {name: put["PutRequest"]["Item"][name] for name in ("PK", "SK")} for put in items[:3]
        ]
        for item in processor.batch_get_with_projection(keys, "PK, name, price"):
            print(item["PK"]["S"], "-", item["name"]["S"], "-", item["price"]["N"])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "memory")
