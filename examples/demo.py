"""The main job, end to end: what the workshop chapter shows, on the embedded engine.

    python examples/demo.py [TARGET]

Without a target it makes a fresh database in `.pannier-demo`, which stays there afterwards.
Everything printed was measured just now.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from rich.console import Console

from pannier import CallError, Connection, Report, connect
from pannier.batch.reads.read_job import Found
from pannier.cli.report_table import render
from pannier.files.read_requests import ReadSource, read_keys
from pannier.files.reading import read_writes
from pannier.targets.in_process import InProcessTarget

TABLE = "demo-ecommerce-freetier"
FILES = Path(__file__).parent / "workshop"
FOLDER = Path(".pannier-demo")
CONSOLE = Console(highlight=False, width=100)


def main() -> int:
    """Run the demo; returns the exit status."""
    if len(sys.argv) > 1:
        target = sys.argv[1]
    else:
        shutil.rmtree(FOLDER, ignore_errors=True)
        target = f"local:{FOLDER}"
    with connect(target) as db:
        say(f"Pannier demo on {db.target.name}")
        create_table(db)
        products, mixed, large = "batch-products.json", "mixed-batch.json", "large-batch.json"
        write(db, "1. A batch write: three products, one call", products)
        compare_reads(db)
        write(db, "3. A mixed batch: one put, one delete", mixed)
        write(db, "4. Thirty items in one file: AWS refuses more than 25 a call", large)
        compare_projection(db)
        db.call("DeleteTable", {"TableName": TABLE})
        create_table(db)
        report = write(
            db, "6. On a fresh table, all three files in one job", products, mixed, large
        )
        CONSOLE.print(render(report))
        if isinstance(db.target, InProcessTarget):
            say(f"The data is on disk: pannier tables --target {target}")
    return 0


def say(text: str) -> None:
    """Print a line."""
    CONSOLE.print(text)


def create_table(db: Connection) -> None:
    """The workshop's table, with its index."""
    names = ("PK", "SK", "GSI1PK", "GSI1SK")
    try:
        db.call(
            "CreateTable",
            {
                "TableName": TABLE,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": name, "AttributeType": "S"} for name in names
                ],
                "KeySchema": key_schema("PK", "SK"),
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "GSI1",
                        "KeySchema": key_schema("GSI1PK", "GSI1SK"),
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
            },
        )
    except CallError as error:
        if error.code != "ResourceInUseException":
            raise


def key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    """A key of two attributes."""
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def write(db: Connection, title: str, *files: str) -> Report:
    """Write some of the workshop's files."""
    arguments = " ".join(f"examples/workshop/{file}" for file in files)
    say(f"\n[bold]{title}[/bold]\n$ pannier write {arguments}")
    report = db.write(chain.from_iterable(read_writes(str(FILES / file)) for file in files))
    units = ", ".join(
        f"{spent:g} on the {'index ' if '/' in place else 'table'}{place.partition('/')[2]}"
        for place, spent in report.units.write.items()
    )
    say(
        f"  {report.written} written, {report.deleted} deleted in {report.calls} "
        f"{'call' if report.calls == 1 else 'calls'}, {report.leftovers} left over; "
        f"write units: {units}"
    )
    if not report.ok:
        raise SystemExit(f"not everything was written: {dict(report.reasons)}")
    return report


def read(db: Connection, source: ReadSource) -> tuple[list[Found], Report]:
    """Read the keys of a request file."""
    reports: list[Report] = []
    found = list(db.find(source.keys, source.tables, report=reports.append))
    return found, reports[0]


def compare_reads(db: Connection) -> None:
    """Three keys in one call, beside the same keys one call each."""
    say("\n[bold]2. A batch read: one call, beside single calls[/bold]")
    say("$ pannier get examples/workshop/batch-get.json")
    found, report = read(db, read_keys(str(FILES / "batch-get.json")))
    batch_s = report.latency_s(50)
    started_s = time.perf_counter()
    single_units = sum(single_reads(db, found))
    singles_s = time.perf_counter() - started_s
    units = sum(report.units.read.values())
    say(f"  batch:  {report.found} items, {report.calls} call, {units:g} read units, "
        f"{batch_s * 1000:.2f} ms")  # fmt: skip
    say(f"  single: {len(found)} items, {len(found)} calls, {single_units:g} read units, "
        f"{singles_s * 1000:.2f} ms")  # fmt: skip


def single_reads(db: Connection, found: list[Found]) -> Iterator[float]:
    """Read each key by itself; yields the units of each call."""
    for each in found:
        request = {"TableName": TABLE, "Key": each.key, "ReturnConsumedCapacity": "TOTAL"}
        yield db.call("GetItem", request)["ConsumedCapacity"]["CapacityUnits"]


def compare_projection(db: Connection) -> None:
    """A projected read, beside the same items in full: fewer bytes, the same units."""
    say("\n[bold]5. A projected read: fewer bytes, the same units[/bold]")
    say("$ pannier get examples/workshop/batch-get-projection.json")
    file = str(FILES / "batch-get-projection.json")
    _, projected = read(db, read_keys(file))
    _, full = read(db, ReadSource(read_keys(file).keys))
    for name, report in (("full", full), ("projected", projected)):
        units = sum(report.units.read.values())
        say(f"  {name + ':':10} {report.found} items, {report.received_bytes} bytes answered, "
            f"{units:g} read units")  # fmt: skip
    saved = 1 - projected.received_bytes / full.received_bytes
    say(f"  {saved:.0%} of the bytes saved; the whole item is metered all the same")


if __name__ == "__main__":
    sys.exit(main())
