"""What the tests of all formats read with: the elements of a file, taken apart."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pannier.batch.operation import Kind, Operation
from pannier.batch.report import Failure
from pannier.files.reading import read_all, read_writes
from pannier.files.sink import WriteOptions
from pannier.files.source import ReadOptions, Skipping
from pannier.files.writing import open_sink
from pannier.model.attribute_value import Item

Element = Operation | Failure


def elements(*names: object, table: str | None = "t", **options: Any) -> list[Element]:
    """All operations and failures in some files."""
    return list(read_all([str(name) for name in names], ReadOptions(table, **options)))


def items(*names: object, **options: Any) -> list[Item]:
    """The items in some files, of which everything must be readable."""
    found = elements(*names, **options)
    assert [each for each in found if isinstance(each, Failure)] == []
    return puts(found)


def puts(found: Iterable[Element]) -> list[Item]:
    """The items that are put."""
    return [
        each.attributes for each in found if isinstance(each, Operation) and each.kind is Kind.PUT
    ]


def failures(found: Iterable[Element]) -> list[tuple[str, str]]:
    """Place, without the folder of the file, and reason of each failure."""
    return [
        (str(each.origin).rpartition("/")[2], each.reason)
        for each in found
        if isinstance(each, Failure)
    ]


def written(name: Path, content: list[Item], **options: Any) -> Path:
    """A file of Pannier's own with some items in it."""
    with open_sink(str(name), WriteOptions(**options)) as sink:
        for item in content:
            sink.add(item)
    return name


def broken_off(name: object, item: Item, **options: Any) -> None:
    """A file whose program fails while it is written."""
    with open_sink(str(name), WriteOptions(**options)) as sink:
        sink.add(item)
        raise KeyError


def skipped_one_by_one(name: object, step: int = 1, **options: Any) -> None:
    """A job that goes on after any number of elements gets the others, and no other."""
    whole = elements(name, **options)
    for count in range(0, len(whole) + 1, step):
        skipping = Skipping(count)
        rest = list(read_writes(str(name), ReadOptions("t", skipping=skipping, **options)))
        assert rest == whole[count:]
        assert skipping.left == 0
