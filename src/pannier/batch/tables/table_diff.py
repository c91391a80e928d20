"""In which items two tables differ: two scans, and a second look at what seems to differ.

Both tables are scanned at the same time, and each item is noted as its key and a digest. Keys that
only one side has, or whose digests differ, are then read from both tables, consistently and within
moments of each other; what still differs is told. So an item that was changed on both sides between
the two scans is not taken for a difference, and a difference that is told was there at the end.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from pannier.batch.calls import Schemas
from pannier.batch.operation import Origin
from pannier.batch.options import Options
from pannier.batch.pages.extent import extent_of
from pannier.batch.pages.page_job import Chain
from pannier.batch.pages.sampling import sample_of
from pannier.batch.pages.scan import Scanning, segments_for
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read import Key, Reading, TableOptions
from pannier.batch.report import Report
from pannier.batch.tables.canonical_item import canonical_text, digest
from pannier.batch.tables.differences import SIDES, Difference, Extract, Summary
from pannier.batch.tables.seen_items import SeenItems
from pannier.batch.target import Target
from pannier.errors import UserError
from pannier.model.attribute_value import Item

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two tables."""

    target: Target
    table: str


class TableDiff:
    """A comparison of two tables. Make it on the event loop that it shall use.

    Args:
        a: one table.
        b: the other.
        options: parallelism and patience of each; the read budget holds for each.
        extract: what of them is compared.
        on_difference: told each.
        chance: draws a sample; a seeded one makes it reproducible.

    Attributes:
        summary: of what was found.
    """

    def __init__(
        self,
        a: Side,
        b: Side,
        options: Options,
        extract: Extract,
        on_difference: Callable[[Difference], None],
        chance: random.Random | None = None,
    ) -> None:
        self.summary = Summary()
        self._sides = {"a": a, "b": b}
        self._schemas = {name: Schemas(side.target) for name, side in self._sides.items()}
        self._options = options
        self._extract = extract
        self._projection = Projection()  # with the key, once that is known
        self._on_difference = on_difference
        self._chance = chance or random.Random()
        self._key_names: tuple[str, ...] = ()

    async def run(self) -> Summary:
        """Compare; returns when every difference was told.

        Raises:
            CallError: a table can't be described.
            UserError: the tables have different keys, or could not be read to their end.
        """
        a, b = [await self._schemas[name].load(self._sides[name].table) for name in SIDES]
        if a.attributes != b.attributes:
            raise UserError(
                f"the keys are not the same: {_told(a.attributes)} and {_told(b.attributes)}",
                "Only tables with the same key can be compared.",
            )
        self._key_names = a.names
        self._projection = _with_key(self._extract, a.names)
        seen = SeenItems()
        try:
            await _all_of(self._scan(name, seen) for name in SIDES)
            for name in SIDES:
                self.summary.items[name] = seen.count(name)
            for keys in seen.different():
                await self._look_again(keys)
        finally:
            seen.close()
        return self.summary

    async def _scan(self, name: str, seen: SeenItems) -> None:
        side, schemas = self._sides[name], self._schemas[name]
        request = {"TableName": side.table, **self._projection.widened(())[0]}
        chains, wanted = await self._chains(name, request)
        scanning = Scanning(
            side.target, schemas, self._options, "Scan", request, chains, wanted, self._chance,
            read_max=wanted,
        )  # fmt: skip
        while not scanning.done:
            for page in await scanning.pages():
                seen.add(name, (self._noted(item) for item in page.items))
        await scanning.finish()
        self._check(name, scanning.report)

    async def _chains(
        self, name: str, request: Mapping[str, Any]
    ) -> tuple[Sequence[Chain], int | None]:
        schemas = self._schemas[name]
        if self._extract.sample is None:
            return await segments_for(schemas, request, self._options), None
        extent = extent_of(await schemas.describe(request["TableName"]))
        return sample_of(
            extent.items, self._extract.sample, self._chance
        ).chains, self._extract.sample

    def _noted(self, item: Item) -> tuple[bytes, bytes]:
        """An item's key and digest. All of a sample are looked at again, so they equal nothing."""
        key = canonical_text({name: item[name] for name in self._key_names})
        return key, (digest(item) if self._extract.sample is None else self._chance.randbytes(16))

    async def _look_again(self, texts: Sequence[bytes]) -> None:
        keys: list[Item] = [orjson.loads(text) for text in texts]
        found = await _all_of(self._read(name, keys) for name in SIDES)
        for key, a, b in zip(keys, *found, strict=True):
            self._compare(Difference(key, a, b))

    def _compare(self, looked: Difference) -> None:
        summary, a, b = self.summary, looked.a, looked.b
        if a is None or b is None:
            if a is None and b is None:
                summary.resolved += 1
                return
            summary.only_in["a" if b is None else "b"] += 1
        elif canonical_text(a) == canonical_text(b):
            summary.resolved += 1
            return
        else:
            summary.different += 1
        self._on_difference(looked)

    async def _read(self, name: str, keys: Sequence[Item]) -> list[Item | None]:
        """The items of these keys, each at its key's place."""
        side = self._sides[name]
        reading = Reading(
            side.target, self._schemas[name], self._options, {},
            TableOptions(self._projection, consistent=True), chance=self._chance,
        )  # fmt: skip
        wanted = [Key(side.table, key, Origin("", place)) for place, key in enumerate(keys)]
        items: list[Item | None] = [None] * len(keys)
        results = await reading.exchange(wanted, last=False)
        while True:
            for found in results:
                items[found.origin.position] = found.item
            if reading.done:
                break
            results = await reading.exchange((), last=True)
        await reading.finish()
        self._check(name, reading.report)
        return items

    def _check(self, name: str, report: Report) -> None:
        self.summary.read_units += report.units.read_total
        reason = report.stopped or next(iter(report.reasons), "")
        if reason:
            raise UserError(
                f"{self._sides[name].table} could not be read: {reason}",
                "The comparison is not complete.",
            )


def _with_key(extract: Extract, names: Sequence[str]) -> Projection:
    """The projection, so widened that it brings the key."""
    if extract.keys_only:
        placeholders = {f"#k{place}": name for place, name in enumerate(names)}
        return Projection(", ".join(placeholders), placeholders)
    members = extract.projection.widened(tuple(names))[0]
    return Projection(members.get("ProjectionExpression"), members.get("ExpressionAttributeNames"))


async def _all_of(works: Iterable[Coroutine[Any, Any, _Result]]) -> list[_Result]:
    """Do several things side by side; if one breaks, the others are ended."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _told(attributes: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name}:{kind}" for name, kind in attributes)
