"""What is shown, or all that it is a page of, as a file."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pannier.batch.report import Report
from pannier.files.sink import WriteOptions
from pannier.files.writing import open_sink
from pannier.library.aio import AsyncConnection
from pannier.library.outcomes import raise_for
from pannier.model.attribute_value import Item


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name in `files`, what it is called, how the file's name ends."""

    name: str
    title: str
    ending: str


FORMATS: Final = (
    Format("dynamodb", "DynamoDB JSON lines", ".jsonl"),
    Format("plain", "JSON lines", ".plain.jsonl"),
    Format("csv", "CSV, with types in its header", ".csv"),
)


class Export:
    """An export under way.

    Args:
        path: the file, which is whole or not there.
        format_name: of `FORMATS`.
    """

    def __init__(self, path: Path, format_name: str) -> None:
        self.count = 0
        self._path = path
        self._options = WriteOptions(format=format_name, types=True)
        self._cancelled = False

    def cancel(self) -> None:
        """End it at the next page; there is no file then."""
        self._cancelled = True

    async def items(self, items: Iterable[Item]) -> None:
        """Write items that are there."""

        def work() -> None:
            with open_sink(str(self._path), self._options) as sink:
                for item in items:
                    sink.add(item)
                    self.count += 1

        await asyncio.to_thread(work)

    async def pages(
        self,
        connection: AsyncConnection,
        operation: str,
        request: Mapping[str, Any],
        limit: int,
        progress: Callable[[Report], None],
    ) -> bool:
        """Read everything and write it, page by page.

        Args:
            connection: where.
            operation: `Scan` or `Query`.
            request: what all requests say.
            limit: items at most.
            progress: told the report as it grows.

        Returns:
            Whether the file is there; not, if it was cancelled.

        Raises:
            ScanError: it can't be read to its end.
            UserError: the file can't be written.
        """
        count = None if operation == "Scan" else 1
        scanning = await connection.scanning(operation, request, count=count, limit=limit)
        sink = open_sink(str(self._path), self._options)
        try:
            while not scanning.done and not self._cancelled:
                for page in await scanning.pages():
                    for item in page.items:
                        sink.add(item)
                    self.count += len(page.items)
                progress(scanning.report)
        except BaseException:
            await asyncio.to_thread(sink.abort)
            await scanning.stop("interrupted")
            raise
        if self._cancelled:
            await scanning.stop("cancelled")
            await asyncio.to_thread(sink.abort)
            return False
        if not scanning.report.ok:
            await asyncio.to_thread(sink.abort)
            raise_for(scanning.report)
        await asyncio.to_thread(sink.close)
        return True
