"""Single calls of the API, beside the batches: decoded answers, errors as exceptions."""

import asyncio
import random
from collections.abc import Mapping
from typing import Any, Final

import orjson

from pannier.batch.pace.backoff import Backoff
from pannier.batch.retrying import Verdict, judge
from pannier.batch.target import OutcomeUnknownError, Target, TargetUnreachableError
from pannier.errors import PannierError
from pannier.model.key_schema import KeySchema

_ATTEMPTS_MAX: Final = 6


# What the person at the keyboard can do about credentials that are no good.
_ADVICE: Final = {
    "AccessDeniedException": "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE) to "
    "credentials that may do this.",
    "InvalidSignatureException": "Check that AWS_SECRET_ACCESS_KEY belongs to AWS_ACCESS_KEY_ID, "
    "and this machine's clock.",
    "UnrecognizedClientException": "This access key is not known there: check AWS_ACCESS_KEY_ID "
    "and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN is for temporary ones only).",
}


class CallError(PannierError):
    """The service answered a single call with an error.

    Attributes:
        code: the error's name, e.g. `ResourceNotFoundException`.
        message: the service's words.
        operation: the operation that was called.
        request: what it was called with.
        request_id: by which the service knows the call, or empty.
    """

    def __init__(
        self,
        code: str,
        message: str,
        operation: str,
        request: Mapping[str, Any],
        request_id: str = "",
    ) -> None:
        text = f"{code}: {message}" if message else code
        super().__init__(f"{text}\n{_ADVICE[code]}" if code in _ADVICE else text)
        self.code = code
        self.message = message
        self.operation = operation
        self.request = request
        self.request_id = request_id


async def call(
    target: Target, operation: str, request: Mapping[str, Any], *, patience_s: float = 0.0
) -> dict[str, Any]:
    """Call an operation; throttled and broken calls are repeated a few times.

    Only for operations that may be repeated: reads, and table operations that say so themselves.

    Args:
        target: where.
        operation: its name in the API.
        request: in the API's JSON form.
        patience_s: for so many seconds trouble is waited out, and so is a target that nobody can
            reach; without, that is told at once.

    Raises:
        CallError: the service refused, or still has trouble.
        TargetUnreachableError: nobody answers.
        OutcomeUnknownError: no answer came.
    """
    body = orjson.dumps(request)
    backoff = Backoff(random.Random())
    time_s = asyncio.get_running_loop().time
    give_up_at_s = time_s() + patience_s
    attempt = 0
    while True:
        attempt += 1
        last = attempt >= _ATTEMPTS_MAX and time_s() >= give_up_at_s
        try:
            reply = await target.send(operation, body)
        except (OutcomeUnknownError, TargetUnreachableError) as error:
            is_patient = isinstance(error, OutcomeUnknownError) or patience_s > 0
            if last or not is_patient:
                raise
            await asyncio.sleep(backoff.trouble())
            continue
        judgement = judge(reply)
        if judgement.verdict is Verdict.DONE:
            return judgement.body
        if last or judgement.verdict in (Verdict.REFUSED, Verdict.HOPELESS):
            code, _, message = judgement.reason.partition(": ")
            raise CallError(code, message, operation, request, reply.request_id)
        await asyncio.sleep(backoff.trouble(reply.retry_after_s))


class Schemas:
    """The key schemas of a target's tables, asked for once each."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.known: dict[str, KeySchema] = {}

    async def load(self, table: str, *, patience_s: float = 0.0) -> KeySchema:
        """The key schema of a table.

        Args:
            table: the table's name.
            patience_s: as for `call`.

        Raises:
            CallError: there is no such table, or it can't be described.
        """
        if table not in self.known:
            await self.describe(table, patience_s=patience_s)
        return self.known[table]

    async def describe(self, table: str, *, patience_s: float = 0.0) -> dict[str, Any]:
        """The `TableDescription` of a table, as it is now; its key schema is known from then on.

        Args:
            table: the table's name.
            patience_s: as for `call`.

        Raises:
            CallError: there is no such table, or it can't be described.
        """
        answer = await call(
            self._target, "DescribeTable", {"TableName": table}, patience_s=patience_s
        )
        description: dict[str, Any] = answer["Table"]
        self.known[table] = KeySchema.from_api(
            description["KeySchema"], description["AttributeDefinitions"]
        )
        return description

    def forget(self, table: str) -> None:
        """Ask again next time: the table was made or deleted."""
        self.known.pop(table, None)
