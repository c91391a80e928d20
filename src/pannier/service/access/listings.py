"""Lists of tables, streams and backups, as far as they are within a credential's tables.

The engine is asked page by page until as many are found as are shown, so that a page is as full as
it would be if there were no others, and its key to go on with is that of one that was shown.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import orjson

from pannier.engine.answers import decoded
from pannier.limits import LIST_STREAMS_MAX, LIST_TABLES_MAX
from pannier.service.access.credentials import Credential
from pannier.service.http import Handler, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse

_OK: Final = 200
_CHECKSUM: Final = b"x-amz-crc32"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A list: its members, and where each says which table it is of and what its key is."""

    members: str
    last_key: str
    start_key: str
    page_max: int
    table: Callable[[Any], str]
    key: Callable[[Any], str]


LISTS: Final[Mapping[str, _Kind]] = {
    "ListTables": _Kind(
        "TableNames",
        "LastEvaluatedTableName",
        "ExclusiveStartTableName",
        LIST_TABLES_MAX,
        lambda name: str(name),
        lambda name: str(name),
    ),
    "ListStreams": _Kind(
        "Streams",
        "LastEvaluatedStreamArn",
        "ExclusiveStartStreamArn",
        LIST_STREAMS_MAX,
        lambda stream: str(stream["TableName"]),
        lambda stream: str(stream["StreamArn"]),
    ),
    "ListBackups": _Kind(
        "BackupSummaries",
        "LastEvaluatedBackupArn",
        "ExclusiveStartBackupArn",
        LIST_TABLES_MAX,
        lambda backup: str(backup["TableName"]),
        lambda backup: str(backup["BackupArn"]),
    ),
}


class Listing:
    """One list for one request. Lives on the loop of whoever answers.

    Args:
        operation: one of `LISTS`.
        request: the request, whose rights were checked.
        credential: whose tables are shown.
        inner: answers each page.
        respond: gets the answer.
    """

    def __init__(
        self,
        operation: str,
        request: HttpRequest,
        credential: Credential,
        inner: Handler,
        respond: Respond,
    ) -> None:
        self._kind = LISTS[operation]
        self._request = request
        self._asked = decoded(request.body)
        self._credential = credential
        self._inner = inner
        self._respond = respond
        self._within: list[Any] = []

    def begin(self) -> None:
        """Ask for the first page just as the client did, so that the engine says what is wrong."""
        self._ask(self._request.body)

    def _ask(self, body: bytes) -> None:
        request = self._request
        page = HttpRequest(
            request.method, request.target, request.headers, body, keep_alive=request.keep_alive
        )
        self._inner(page, self._take)

    def _take(self, response: HttpResponse | None) -> None:
        if response is None or response.status != _OK:
            self._respond(response)
            return
        kind = self._kind
        answer = orjson.loads(response.body)
        self._within += [
            each for each in answer[kind.members] if self._credential.may_name(kind.table(each))
        ]
        limit = self._asked.get("Limit") or kind.page_max
        last_key = answer.get(kind.last_key)
        if last_key is not None and len(self._within) <= limit:
            others = {name: each for name, each in self._asked.items() if name != "Limit"}
            body = orjson.dumps({**others, kind.start_key: last_key})
            # Through the loop, so that a long row of pages does not nest.
            asyncio.get_running_loop().call_soon(self._ask, body)
            return
        shown: dict[str, Any] = {kind.members: self._within[:limit]}
        if len(self._within) > limit:
            shown[kind.last_key] = kind.key(self._within[limit - 1])
        body = orjson.dumps(shown)
        headers = {**response.headers, _CHECKSUM: b"%d" % crc32(body)}
        self._respond(HttpResponse(_OK, headers, body))
