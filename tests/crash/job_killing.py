"""Runs `pannier` in child processes that are killed (SIGKILL) at a moment of the test's choice.

Starting Python takes a third of a second. So one process imports everything, waits for orders on
standard input, and forks a child for each run. An order is a line of JSON: the arguments, the
folder, and when the child kills itself:

    {"after_s": 0.2}                        at that time
    {"call": 7, "when": "before"}           before its 7th call leaves, or `after` its answer
    {"record": 3, "part": 0.5}              in the middle of writing the third record of its journal

The answer is a line with the child's exit status, negative for a signal.
"""

import json
import os
import signal
import sys
import threading
from typing import Any

# All that the children will need, and load only when they need it.
import hdrh.histogram  # noqa: F401
import rich.table  # noqa: F401

import pannier.cli.query
import pannier.cli.scan
import pannier.cli.write  # noqa: F401
from pannier.batch.journals import job_journal, journal_file, write_behind
from pannier.batch.pace import backoff
from pannier.cli.main import main
from pannier.targets import resolve
from pannier.targets.http_client import HttpTarget

# What the fake server's delays need, and a little more; the real ones would take half a minute.
LATE_EFFECT_S = 0.03
BEAT_S = 0.05
DELAY_S_MAX = 0.05


def die() -> None:
    """Be gone, at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(kill: dict[str, Any]) -> None:
    """See to it that this process dies as ordered."""
    if "after_s" in kill:
        timer = threading.Timer(kill["after_s"], die)
        timer.daemon = True
        timer.start()
    elif "call" in kill:
        _die_in_call(kill["call"], kill["when"])
    elif "record" in kill:
        _die_in_record(kill["record"], kill["part"])


def _die_in_call(number: int, when: str) -> None:
    send = HttpTarget.send
    sent = 0

    async def deadly(self: HttpTarget, operation: str, body: bytes) -> Any:
        nonlocal sent
        sent += operation.startswith(("Batch", "Scan", "Query"))
        mine = sent
        if mine == number and when == "before":
            die()
        reply = await send(self, operation, body)
        if mine == number:
            die()
        return reply

    HttpTarget.send = deadly  # type: ignore[method-assign]


def _die_in_record(number: int, part: float) -> None:
    write = journal_file._write
    written = 0

    def deadly(descriptor: int, text: bytes, start_bytes: int) -> None:
        nonlocal written
        written += 1
        if written > number:  # the first is the head
            write(descriptor, text[: int(len(text) * part)], start_bytes)
            die()
        write(descriptor, text, start_bytes)

    journal_file._write = deadly


def run(order: dict[str, Any]) -> int:
    """Fork, run, and wait; returns the exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        os.chdir(order["folder"])
        log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        arm(order["kill"])
        status = main(order["arguments"])
        sys.stderr.flush()
    except BaseException as error:
        sys.stderr.write(f"{error!r}\n")
        status = 99
    os._exit(status)


if __name__ == "__main__":
    resolve._LATE_EFFECT_ON_LOOPBACK_S = LATE_EFFECT_S  # type: ignore[misc]
    write_behind.BEAT_S = job_journal.BEAT_S = BEAT_S  # type: ignore[misc]
    backoff._DELAY_S_MAX = DELAY_S_MAX  # type: ignore[misc]
    for line in sys.stdin:
        sys.stdout.write(f"{run(json.loads(line))}\n")
        sys.stdout.flush()
