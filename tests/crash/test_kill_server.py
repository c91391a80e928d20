"""`pannier serve` is killed (SIGKILL) in the middle of many batches; nothing answered is lost.

The promise: a write that was answered is there after `kill -9`, a batch is there whole or not at
all, and an index never disagrees with its table. Five times, at a moment that is drawn by a seed,
always on the same folder, which the next server takes over from the dead one.
"""

import http.client
import os
import random
import shutil
import signal
import threading
from pathlib import Path
from urllib.parse import urlsplit

from pannier.engine.database import Database
from tests.conftest import serving
from tests.crash.batches import CLIENTS, TABLE, State, check_after_crash, request_body
from tests.engine.reference import call

ROUNDS = 5
SEED = "server"
HEADERS = {
    "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
    "X-Amz-Date": "20261123T080000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s",
}


class Client:
    """One connection that writes one batch after the other, until the server is gone."""

    def __init__(self, url: str, seed: str, number: int) -> None:
        self.answered = 0
        self.wrong: object = None
        self.begun = threading.Event()
        self._arguments = (urlsplit(url).netloc, seed, number)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def join(self) -> int:
        """Wait until the connection has broken; how many batches were answered."""
        self._thread.join(30)
        assert not self._thread.is_alive()
        assert self.wrong is None, self.wrong
        return self.answered

    def _run(self) -> None:
        netloc, seed, number = self._arguments
        connection = http.client.HTTPConnection(netloc, timeout=30)
        try:
            while True:
                body = request_body(seed, number, self.answered)
                connection.request("POST", "/", body, HEADERS)
                response = connection.getresponse()
                answer = response.read()
                if (response.status, answer) != (200, b'{"UnprocessedItems":{}}'):
                    self.wrong = answer
                    return
                self.answered += 1
                self.begun.set()
        except (OSError, http.client.HTTPException):
            return  # killed
        finally:
            connection.close()


def test_nothing_answered_is_lost(tmp_path: Path):
    """Five kills; after each, table, indexes and counts are checked completely."""
    folder = tmp_path / "db"
    chance = random.Random(SEED)
    with Database.open(folder) as database:
        call(database, "CreateTable", **TABLE)
    states: list[State] = [{} for _ in range(CLIENTS)]
    total = 0
    for number in range(ROUNDS):
        seed = f"{SEED}-{number}"
        with serving("--path", str(folder)) as (url, process_id):
            clients = [Client(url, seed, client) for client in range(CLIENTS)]
            for client in clients:
                assert client.begun.wait(30)
            threading.Event().wait(chance.uniform(0.0, 0.4))
            os.kill(process_id, signal.SIGKILL)
            answered = [client.join() for client in clients]
        # A copy is checked, so that the next server finds what the dead one has left.
        copy = shutil.copytree(folder, tmp_path / f"copy-{number}")
        states = check_after_crash(copy, seed, states, answered)
        total += sum(answered)
    assert total > ROUNDS * CLIENTS * 2  # else nothing was tried
    with Database.open(folder) as database:  # the last one's folder, taken over, too
        assert call(database, "DescribeTable", TableName="crash")["Table"]["ItemCount"] == sum(
            map(len, states)
        )
