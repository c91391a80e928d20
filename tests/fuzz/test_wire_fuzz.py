"""A bounded run of the wire fuzzer, and that it sees what it looks for."""

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fuzz.cases import Case, Cases
from tests.fuzz.driving import Driver, Failure
from tests.fuzz.running import Summary, _saved, replay, run


@pytest.mark.parametrize("where", ["disk", "memory"])
def test_no_request_however_malformed_gets_a_5xx_or_closes_the_server(tmp_path: Path, where: str):
    """AWS answers every malformed request with a 4xx; so does Pannier, and it goes on serving."""
    options = ("--memory",) if where == "memory" else ("--path", str(tmp_path / "database"))
    summary = run(options, 20261123, requests=2000, clients=1, failures=tmp_path / "failures")
    assert summary.failures == []
    assert summary.is_good
    assert summary.statuses[400] > 1000  # the fuzzer does make bad requests
    assert summary.statuses[200] > 100  # and some that are good


def test_every_kind_of_request_is_made():
    cases = iter(Cases(1, b"localhost:1"))
    kinds = {next(cases).kind for _ in range(2000)}
    assert kinds == {
        "dynamodb", "spoiled", "partiql", "expression", "streams", "admin", "http",
        "cloudwatch json", "cloudwatch cbor", "cloudwatch query",
    }  # fmt: skip


def test_a_seed_makes_the_same_requests():
    one, other, third = (iter(Cases(seed, b"localhost:1")) for seed in (5, 5, 6))
    first = [next(one) for _ in range(300)]
    assert first == [next(other) for _ in range(300)]
    assert first != [next(third) for _ in range(300)]


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, int]]:
    """A server that gives one answer to the first that is sent on a connection, and no other."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.recv(65536)
            if answer:
                connection.sendall(answer)
                connection.close()
            else:
                kept.append(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in kept:
            connection.close()


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 500 X\r\ncontent-length: 2\r\n\r\nno", "500: b'no'"),
        (b"", "no answer within"),
        (b"HTTP/1.1 200 X\r\ncontent-le", "within an answer"),
        (b"nonsense\r\n\r\n", "no HTTP"),
    ],
)
def test_the_fuzzer_sees_what_is_not_well(answer: bytes, reason: str, alone: bool):
    with answering(answer) as address:
        driver = Driver(address, hang_s=0.2)
        driver.run([Case("x", b"POST / HTTP/1.1\r\n\r\n", alone=alone)], 1)
        driver.close()
    assert len(driver.failures) == 1
    assert reason in driver.failures[0].reason
    assert driver.hangs == (1 if not answer else 0)


def test_growing_memory_is_a_failure_in_a_long_run():
    grown = Summary(requests=1_000_000, memory_warm_mb=100, memory_end_mb=151)
    assert not grown.is_good
    assert Summary(requests=1_000_000, memory_warm_mb=100, memory_end_mb=149).is_good
    assert Summary(requests=1000, memory_warm_mb=100, memory_end_mb=151).is_good


def test_a_failure_can_be_replayed(tmp_path: Path):
    """Its file says what was sent; a server that has become better takes it well."""
    cases = tuple(itertools.islice(Cases(3, b"localhost:1"), 20))
    said = _saved(Failure("500: it was worse then", cases), 0, tmp_path)
    path = tmp_path / "000.json"
    assert said == f"500: it was worse then ({path})"
    assert replay(path, ("--memory",)) == []
