"""What `pannier.testing` costs a test: `python -m benchmarks.in_tests`.

The least of many, one after another, in one process: whatever else the machine does only adds to
it. The ways of sending are measured in turns.
"""

import time
from collections.abc import Callable
from typing import Any, Final

import boto3

from pannier.testing import Pannier
from pannier.testing.aws_requests import PATIENCE_S, answer
from pannier.testing.sessions import ENDPOINT_URL, plain_session

_TIMES: Final = 30
_ROUNDS: Final = 7
_CALLS: Final = 200
_OWN: Final = {
    "region_name": "us-east-1",
    "aws_access_key_id": "local",
    "aws_secret_access_key": "local",
}
_ITEM: Final = {"PK": {"S": "a"}, "SK": {"S": "b"}, "text": {"S": "x" * 200}}


def main() -> None:
    """Measure, and print a table."""
    _print("made, ms", {name: _least_ms(make) for name, make in _MAKING.items()})
    _print("a PutItem, us", _calls_us())


def _engine() -> None:
    with Pannier():
        pass


def _engine_and_client() -> None:
    with Pannier() as pannier:
        pannier.client()


def _engine_and_resource() -> None:
    with Pannier() as pannier:
        pannier.resource()


def _engine_and_server() -> None:
    with Pannier() as pannier:
        assert pannier.url


def _patch() -> None:
    with Pannier() as pannier, pannier.patch():
        pass


def _patch_and_client() -> None:
    with Pannier() as pannier, pannier.patch():
        boto3.client("dynamodb")


_MAKING: Final[dict[str, Callable[[], object]]] = {
    "boto3.Session().client() alone": lambda: boto3.Session(**_OWN).client("dynamodb"),
    "Pannier": _engine,
    "Pannier and client": _engine_and_client,
    "Pannier and resource": _engine_and_resource,
    "Pannier and server": _engine_and_server,
    "Pannier and patch": _patch,
    "Pannier, patch and boto3.client()": _patch_and_client,
}


class _OwnSession:
    """The other way to answer in the process: an HTTP session in the client's endpoint."""

    def __init__(self, send: Callable[[Any], Any]) -> None:
        self.send = send

    def close(self) -> None:
        """Nothing to do."""


def _calls_us() -> dict[str, float]:
    with Pannier() as pannier:
        pannier.table("shop")
        wire = pannier._wire  # noqa: SLF001
        own, alone = (
            plain_session().create_client("dynamodb", endpoint_url=ENDPOINT_URL, **_OWN)
            for _ in range(2)
        )
        own._endpoint.http_session = _OwnSession(  # noqa: SLF001
            lambda request: answer(wire, request, PATIENCE_S)
        )
        kept: list[Any] = []

        def send_once(request: Any) -> Any:
            if not kept:
                kept.append(answer(wire, request, PATIENCE_S))
            return kept[0]

        alone._endpoint.http_session = _OwnSession(send_once)  # noqa: SLF001
        clients = {
            "in the process (before-send)": pannier.client(),
            "in the process (HTTP session)": own,
            "over a socket": plain_session().create_client(
                "dynamodb", endpoint_url=pannier.url, **_OWN
            ),
            "botocore's own share": alone,
        }
        rounds: dict[str, list[float]] = {name: [] for name in clients}
        for _ in range(_ROUNDS):
            for name, client in clients.items():
                began_s = time.perf_counter()
                for _ in range(_CALLS):
                    client.put_item(TableName="shop", Item=_ITEM)
                rounds[name].append((time.perf_counter() - began_s) / _CALLS * 1e6)
        return {name: min(each) for name, each in rounds.items()}


def _least_ms(make: Callable[[], object]) -> float:
    make()
    times = []
    for _ in range(_TIMES):
        began_s = time.perf_counter()
        make()
        times.append((time.perf_counter() - began_s) * 1e3)
    return min(times)


def _print(title: str, figures: dict[str, float]) -> None:
    print(title)
    for name, figure in figures.items():
        print(f"  {name:36} {figure:8.2f}")


if __name__ == "__main__":
    main()
