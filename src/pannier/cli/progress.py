"""A progress line on a terminal; nothing in a pipe."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_Element = TypeVar("_Element")


class Ticker:
    """Counts what passes by; `watch` is given the source."""

    def watch(self, source: Iterable[_Element]) -> Iterable[_Element]:
        """The source itself, counted."""
        return source


@contextmanager
def progress(label: str) -> Iterator[Ticker]:
    """Show how many items have been read, while the block runs."""
    if not sys.stderr.isatty():
        yield Ticker()
        return
    from rich.console import Console  # slow to import, useless in a pipe
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        SpinnerColumn(),
        TextColumn(label),
        TextColumn("{task.completed:,} items"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(label, total=None)

        class Counting(Ticker):
            def watch(self, source: Iterable[_Element]) -> Iterable[_Element]:
                for element in source:
                    bar.advance(task)
                    yield element

        yield Counting()
