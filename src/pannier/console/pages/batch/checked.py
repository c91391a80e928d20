"""A text, checked: read, held against its tables, rehearsed as one call, and planned."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.console.console import Console
from pannier.console.pages.batch.checks import check
from pannier.console.pages.batch.drafts import (
    TEXT_BYTES_MAX,
    Draft,
    Problem,
    Use,
    What,
    used,
)
from pannier.console.pages.batch.plans import plan_of
from pannier.console.pages.batch.reading import read_draft
from pannier.console.pages.batch.rehearsal import READ, WRITE, Answer, rehearse
from pannier.console.pages.batch.single_call import single_body
from pannier.cost.table_shape import TableShape
from pannier.errors import PannierError
from pannier.limits import KIB
from pannier.planning.plan import Plan

_NOT_FOUND: Final = "ResourceNotFoundException"
_KNOWN_S: Final = 5.0
_TABLES_MAX: Final = 100


@dataclass(slots=True)
class Checked:
    """What is known of a text.

    Attributes:
        draft: the text, read.
        problems: all of them, in the order of their lines.
        descriptions: of its tables that are there.
        answer: what one call would be answered; None if that can't be told.
        plan: what it will take; None where a table is missing, or there is nothing to do.
    """

    draft: Draft = field(default_factory=Draft)
    problems: list[Problem] = field(default_factory=list)
    descriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    answer: Answer | None = None
    plan: Plan | None = None

    @property
    def missing(self) -> list[str]:
        """The tables that are not there."""
        return [name for name in self.draft.tables if name not in self.descriptions]

    @property
    def can_run(self) -> bool:
        """Whether the batch engine can make something of it."""
        return bool(self.draft.entries) and bool(self.draft.tables) and not self.missing

    @property
    def can_send(self) -> bool:
        """Whether it can be sent as the one call that it is, if only to be refused."""
        return bool(self.draft.request or self.draft.tables)


class Checker:
    """Checks texts. Tables are asked for, and known for some seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._known: dict[str, tuple[float, dict[str, Any] | None]] = {}

    def forget(self) -> None:
        """Ask for tables again: one was made."""
        self._known.clear()

    async def check(self, text: str, name: str, table: str | None, use: Use) -> Checked:
        """Check a text.

        Args:
            text: what stands in the editor.
            name: of the file that it came from.
            table: where items go.
            use: what is done with items.

        Raises:
            PannierError: the target can't be asked for its tables.
        """
        size_bytes = len(text.encode("utf-8", "surrogatepass"))
        if size_bytes > TEXT_BYTES_MAX:
            return Checked(Draft(What.UNREADABLE), [_too_large(size_bytes)])
        draft = await asyncio.to_thread(read_draft, text, name, table)
        descriptions: dict[str, dict[str, Any]] = {}
        for each in draft.tables[:_TABLES_MAX]:
            description = await self._describe(each)
            if description is not None:
                descriptions[each] = description
        shapes = {each: TableShape.of(about) for each, about in descriptions.items()}
        draft = used(draft, use, {each: shape.schema.names for each, shape in shapes.items()})
        return await _judged(draft, descriptions, shapes)

    async def _describe(self, table: str) -> dict[str, Any] | None:
        now_s = asyncio.get_running_loop().time()
        asked_s, description = self._known.get(table, (-_KNOWN_S, None))
        if now_s - asked_s < _KNOWN_S:
            return description
        try:
            answer = await self._console.call("DescribeTable", {"TableName": table})
            description = answer["Table"]
        except CallError as error:
            # A name that no table can have is answered by a ValidationException.
            if error.code not in (_NOT_FOUND, "ValidationException"):
                raise
            description = None
        self._known[table] = now_s, description
        return description


async def _judged(
    draft: Draft, descriptions: dict[str, dict[str, Any]], shapes: Mapping[str, TableShape]
) -> Checked:
    found = await asyncio.to_thread(check, draft, shapes)
    problems = sorted([*draft.problems, *found], key=lambda each: (each.line, each.column))
    checked = Checked(draft, problems, descriptions)
    if checked.can_send:
        checked.answer = await _answer(draft, descriptions)
    if checked.can_run:
        checked.plan = await asyncio.to_thread(plan_of, draft, shapes)
    return checked


async def _answer(draft: Draft, descriptions: Mapping[str, Any]) -> Answer | None:
    try:
        body = single_body(draft)
    except PannierError:
        return None
    operation = READ if draft.is_read else WRITE

    def rehearsed() -> Answer | None:
        return asyncio.run(rehearse(operation, body, descriptions.values()))

    # On a loop of its own: thousands of operations keep one busy for a moment.
    return await asyncio.to_thread(rehearsed)


def _too_large(size_bytes: int) -> Problem:
    text = (
        f"this has {size_bytes // KIB:,} KB, and the editor takes {TEXT_BYTES_MAX // KIB} KB; "
        "the command line takes files of any size: pannier write FILE"
    )
    return Problem(1, 1, text)
