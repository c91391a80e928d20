"""`pannier serve` under mixed load, killed (SIGKILL) again and again; each time all is checked.

An episode is one database folder. Its server is killed at moments that a seed draws: under load,
also while it starts and recovers, also twice in a row; now and then it is ended by SIGTERM, so that
metrics are written. After each end a copy of the folder is checked completely (`mixed_check`), and
the next server goes on with what the dead one has left. A transaction that got no answer is sent
again with its token then, which must not do it twice.
"""

import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from pannier.engine.database import Database
from tests.conftest import serving
from tests.crash.mixed_check import Asked, Findings, check, check_expiry, check_metrics
from tests.crash.mixed_load import (
    CLIENTS,
    GROWING,
    NOTES,
    TABLES,
    Json,
    Request,
    State,
    after,
    request,
)
from tests.crash.table_work import BULK_ITEMS, item, step, waits_for_index, wants_backup
from tests.engine.reference import call

_WAIT_S = 60.0
_LOAD_S_MAX = 0.6
_START_S_MAX = 0.9  # about what a server takes to start
_UNITS_MAX = 300.0  # of one request of `mixed_load`, in one table
_HEADERS = {
    "X-Amz-Date": "20261123T080000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s",
}


@dataclass
class Totals:
    """What was done and found."""

    kills: int = 0
    kills_at_start: int = 0
    answered: int = 0
    table_steps: int = 0
    again: int = 0
    metric_units: float = 0.0
    findings: Findings = field(default_factory=Findings)


class Connection:
    """One connection to the server."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_WAIT_S)

    def send(self, operation: str, body: Json) -> tuple[int, Json]:
        """Send a request; its answer's status and body.

        Raises:
            OSError, HTTPException: the server is gone.
        """
        headers = {**_HEADERS, "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        self._connection.request("POST", "/", json.dumps(body).encode(), headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def close(self) -> None:
        """Close it."""
        self._connection.close()


class _Sender:
    """A thread that sends until the server is gone."""

    def __init__(self, url: str) -> None:
        self.wrong = ""
        self.answered = 0
        self.begun = threading.Event()
        self._url = url
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait until the connection has broken."""
        self._thread.join(_WAIT_S)
        assert not self._thread.is_alive()
        assert not self.wrong, self.wrong

    def _run(self) -> None:
        connection = Connection(self._url)
        try:
            while self._send(connection):
                self.answered += 1
                self.begun.set()
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return  # killed
        finally:
            self.begun.set()
            connection.close()

    def _send(self, connection: Connection) -> bool:
        raise NotImplementedError


class Client(_Sender):
    """A client of `mixed_load`.

    Attributes:
        state: its items, after all that was answered.
        pending: what was not answered.
        done: the last transaction that was answered, and did something.
        units: by table, what answers said, and the most that the others can have cost.
    """

    def __init__(self, url: str, seed: str, number: int, state: State, again: list[Request]):
        super().__init__(url)
        self.state = state
        self.pending: Request | None = None
        self.done: Request | None = None
        self._again = again
        self.units: dict[str, float] = {}
        self._seed, self._number = seed, number
        self._sent = 0

    def _send(self, connection: Connection) -> bool:
        if self._again:
            self.pending = self._again.pop(0)
        else:
            self.pending = request(self._seed, self._number, self._sent, self.state)
            self._sent += 1
        asked = self.pending
        body = {**asked.body, "ReturnConsumedCapacity": "TOTAL"}
        status, answer = connection.send(asked.operation, body)
        if status != asked.status or answer.get("UnprocessedItems"):
            self.wrong = f"{asked.operation} of {asked.body}: {status} {answer}"
            return False
        self._count(answer)
        self.state, self.pending = after(self.state, asked), None
        if asked.operation == "TransactWriteItems" and asked.changes:
            self.done = asked
        return True

    def _count(self, answer: Json) -> None:
        consumed = answer.get("ConsumedCapacity", [])
        for each in consumed if isinstance(consumed, list) else [consumed]:
            name = each["TableName"]
            self.units[name] = self.units.get(name, 0.0) + each["CapacityUnits"]
        if not consumed:  # refused: what it cost, the answer does not say
            for table in TABLES:
                name = table["TableName"]
                self.units[name] = self.units.get(name, 0.0) + 8.0


class TableClient(_Sender):
    """The client of `table_work`; `steps` are those that were answered."""

    def __init__(self, url: str, steps: int) -> None:
        super().__init__(url)
        self.steps = steps

    def _send(self, connection: Connection) -> bool:
        while waits_for_index(self.steps):
            _, answer = connection.send("DescribeTable", {"TableName": GROWING})
            states = [each["IndexStatus"] for each in answer["Table"]["GlobalSecondaryIndexes"]]
            if states == ["ACTIVE"]:
                break
        operation, body = step(self.steps)
        if wants_backup(self.steps):
            _, answer = connection.send("ListBackups", {})
            body = {**body, "BackupArn": answer["BackupSummaries"][0]["BackupArn"]}
        status, answer = connection.send(operation, body)
        if status != 200:
            self.wrong = f"{operation} of {body}: {status} {answer}"
            return False
        self.steps += 1
        return True


