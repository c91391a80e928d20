"""The chapter followed from start to end, typed into one terminal, and everything verified.

`chapter/` has its commands as a reader types them. The server and the table are the workshop's; the
browser is somebody else's business. Where the chapter expects what DynamoDB does not do, what
DynamoDB does is asserted, and said.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pannier.workshop.chapter import HEADSET, KEYBOARD, LAPTOP, LARGE, MOUSE, PRODUCTS, key_of
from pannier.workshop.files import REQUESTS
from tests.conftest import TABLE
from tests.workshop.shell import Said, Shell

CHAPTER = Path(__file__).parent / "chapter"
EXPORT = re.compile(r"export AWS_ENDPOINT_URL=.*")
_DAY = timedelta(days=1)
PROJECTED = {"PK", "SK", "name", "price", "stock"}


class Terminal:
    """Where the reader types."""

    def __init__(self, shell: Shell, folder: Path) -> None:
        self.shell = shell
        self.folder = folder

    def type(self, block: str) -> Said:
        """Type a block of the chapter."""
        return self.shell.run((CHAPTER / f"{block}.sh").read_text())

    def typed(self, block: str) -> Any:
        """Type a block that ends well; returns what is answered."""
        said = self.type(block)
        assert said.status == 0, said.text
        return json.loads(said.text) if said.text.strip() else None

    def run(self, command: str) -> Any:
        """Run a command of one's own that ends well; returns its JSON."""
        said = self.shell.run(command)
        assert said.status == 0, said.text
        return json.loads(said.text)

    def file(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def items(self) -> dict[str, Any]:
        """What "Explore table items" shows, by partition key; only the chapter's products."""
        found = self.run(
            f"aws dynamodb scan --table-name {TABLE} --filter-expression 'begins_with(PK, :p)' "
            """--expression-attribute-values '{":p": {"S": "PRODUCT#batch-"}}'"""
        )
        return {item["PK"]["S"]: item for item in found["Items"]}

    def metric(self, name: str, statistic: str = "Sum", **dimensions: str) -> float:
        """The total of a metric since yesterday."""
        today = datetime.now(UTC)
        named = " ".join(f"Name={each},Value={value}" for each, value in dimensions.items())
        total: float = self.run(
            "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB "
            f"--metric-name {name} {f'--dimensions {named}' if named else ''} "
            f"--start-time {today - _DAY:%FT00:00Z} --end-time {today + _DAY:%FT00:00Z} "
            f"--period 86400 --statistics {statistic} --query 'sum(Datapoints[].{statistic})'"
        )
        return total

    def calls(self, operation: str) -> float:
        """How many requests of an operation were answered."""
        return self.metric(
            "SuccessfulRequestLatency", "SampleCount", TableName=TABLE, Operation=operation
        )


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with Shell(tmp_path) as shell:
        started = shell.run("pannier workshop start --port 0")
        assert started.status == 0, started.text
        try:
            export = EXPORT.search(started.text)
            assert export is not None
            assert shell.run(f"cd workshop && {export[0]}").status == 0
            yield Terminal(shell, tmp_path / "workshop")
        finally:
            cleaned = shell.run(f"cd '{tmp_path}' && pannier workshop clean")
        assert cleaned.status == 0, f"nothing in the folder is a stranger's: {cleaned.text}"
        assert not (tmp_path / "workshop").exists()


def by_name(answer: Any) -> dict[str, Any]:
    return {item["PK"]["S"]: item for item in answer["Responses"][TABLE]}


def named(*items: Any) -> dict[str, Any]:
    return {item["PK"]["S"]: item for item in items}


def test_the_chapter_from_start_to_end(terminal: Terminal) -> None:
    write_three(terminal)
    read_three(terminal)
    put_and_delete(terminal)
    refuse_thirty(terminal)
    project(terminal)
    monitor(terminal)
    check(terminal)


def write_three(terminal: Terminal) -> None:
    """Exercise 1."""
    terminal.typed("1-1-batch-products")
    assert terminal.file("batch-products.json") == REQUESTS["batch-products.json"]
    answer = terminal.typed("1-2-write")
    assert answer == {"UnprocessedItems": {}}, "no error, and all were processed"
    assert terminal.calls("BatchWriteItem") == 1, "all three with a single call"
    assert terminal.items() == named(*PRODUCTS), "the three, with all their attributes"
    titles = {name: item["name"]["S"] for name, item in terminal.items().items()}
    assert titles == {
        "PRODUCT#batch-laptop-001": "Gaming Laptop Pro",
        "PRODUCT#batch-mouse-002": "Wireless Gaming Mouse",
        "PRODUCT#batch-keyboard-003": "Mechanical Keyboard RGB",
    }


def read_three(terminal: Terminal) -> None:
    """Exercise 2. That a batch is quicker is measured by `pannier compare`, not asserted."""
    terminal.typed("2-1-batch-get")
    assert terminal.file("batch-get.json") == REQUESTS["batch-get.json"]
    answer = terminal.typed("2-2-read")
    assert by_name(answer) == named(*PRODUCTS), "all three in one answer, complete"
    assert answer["UnprocessedKeys"] == {}
    assert terminal.calls("BatchGetItem") == 1
    assert terminal.typed("2-3-single") == {"Item": LAPTOP}
    assert terminal.calls("GetItem") == 1, "a single read is one call for one item"


def put_and_delete(terminal: Terminal) -> None:
    """Exercise 3, step 1."""
    terminal.typed("3-1-mixed-batch")
    assert terminal.file("mixed-batch.json") == REQUESTS["mixed-batch.json"]
    assert terminal.typed("3-1-write") == {"UnprocessedItems": {}}
    assert terminal.items() == named(LAPTOP, KEYBOARD, HEADSET), "one more, and the mouse has gone"
    assert terminal.calls("BatchWriteItem") == 2


def refuse_thirty(terminal: Terminal) -> None:
    """Exercise 3, step 2. The chapter expects `aws` to split the batch: it does not."""
    terminal.typed("3-2-large-batch")
    assert terminal.file("large-batch.json") == REQUESTS["large-batch.json"]
    refused = terminal.type("3-2-write")
    assert refused.status in (254, 255)  # version 2 of aws, version 1
    assert "(ValidationException) when calling the BatchWriteItem" in refused.text
    assert "Member must have length less than or equal to 25" in refused.text
    assert len(terminal.items()) == 3, "nothing of it was written"
    said = terminal.shell.run("pannier write large-batch.json")
    assert said.status == 0
    assert "30 read: 30 written" in said.text
    assert "calls          2 (" in said.text
    assert terminal.items() == named(LAPTOP, KEYBOARD, HEADSET, *LARGE)


def project(terminal: Terminal) -> None:
    """Exercise 3, step 3. The chapter expects fewer read units: they are the same."""
    terminal.typed("3-3-projection")
    wanted = REQUESTS["batch-get-projection.json"]
    assert terminal.file("batch-get-projection.json") == wanted
    answer = terminal.typed("3-3-read")
    assert by_name(answer) == {
        name: {each: item[each] for each in PROJECTED}
        for name, item in named(LAPTOP, KEYBOARD, HEADSET).items()
    }
    full = json.dumps({TABLE: {"Keys": wanted[TABLE]["Keys"]}})
    command = "aws dynamodb batch-get-item --return-consumed-capacity TOTAL --request-items "
    whole = terminal.run(f"{command} '{full}'")
    projected = terminal.run(f"{command} file://batch-get-projection.json")
    assert len(json.dumps(projected)) < len(json.dumps(whole)), "fewer bytes"
    assert projected["ConsumedCapacity"] == whole["ConsumedCapacity"], "the same units"
    assert whole["ConsumedCapacity"][0]["CapacityUnits"] == 1.5


def monitor(terminal: Terminal) -> None:
    """Exercise 4, step 2: each metric that the chapter names; and the sums of step 3."""
    assert terminal.metric("UserErrors") == 1, "the thirty items"
    for name in ("SystemErrors", "ThrottledRequests"):
        assert terminal.metric(name, TableName=TABLE, Operation="BatchWriteItem") == 0
    # Three writes of batches, all but those of earlier chapters, which are fifteen items.
    written = 3 + 2 + 30
    assert terminal.metric("ConsumedWriteCapacityUnits", TableName=TABLE) == 15 + written
    assert terminal.metric("ConsumedReadCapacityUnits", TableName=TABLE) > 3 * 1.5
    assert terminal.metric("WriteThrottleEvents", TableName=TABLE) == 0

    items = [{"PK": f"COST#{number}", "SK": "DETAILS"} for number in range(100)]
    (terminal.folder / "hundred.jsonl").write_text(
        "".join(f"{json.dumps(each)}\n" for each in items)
    )
    for command, calls, units in (("write", 4, {"write": 100}), ("get", 1, {"read": 50})):
        (terminal.folder / "report.json").unlink(missing_ok=True)
        said = terminal.shell.run(
            f"pannier {command} hundred.jsonl --table {TABLE} --report report.json > /dev/null"
        )
        assert said.status == 0, said.text
        report = terminal.file("report.json")
        assert report["calls"] == calls, "writes are 25 a call, reads 100"
        kind, expected = next(iter(units.items()))
        assert report["units"][kind] == {TABLE: expected}, "as many as single calls would take"
    for name in ("hundred.jsonl", "report.json"):
        (terminal.folder / name).unlink()


def check(terminal: Terminal) -> None:
    """The workshop sees all that; it wants more only where it goes further than the chapter."""
    said = terminal.shell.run("pannier workshop check --output json 2> /dev/null")
    steps = {each["step"]: each["state"] for each in json.loads(said.text)["steps"]}
    assert {number for number, state in steps.items() if state == "done"} == {
        "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3",
    }  # fmt: skip
    assert "wrong" not in steps.values()
    assert key_of(MOUSE)["PK"]["S"] not in terminal.items()
