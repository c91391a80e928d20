"""A program that uses the engine in-process (`pannier.connect`) is killed in the middle of writing.

The same promise as for the server, without one: the engine lives in the program, and dies with it
between any two instructions.
"""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pannier.engine.database import Database
from tests.crash.batches import CLIENTS, TABLE, State, check_after_crash
from tests.engine.reference import call

ROUNDS = 3
ROOT = Path(__file__).parents[2]

# Four threads share a connection; each says on a line of its own when a batch was answered.
PROGRAM = """
import json, os, sys, threading
import pannier
from tests.crash.batches import CLIENTS, request_body

folder, seed = sys.argv[1:]
connection = pannier.connect(f"local:{folder}")

def write(client):
    number = 0
    while True:
        connection.call("BatchWriteItem", json.loads(request_body(seed, client, number)))
        os.write(1, b"%d\\n" % client)
        number += 1

for client in range(CLIENTS):
    threading.Thread(target=write, args=(client,)).start()
"""


@pytest.mark.parametrize("number", range(ROUNDS))
def test_nothing_answered_is_lost(tmp_path: Path, number: int):
    """What the program was told is written is there, whole batches only, and the indexes agree."""
    folder, seed = tmp_path / "db", f"in-process-{number}"
    with Database.open(folder) as database:
        call(database, "CreateTable", **TABLE)
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), seed],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        bufsize=0,  # or what was read ahead with the first line would be missed at the end
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert program.stdout is not None
    lines = [program.stdout.readline()]
    delay_s = random.Random(seed).uniform(0.0, 0.4)
    killer = threading.Timer(delay_s, os.kill, (program.pid, signal.SIGKILL))
    killer.start()
    rest, _ = program.communicate(timeout=30)
    killer.join()
    assert program.returncode == -signal.SIGKILL
    lines += rest.splitlines()
    answered = [sum(int(line) == client for line in lines) for client in range(CLIENTS)]
    states: list[State] = [{} for _ in range(CLIENTS)]
    check_after_crash(folder, seed, states, answered)
    assert sum(answered) > CLIENTS
