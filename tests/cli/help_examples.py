"""The examples in a command's help, as a test can run them, and the folder in which they work."""

import json
import shlex
import shutil
from pathlib import Path

from tests.cli.running import good
from tests.conftest import EXAMPLES, TABLE

INDEX = ("--index", "GSI1=GSI1PK:S,GSI1SK:S")
_STACK = """
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "${Stage}-orders"
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: PK, AttributeType: S}]
      KeySchema: [{AttributeName: PK, KeyType: HASH}]
"""


def commands(examples: str) -> list[list[str]]:
    """The arguments of each `pannier ...` line; lines that end in a backslash go on."""
    lines = examples.replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.strip().startswith("pannier ")]


def workshop_files(folder: Path) -> None:
    """The chapter's files, beside which examples are run."""
    for file in (EXAMPLES / "workshop").iterdir():
        shutil.copy(file, folder)


def fill_folder(folder: Path) -> None:
    """Everything that examples name: the table `shop` and the chapter's, files of items, keys."""
    for each in (EXAMPLES / "workshop").iterdir():
        shutil.copy(each, folder)
    items = [
        {
            "PK": f"USER#{n % 20}",
            "SK": f"ORDER#{n:03}",
            "name": f"item {n}",
            "price": n % 100,
            "GSI1PK": "BOOKS" if n % 2 else "TOYS",
            "GSI1SK": f"{n:03}",
        }
        for n in range(400)
    ]
    keys = [{"PK": each["PK"], "SK": each["SK"]} for each in items[:150]]
    for name, content in (("items.jsonl", items), ("keys.jsonl", keys)):
        (folder / name).write_text("".join(json.dumps(each) + "\n" for each in content))
    (folder / "keys.csv").write_text("PK,SK\nUSER#1,ORDER#001\nUSER#2,ORDER#002\n")
    (folder / "products.json").write_text('{"name": "{word}", "price": 5}')
    (folder / "products.csv").write_text("PK,SK,price,tags\na,b,5,x;y\n")
    (folder / "faults.toml").write_text(
        '[[rules]]\noperations = "Batch*"\nleave = 0.1\n[[rules]]\nslow = { delay_ms = 1 }\n'
    )
    (folder / "prices.py").write_text(
        'def in_cents(item):\n    return {**item, "price": item["price"] * 100}\n'
    )
    for table in ("shop", TABLE):
        good(folder, "create-table", table, "--key", "PK:S,SK:S", *INDEX)
    good(folder, "write", "items.jsonl", "--table", "shop", "--report", "none")
    (folder / "template.yaml").write_text(_STACK)
    (folder / "table.json").write_text(good(folder, "describe-table", "shop").out)
    (folder / "parts").mkdir()
    export = "AWSDynamoDB/01693685827463-2d8752fd"
    (folder / "AWSDynamoDB").mkdir()
    for out in ("items.jsonl.gz", "parts/1.parquet"):
        good(folder, "scan", "shop", "--out", out, "--report", "none")
    good(folder, "scan", "shop", "--out", export, "--format", "export", "--report", "none")
