"""A batch job against a server whose disk is slow: it sends fewer at a time and loses nothing."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pannier.engine.database import Database
from pannier.library.connecting import connect
from pannier.storage.rocks import RocksStore
from pannier.testing.loop_thread import LoopThread
from pannier.testing.serving import Server
from tests.engine.reference import call

ITEMS = 1000
SYNC_S = 0.02
BOUND_BYTES = 30_000  # three batches of 25
TABLE = {
    "TableName": "tab",
    "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class SlowStore(RocksStore):
    """A store whose disk takes its time."""

    def sync(self) -> None:
        time.sleep(SYNC_S)
        super().sync()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Database, str]]:
    with Database(SlowStore(tmp_path / "data"), sweep_interval_s=None) as database:
        call(database, "CreateTable", **TABLE)
        database.backpressure.unsynced_bytes_max = BOUND_BYTES
        thread = LoopThread()
        server = Server(database, thread)
        yield database, server.url
        server.close()
        thread.close()


def items(job: int) -> list[dict[str, str]]:
    return [{"p": f"{job}-{number}", "text": "x" * 400} for number in range(ITEMS)]


def test_jobs_end_with_nothing_lost(served: tuple[Database, str]):
    """Two jobs at once. What waits for the disk stays bounded; both jobs were told to wait."""
    database, url = served
    commits = database.commits
    assert commits is not None
    most = 0
    ended = threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.001):
            most = max(most, commits.unsynced_bytes)

    def write(job: int) -> tuple[int, int, int]:
        with connect(url) as db:
            report = db.write(items(job), "tab")
        return report.written, report.failed, report.throttles

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(write, range(2)))
    ended.set()
    watcher.join()
    assert [report[:2] for report in reports] == [(ITEMS, 0)] * 2
    assert sum(report[2] for report in reports) > 0
    assert most <= BOUND_BYTES + 12_000  # one batch more
    assert call(database, "DescribeTable", TableName="tab")["Table"]["ItemCount"] == 2 * ITEMS
