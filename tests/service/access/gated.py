"""A database behind a gate, without sockets: requests go to the handler as the server has them."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pannier.engine.database import Database
from pannier.service.access.credentials import Credential
from pannier.service.access.credentials_change import add_credential
from pannier.service.access.server_access import ServerAccess
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.server import new_handler
from tests.service.access.signing import BOSS, DEMO, DEMO_READER, READER, signed

_TARGET = "DynamoDB_20120810."


class Gated:
    """Asks a handler, and waits for its answers."""

    def __init__(self, database: Database, access: ServerAccess, runner: asyncio.Runner) -> None:
        self.database = database
        self.access = access
        self._runner = runner
        self._handler = runner.run(self._made())

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request."""
        response = self._runner.run(self._answer(request))
        assert response is not None
        return response

    def call(
        self, operation: str, request: Any = None, by: Credential = BOSS, prefix: str = _TARGET
    ) -> dict[str, Any]:
        """Call an operation of DynamoDB's, signed; its answer, be it an error."""
        body = json.dumps({} if request is None else request).encode()
        response = self.send(signed(prefix + operation, body, by=by))
        answer: dict[str, Any] = json.loads(response.body)
        return answer

    async def _made(self) -> Any:
        return new_handler(self.database, 8000, self.access)

    async def _answer(self, request: HttpRequest) -> HttpResponse | None:
        answered: asyncio.Future[HttpResponse | None] = asyncio.get_running_loop().create_future()
        self._handler(request, answered.set_result)
        return await asyncio.wait_for(answered, 10)


@contextmanager
def gated(folder: Path) -> Iterator[Gated]:
    """A database in memory with the credentials of `signing`."""
    path = folder / "keys.toml"
    for each in (BOSS, READER, DEMO, DEMO_READER):
        add_credential(path, each)
    with Database.in_memory(sweep_interval_s=None) as database, asyncio.Runner() as runner:
        yield Gated(database, ServerAccess(path), runner)


def make_table(gate: Gated, name: str, **more: Any) -> None:
    """A table with one string key, `id`."""
    answer = gate.call(
        "CreateTable",
        {
            "TableName": name,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            **more,
        },
    )
    assert "TableDescription" in answer, answer
