"""Two tables for a copy: one is scanned page by page, the other is written to.

As a target it is both `FakePages`, whose table is `TABLE`, and `FakeService`, of which `OTHER` is
used; each call has a fate of its own.
"""

import random

import orjson

from pannier.batch.target import Reply
from tests.batch.fake_pages import FakePages
from tests.batch.fake_service import OTHER, FakeService
from tests.batch.test_journal_law import DyingService

COUNT_NAMES = ("written", "superseded", "skipped", "failed", "unresolved")


class FakeTables:
    """A source and a destination.

    Args:
        count: how many items the source has.
        chance: decides page sizes, latencies and fates.
        trouble: how probable a bad fate is.
    """

    name = "fake"

    def __init__(self, count: int, chance: random.Random, trouble: float) -> None:
        self.source = FakePages(count, chance, trouble)
        self.destination: FakeService = DyingService(chance=chance, trouble=trouble)

    @property
    def calls(self) -> list[list[tuple[str, bytes]]]:
        """The keys of each call that writes."""
        return self.destination.calls

    @property
    def copied(self) -> dict[str, dict[str, dict[str, str]]]:
        """What is in the destination, by the text of its key."""
        return {each["PK"]["S"]: each for each in self.destination.tables[OTHER].values()}

    async def send(self, operation: str, body: bytes) -> Reply:
        if operation == "Scan":
            return await self.source.send(operation, body)
        if operation == "DescribeTable" and orjson.loads(body)["TableName"] != OTHER:
            return await self.source.send(operation, body)
        return await self.destination.send(operation, body)

    async def close(self) -> None:
        """There is nothing to close."""

    def answer(self, operation: str, body: bytes) -> Reply:
        """For a server, which has delays of its own."""
        if operation == "Scan":
            return self.source.answer(operation, body)
        return self.destination.answer(operation, body)