class Episode:
    """One database, and servers that hold it one after the other.

    Args:
        place: an empty folder.
        seed: draws everything.
        durability: as in `pannier serve --durability`; the end of a process loses nothing either
            way.
        totals: gets what is done and found.
    """

    def __init__(self, place: Path, seed: str, durability: str, totals: Totals) -> None:
        self._folder = place / "db"
        self._copy = place / "copy"
        self._seed = seed
        self._chance = random.Random(seed)
        self._durability = durability
        self._totals = totals
        self._states: list[State] = [{} for _ in range(CLIENTS)]
        self._again: list[list[Request]] = [[] for _ in range(CLIENTS)]
        self._steps = 0
        self._sent_units: dict[str, float] = {GROWING: float(BULK_ITEMS)}
        self._kill_at_start()  # perhaps as the folder is made
        with Database.open(self._folder) as database:
            _prepare(database)

    def run(self, kills: int) -> None:
        """Kill the server so many times."""
        wanted = self._totals.kills + kills
        number = 0
        while self._totals.kills < wanted and not self._totals.findings:
            for _ in range(self._chance.choice((0, 0, 0, 1, 2))):
                if self._totals.kills + 1 < wanted:
                    self._kill_at_start()
            gently = self._chance.random() < 0.2
            self._end_under_load(f"{self._seed}-{number}", gently=gently)
            number += 1

    def _kill_at_start(self) -> None:
        """A server that is killed as it starts, perhaps in the middle of recovering."""
        command = [sys.executable, "-m", "pannier", "serve", "--port", "0", "--no-console"]
        command += ["--path", str(self._folder)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
            threading.Event().wait(self._chance.uniform(0.1, _START_S_MAX))
            server.kill()
        self._totals.kills += 1
        self._totals.kills_at_start += 1

    def _end_under_load(self, seed: str, *, gently: bool) -> None:
        options = ("--path", str(self._folder), "--durability", self._durability, "--no-console")
        with serving(*options) as (url, process_id):
            clients = [
                Client(url, seed, number, self._states[number], self._again[number])
                for number in range(CLIENTS)
            ]
            tables = TableClient(url, self._steps)
            senders: list[_Sender] = [*clients, tables]
            for each in senders:
                each.start()
            for each in senders:
                assert each.begun.wait(_WAIT_S)
            threading.Event().wait(self._chance.uniform(0.0, _LOAD_S_MAX))
            os.kill(process_id, signal.SIGTERM if gently else signal.SIGKILL)
            for each in senders:
                each.join()
        self._totals.kills += not gently
        self._totals.answered += sum(each.answered for each in senders)
        self._totals.table_steps += tables.answered
        self._count_units(clients)
        self._check([Asked(each.state, each.pending) for each in clients], tables.steps)
        for number, each in enumerate(clients):
            self._send_again(number, each)

    def _send_again(self, number: int, client: Client) -> None:
        """Have transactions sent once more: one that was done must not be done again, and one that
        got no answer must be done now, if it was not."""
        again = self._again[number] = []
        pending = client.pending
        if pending is not None and pending.operation == "TransactWriteItems":
            again.append(pending)  # first: no server is killed before the first was answered
            self._states[number] = client.state
        if client.done is not None:
            again.append(replace(client.done, changes={}))
        self._totals.again += len(again)

    def _count_units(self, clients: list[Client]) -> None:
        for table in TABLES:
            name = table["TableName"]
            for each in clients:
                pending = 0.0 if each.pending is None else _UNITS_MAX
                sent = each.units.get(name, 0.0) + pending
                self._sent_units[name] = self._sent_units.get(name, 0.0) + sent

    def _check(self, asked: list[Asked], steps: int) -> None:
        """Check a copy, so that the next server finds what the dead one has left."""
        findings = self._totals.findings
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(self._folder, self._copy)
        with Database.open(self._copy) as database:
            self._states, self._steps = check(database, asked, steps, findings)
            self._totals.metric_units += check_metrics(database, self._sent_units, findings)
            check_expiry(database, findings)


def _prepare(database: Database) -> None:
    for table in TABLES:
        call(database, "CreateTable", **table)
    expiring = {"AttributeName": "expires", "Enabled": True}
    call(database, "UpdateTimeToLive", TableName=NOTES, TimeToLiveSpecification=expiring)
    for start in range(0, BULK_ITEMS, 25):
        puts = [{"PutRequest": {"Item": item(n)}} for n in range(start, start + 25)]
        call(database, "BatchWriteItem", RequestItems={GROWING: puts})
