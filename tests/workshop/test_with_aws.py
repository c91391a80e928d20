"""What a reader asks `aws` around the chapter's exercises, against `pannier serve`.

The exercises themselves are in `test_as_typed`. The files are those under `examples/workshop`.
Nothing is said to `aws` but the endpoint, a region and any credentials, as a reader would set them.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EXAMPLES, TABLE, serving

WORKSHOP = EXAMPLES / "workshop"
GSI1 = (
    "IndexName=GSI1,KeySchema=[{AttributeName=GSI1PK,KeyType=HASH},"
    "{AttributeName=GSI1SK,KeyType=RANGE}],Projection={ProjectionType=ALL}"
)
CREATE = (
    "create-table", "--table-name", TABLE, "--billing-mode", "PAY_PER_REQUEST",
    "--attribute-definitions",
    *(f"AttributeName={name},AttributeType=S" for name in ("PK", "SK", "GSI1PK", "GSI1SK")),
    "--key-schema", "AttributeName=PK,KeyType=HASH", "AttributeName=SK,KeyType=RANGE",
    "--global-secondary-indexes", GSI1,
)  # fmt: skip


class Aws:
    """The `aws` command, pointed at a server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "awscli", "dynamodb", *arguments],
            cwd=WORKSHOP,
            env={**os.environ, "AWS_ENDPOINT_URL": self.url, "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def __call__(self, *arguments: str) -> dict[str, Any]:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout or "{}")
        return answer


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """The chapter's table, on disk, behind a server."""
    environment = pytest.MonkeyPatch()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        environment.setenv(name, "local")
    environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
    folder: Path = tmp_path_factory.mktemp("workshop") / "database"
    with serving("--path", str(folder)) as (url, _):
        command = Aws(url)
        command(*CREATE)
        command("wait", "table-exists", "--table-name", TABLE)
        yield command
    environment.undo()


def test_a_projection_saves_bytes_but_no_units(aws: Aws) -> None:
    """The chapter says a projection lowers the units. It does not: the whole item is metered."""
    aws("batch-write-item", "--request-items", "file://batch-products.json")
    request = json.loads((WORKSHOP / "batch-get-projection.json").read_text())
    full_request = {TABLE: {"Keys": request[TABLE]["Keys"]}}
    capacity = ("--return-consumed-capacity", "TOTAL")
    projected = aws("batch-get-item", "--request-items", json.dumps(request), *capacity)
    full = aws("batch-get-item", "--request-items", json.dumps(full_request), *capacity)
    assert len(json.dumps(projected)) < len(json.dumps(full))
    assert projected["ConsumedCapacity"] == full["ConsumedCapacity"]


def test_table_commands(aws: Aws) -> None:
    """What a reader types around the chapter: list, describe, query the index."""
    assert TABLE in aws("list-tables")["TableNames"]
    described = aws("describe-table", "--table-name", TABLE)["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"
    aws("batch-write-item", "--request-items", "file://batch-products.json")
    by_category = aws(
        "query", "--table-name", TABLE, "--index-name", "GSI1",
        "--key-condition-expression", "GSI1PK = :c",
        "--expression-attribute-values", '{":c": {"S": "CATEGORY#electronics"}}',
    )  # fmt: skip
    keys = [item["GSI1SK"]["S"] for item in by_category["Items"]]
    assert keys == sorted(keys)
    assert "PRODUCT#batch-laptop-001" in keys
