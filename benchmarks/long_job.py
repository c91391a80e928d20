"""A long job: any number of generated items into a folder, with a journal. Does memory stay flat?

    python -m benchmarks.long_job --items 10000000

Everything in one process: the generator, the batch engine, the journal, the embedded engine on disk
and synced. At every tenth of the way: items a second since the last line and over all, resident
memory above what it was before the first item, the size of the journal, and that of the folder.
Items are those of the other benchmarks: nine attributes, about 250 bytes as DynamoDB counts.
"""

import argparse
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import orjson

from benchmarks.items import product_json
from benchmarks.servers.control import table_definition
from pannier.batch.journals.job_journal import JobJournal
from pannier.batch.operation import Kind, Operation
from pannier.library.connecting import connect

_TABLE: Final = "many"
_LINES: Final = 10
_MB: Final = 1_000_000
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Write, and print a line now and then."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=1_000_000, help="how many (%(default)s)")
    parser.add_argument("--folder", help="where to (default: a temporary one, removed afterwards)")
    options = parser.parse_args()
    folder = Path(options.folder or mkdtemp(prefix="pannier-long-", dir="."))
    try:
        _write(options.items, folder)
    finally:
        if not options.folder:
            shutil.rmtree(folder)


def _write(count: int, folder: Path) -> None:
    journal_path = folder / "job.journal"
    print(
        "| items | items/s | items/s over all | memory above start, MB | journal, MB | folder, MB |"
    )
    print("|---|---|---|---|---|---|")
    with connect(f"local:{folder / 'data'}") as db:
        db.call("CreateTable", table_definition(_TABLE, indexed=False))
        before_bytes = _resident_bytes()
        most_bytes = 0
        begin_s = last_s = time.perf_counter()

        def items() -> Iterator[Operation]:
            nonlocal last_s, most_bytes
            every = max(1, count // _LINES)
            for number in range(1, count + 1):
                item = orjson.loads(product_json(number))
                yield Operation(_TABLE, Kind.PUT, item, is_own=True)
                if number % 10_000 == 0:
                    most_bytes = max(most_bytes, _resident_bytes())
                if number % every == 0:
                    now_s = time.perf_counter()
                    print(
                        f"| {number:,} | {every / (now_s - last_s):,.0f} "
                        f"| {number / (now_s - begin_s):,.0f} "
                        f"| {(_resident_bytes() - before_bytes) / _MB:,.0f} "
                        f"| {_size_bytes(journal_path) / _MB:.2f} "
                        f"| {_size_bytes(folder) / _MB:,.0f} |",
                        flush=True,
                    )
                    last_s = now_s

        report = db.write(items(), journal=JobJournal.begin(journal_path))
        print(
            f"\n{report.written:,} of {report.read:,} written in {report.calls:,} calls, "
            f"{report.elapsed_s:,.0f} s; at most {(most_bytes - before_bytes) / _MB:,.0f} MB above "
            f"the start ({before_bytes / _MB:,.0f} MB)"
        )


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES


def _size_bytes(path: Path) -> int:
    if path.is_dir():
        return sum(_size_bytes(each) for each in path.iterdir())
    try:
        return path.stat().st_size
    except FileNotFoundError:  # compaction has just removed it
        return 0


if __name__ == "__main__":
    main()
