"""What switches of `pannier serve` cost: the server's processor time for each request, in turns.

    python -m benchmarks.switches [--rounds 7]

Servers on disk, one as it comes, one that demands credentials, one that logs every request, one
that speaks TLS, take the same requests from the same client, round by round. What is measured is
the processor time of the server's process, all its threads included: other work on the machine
matters less for it than for the time that passes. Medians of the rounds, and ratios to the plain
one.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import orjson

import pannier
from benchmarks.items import product_json, product_key
from benchmarks.servers.control import table_definition
from benchmarks.soak.serving import Served
from pannier.library.connection import Connection
from pannier.service.access.credentials import Credential
from pannier.service.access.credentials_change import add_credential, new_credential

_TABLE: Final = "switched"
_BATCHES: Final = 2000  # the kernel counts in hundredths of a second
_BATCH_ITEMS: Final = 25
_GETS: Final = 10_000
_MODES: Final = ("plain", "--credentials", "--log-requests", "--tls-self-signed")


def _options(mode: str, place: Path, credentials: Path) -> list[str]:
    if mode == "--credentials":
        return [mode, str(credentials)]
    if mode == "--log-requests":
        return [mode, "--log", str(place / "requests.log")]
    return [] if mode == "plain" else [mode]


@contextmanager
def _connected(
    mode: str, place: Path, credential: Credential
) -> Iterator[tuple[Served, Connection]]:
    credentials = place / "credentials.toml"
    folder = place / mode.strip("-")
    served = Served(folder, place / "words.log", _options(mode, place, credentials))
    os.environ["AWS_ACCESS_KEY_ID"] = credential.access_key_id
    os.environ["AWS_SECRET_ACCESS_KEY"] = credential.secret_access_key
    # A folder that is held is reached by its server, whose certificate lies in the folder.
    with pannier.connect(f"local:{folder}") as connection:
        yield served, connection
    served.stop()


def _prepare(connection: Connection) -> None:
    connection.call("CreateTable", table_definition(_TABLE, indexed=False))


def _cost_us(
    served: Served, connection: Connection, operation: str, requests: list[bytes]
) -> float:
    before = served.state().cpu_s
    for request in requests:
        connection.call(operation, orjson.loads(request))
    return (served.state().cpu_s - before) / len(requests) * 1e6


def _requests() -> dict[str, list[bytes]]:
    writes = [
        b'{"RequestItems":{"%s":[%s]}}'
        % (
            _TABLE.encode(),
            b",".join(
                b'{"PutRequest":{"Item":%s}}' % product_json(number * _BATCH_ITEMS + each).encode()
                for each in range(_BATCH_ITEMS)
            ),
        )
        for number in range(_BATCHES)
    ]
    gets = [orjson.dumps({"TableName": _TABLE, "Key": _key(number)}) for number in range(_GETS)]
    return {"BatchWriteItem": writes, "GetItem": gets}


def _key(number: int) -> dict[str, dict[str, str]]:
    return {"PK": {"S": product_key(number)}, "SK": {"S": "DETAILS"}}


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    requests = _requests()
    costs: dict[tuple[str, str], list[float]] = {
        (mode, operation): [] for mode in _MODES for operation in requests
    }
    place = Path(tempfile.mkdtemp(prefix="pannier-switches-"))
    credential = new_credential("benchmark")
    add_credential(place / "credentials.toml", credential)
    try:
        for number in range(rounds):
            # Another one begins each time, so that none has the better place.
            turned = _MODES[number % len(_MODES) :] + _MODES[: number % len(_MODES)]
            for mode in turned:
                with _connected(mode, place, credential) as (served, connection):
                    if number == 0:
                        _prepare(connection)
                    for operation, each in requests.items():
                        costs[mode, operation].append(_cost_us(served, connection, operation, each))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    for operation in requests:
        plain = statistics.median(costs["plain", operation])
        for mode in _MODES:
            cost = statistics.median(costs[mode, operation])
            print(f"{operation:15} {mode:18} {cost:7.1f} us  {cost / plain:5.2f} x")


if __name__ == "__main__":
    main()
