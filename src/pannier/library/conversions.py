"""What callers give, element by element: plain Python or the API's own form.

Nothing is converted before it is asked for: what comes before a bad element is taken all the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Protocol, TypeAlias

from pannier.batch.operation import Kind, Operation, Origin, plain_put
from pannier.batch.reads.read import Key
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.model.plain import to_item

PlainItem: TypeAlias = Mapping[str, Any]
Writable: TypeAlias = Operation | Failure | PlainItem
Readable: TypeAlias = Key | Failure | PlainItem

SOURCE: Final = "input"


class Convert(Protocol):
    """Makes operations of what the caller gave."""

    def __call__(self, chunk: Iterable[Any], *, before: int) -> Iterable[Operation | Failure]:
        """The operations of a chunk that begins `before` elements into the source."""


def to_operations(
    chunk: Iterable[Writable], *, table: str | None, before: int
) -> Iterator[Operation | Failure]:
    """Puts and other operations from what the caller gave."""
    for position, element in enumerate(chunk, start=before + 1):
        if isinstance(element, Failure) or (isinstance(element, Operation) and element.table):
            yield element
            continue
        if table is None:
            raise UserError("plain items need a table", "Give it: write(items, table=NAME).")
        if isinstance(element, Operation):  # a row of a data frame
            yield element.to(table)
            continue
        yield plain_put(table, element, Origin(SOURCE, position))


def to_deletes(
    chunk: Iterable[PlainItem | Operation | Failure],
    *,
    table: str,
    names: tuple[str, ...],
    before: int,
) -> Iterator[Operation | Failure]:
    """Deletes by keys from what the caller gave, or by those of items.

    Args:
        chunk: plain keys or items, or rows of a data frame.
        table: where to delete.
        names: of the attributes of its key.
        before: elements in the source before the chunk.
    """
    for position, element in enumerate(chunk, start=before + 1):
        if isinstance(element, Failure):
            yield element
            continue
        if isinstance(element, Operation):
            item, origin = element.attributes, element.origin
            key = {name: item[name] for name in names if name in item}
        else:
            plain = {name: element[name] for name in names if name in element}
            key, origin = to_item(plain), Origin(SOURCE, position)
        yield Operation(table, Kind.DELETE, key, origin, is_own=True)


def to_keys(chunk: Iterable[Readable], table: str | None) -> Iterator[Key | Failure]:
    """Keys from what the caller gave."""
    for element in chunk:
        if isinstance(element, Key | Failure):
            yield element
            continue
        if table is None:
            raise UserError("plain keys need a table", "Give it: read(keys, table=NAME).")
        if isinstance(element, Operation):  # a row of a data frame
            yield Key(table, element.attributes, element.origin)
            continue
        yield Key(table, to_item(element))
