"""The chapter's BatchProcessor, with Pannier's in its place: the same methods, nothing lost.

Run it: python batch_processor.py restock.json
"""

import json
import sys
from pathlib import Path

from pannier import BatchProcessor

TABLE = "demo-ecommerce-freetier"

if __name__ == "__main__":
    requests = json.loads(Path(sys.argv[1]).read_text())[TABLE]
    with BatchProcessor(TABLE) as processor:
        print("all written:", processor.batch_write_with_retry(requests, 6))
        print("left unprocessed:", len(processor.unprocessed))
        report = processor.report
        if report is not None:
            print(f"{report.written} items in {report.calls} calls; ", end="")
            print(f"{report.leftovers} came back and were sent again")

        items = [each["PutRequest"]["Item"] for each in requests]
        keys = [{"PK": item["PK"], "SK": item["SK"]} for item in items]
        found = processor.batch_get_with_projection(keys, "PK, name, stock")
        print(f"{len(found)} items read again; the first is {found[0]['name']['S']}")
