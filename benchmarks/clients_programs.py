"""What each client does with the items; run in a process of its own, with that client's Python.

    python -m benchmarks.clients_programs NAME --url URL --items N

Prints one line of JSON. Only what the named client needs is imported. The clock runs from the first
item handed over to the last one answered; before it, the client is made and has written a hundred
items, so that connections, threads and caches are there.

Clients are used as their documentation shows, without retries where they have to be told so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from benchmarks.clients_server import TABLE
from benchmarks.items import product_json, shuffled

Item: TypeAlias = dict[str, Any]
Write: TypeAlias = Callable[[Sequence[Item]], object]
AsyncWrite: TypeAlias = Callable[[Sequence[Item]], Coroutine[Any, Any, object]]
Opened: TypeAlias = AbstractContextManager[Write]
NewLoop: TypeAlias = Callable[[], asyncio.AbstractEventLoop]

_WARM_UP_ITEMS: Final = 100
_BATCH: Final = 25
_IN_FLIGHT: Final = 8
_REGION: Final = "us-east-1"
_KEY: Final = "benchmark"
_ANSWER_BYTES_MAX: Final = 65536


@dataclass(frozen=True)
class Program:
    """One client.

    Attributes:
        open: from a URL to a context with a function that writes items.
        libraries: whose versions are worth knowing.
        prebuilt: whether it is given items in the API's form; else they are plain Python.
    """

    open: Callable[[str], Opened]
    libraries: tuple[str, ...]
    prebuilt: bool = False


# boto3


@contextmanager
def _batch_writer(url: str) -> Iterator[Write]:
    import boto3

    table = boto3.resource("dynamodb", **_boto3_options(url)).Table(TABLE)

    def write(items: Sequence[Item]) -> None:
        with table.batch_writer() as batch:
            for item in items:
                batch.put_item(Item=item)

    yield write


@contextmanager
def _boto3_threads(url: str) -> Iterator[Write]:
    import boto3
    from botocore.config import Config

    pool = Config(max_pool_connections=_IN_FLIGHT)
    client = boto3.client("dynamodb", config=pool, **_boto3_options(url))

    def call(items: Sequence[Item]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in items]
        answer = client.batch_write_item(RequestItems={TABLE: requests})
        assert not answer["UnprocessedItems"]

    with ThreadPoolExecutor(_IN_FLIGHT) as threads:
        yield lambda items: list(threads.map(call, _batches(items)))


def _boto3_options(url: str) -> dict[str, str]:
    return {
        "endpoint_url": url,
        "region_name": _REGION,
        "aws_access_key_id": _KEY,
        "aws_secret_access_key": _KEY,
    }


# aiodynamo


@asynccontextmanager
async def _httpx() -> AsyncIterator[Any]:
    from aiodynamo.http.httpx import HTTPX  # type: ignore[import-not-found, unused-ignore]
    from httpx import AsyncClient  # type: ignore[import-not-found, unused-ignore]

    async with AsyncClient() as client:
        yield HTTPX(client)


@asynccontextmanager
async def _aiohttp() -> AsyncIterator[Any]:
    from aiodynamo.http.aiohttp import AIOHTTP  # type: ignore[import-not-found, unused-ignore]
    from aiohttp import ClientSession  # type: ignore[import-not-found, unused-ignore]

    async with ClientSession() as session:
        yield AIOHTTP(session)


@asynccontextmanager
async def _aiodynamo(http: Callable[[], Any], url: str) -> AsyncIterator[AsyncWrite]:
    from aiodynamo.client import Client  # type: ignore[import-not-found, unused-ignore]
    from aiodynamo.credentials import (  # type: ignore[import-not-found, unused-ignore]
        Key,
        StaticCredentials,
    )
    from aiodynamo.models import (  # type: ignore[import-not-found, unused-ignore]
        BatchWriteRequest,
    )
    from yarl import URL  # type: ignore[import-not-found, unused-ignore]

    async with http() as sending:
        client = Client(sending, StaticCredentials(Key(_KEY, _KEY)), _REGION, URL(url))

        async def work(batches: Iterator[Sequence[Item]]) -> None:
            for items in batches:
                request = BatchWriteRequest(items_to_put=list(items))
                left = await client.batch_write({TABLE: request})
                assert not left

        async def write(items: Sequence[Item]) -> None:
            batches = _batches(items)
            await asyncio.gather(*(work(batches) for _ in range(_IN_FLIGHT)))

        yield write


# Pannier


@contextmanager
def _pannier(url: str) -> Iterator[Write]:
    import pannier

    with pannier.connect(url) as db:
        yield lambda items: _all_written(db.write(items, TABLE), items)


@asynccontextmanager
async def _pannier_async(url: str) -> AsyncIterator[AsyncWrite]:
    import pannier

    async with pannier.connect_async(url) as db:

        async def write(items: Sequence[Item]) -> None:
            _all_written(await db.write(items, TABLE), items)

        yield write


def _all_written(report: Any, items: Sequence[Item]) -> None:
    assert report.ok, report
    assert report.written == len(items), report


# The floor: nothing but encoding, signing and one socket


@contextmanager
def _floor(url: str) -> Iterator[Write]:
    import orjson

    from pannier.targets.signing import Credentials, Signer

    parts = urlsplit(url)
    signer, credentials = Signer(_REGION, parts.netloc), Credentials(_KEY, _KEY)
    connection = socket.create_connection((parts.hostname, parts.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(items: Sequence[Item]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in items]
        body = orjson.dumps({"RequestItems": {TABLE: requests}})
        signed = signer.headers(credentials, "DynamoDB_20120810.BatchWriteItem", body)
        lines = [f"{name}: {text}" for name, text in signed.items()]
        head = "\r\n".join(["POST / HTTP/1.1", *lines, f"content-length: {len(body)}", "", ""])
        connection.sendall(head.encode() + body)
        answer = connection.recv(_ANSWER_BYTES_MAX)
        assert answer.endswith(b'{"UnprocessedItems":{}}'), answer

    def write(items: Sequence[Item]) -> None:
        for batch in _batches(items):
            call(batch)

    with connection:
        yield write


# All of them


@contextmanager
def _on_loop(
    open_: Callable[[str], Any], url: str, new_loop: NewLoop | None = None
) -> Iterator[Write]:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        context = open_(url)
        write = runner.run(context.__aenter__())
        try:
            yield lambda items: runner.run(write(items))
        finally:
            runner.run(context.__aexit__(None, None, None))


@contextmanager
def _on_uvloop(open_: Callable[[str], Any], url: str) -> Iterator[Write]:
    import uvloop

    with _on_loop(open_, url, uvloop.new_event_loop) as write:
        yield write


_OVER_HTTPX = partial(_aiodynamo, _httpx)
_OVER_AIOHTTP = partial(_aiodynamo, _aiohttp)

PROGRAMS: Final = {
    "boto3 batch_writer": Program(_batch_writer, ("boto3",)),
    "boto3, 8 threads": Program(_boto3_threads, ("boto3",), prebuilt=True),
    "aiodynamo, httpx": Program(partial(_on_loop, _OVER_HTTPX), ("aiodynamo", "httpx")),
    "aiodynamo, aiohttp": Program(partial(_on_loop, _OVER_AIOHTTP), ("aiodynamo", "aiohttp")),
    "pannier": Program(_pannier, ("pannier",)),
    "pannier async": Program(partial(_on_loop, _pannier_async), ("pannier",)),
    "pannier async, uvloop": Program(partial(_on_uvloop, _pannier_async), ("pannier", "uvloop")),
    "lean floor": Program(_floor, ("orjson",), prebuilt=True),
}


def main() -> None:
    """Write the items with one client, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", choices=PROGRAMS)
    parser.add_argument("--url", required=True)
    parser.add_argument("--items", type=int, required=True)
    given = parser.parse_args()
    program = PROGRAMS[given.name]
    items = _items(given.items + _WARM_UP_ITEMS, prebuilt=program.prebuilt)
    with program.open(given.url) as write:
        write(items[:_WARM_UP_ITEMS])
        cpu_s, started_s = _cpu_s(), time.perf_counter()
        write(items[_WARM_UP_ITEMS:])
        taken_s, cpu_s = time.perf_counter() - started_s, _cpu_s() - cpu_s
    versions = ", ".join(f"{name} {version(name)}" for name in program.libraries)
    print(json.dumps({"taken_s": taken_s, "cpu_s": cpu_s, "versions": versions}))


def _items(count: int, *, prebuilt: bool) -> list[Item]:
    items: list[Item] = [json.loads(product_json(number)) for number in shuffled(count)]
    return items if prebuilt else [_plain(item) for item in items]


def _plain(item: Item) -> Item:
    return {name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items()}


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))


def _cpu_s() -> float:
    """User and system time of this process, all its threads included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
