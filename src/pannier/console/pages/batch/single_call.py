"""A draft sent as the one call that it is, as an SDK sends it."""

from collections.abc import Sequence
from typing import Any

import orjson

from pannier.batch.operation import Operation
from pannier.batch.reads.read import Key
from pannier.batch.report import Failure
from pannier.batch.retrying import Judgement, Verdict, judge
from pannier.batch.target import Target
from pannier.console.pages.batch.drafts import Draft
from pannier.console.pages.batch.rehearsal import READ, WRITE, body_of
from pannier.console.pages.batch.runs import Run
from pannier.errors import PannierError


class SingleCall(Run):
    """As one call, exactly as it stands, sent once: nothing is split, retried or put right.

    Attributes:
        judgement: what the answer means; None as long as there is none.
    """

    def __init__(self, target: Target, draft: Draft, name: str = "run") -> None:
        super().__init__(target, draft, name)
        self.judgement: Judgement | None = None

    @property
    def is_single(self) -> bool:
        """It is."""
        return True

    async def work(self) -> None:
        """Send it."""
        operation = READ if self.is_read else WRITE
        self.judgement = judge(await self.recording.send(operation, single_body(self.draft)))
        if self.judgement.verdict is not Verdict.DONE:
            return
        for table, items in (self.judgement.body.get("Responses") or {}).items():
            for item in items:
                self.found.add(table, item)


def single_body(draft: Draft) -> bytes:
    """The one call that a draft asks for.

    A request is taken as it stands in the text; of anything else, one is made.

    Raises:
        PannierError: something in it can't be written as JSON.
    """
    if draft.request:
        return body_of(draft.request)
    try:
        return body_of(orjson.dumps(request_of([e.element for e in draft.entries])).decode())
    except TypeError as error:
        raise PannierError(f"it can't be written as JSON: {error}") from None


def request_of(elements: Sequence[Operation | Key | Failure]) -> dict[str, Any]:
    """The `RequestItems` with these writes or keys; what could not be read is not in it."""
    tables: dict[str, Any] = {}
    for element in elements:
        if isinstance(element, Operation):
            tables.setdefault(element.table, []).append(element.to_request())
        elif isinstance(element, Key):
            keys = tables.setdefault(element.table, {"Keys": []})["Keys"]
            keys.append(element.attributes)
    return tables
