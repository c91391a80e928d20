"""What callers give: plain Python or the API's own form, in one piece or as a stream."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from pannier.batch.operation import Kind, Operation, Origin, plain_put
from pannier.batch.projection import Projection, projection_of_names
from pannier.batch.read import Key, TableOptions
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.library.frames import is_frame, rows
from pannier.model.plain import to_item

PlainItem: TypeAlias = Mapping[str, Any]
Writable: TypeAlias = Operation | Failure | PlainItem
Readable: TypeAlias = Key | Failure | PlainItem

SOURCE: Final = "input"
_CHUNK: Final = 500
_Element = TypeVar("_Element")


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


def table_options(projection: str | Projection | None, *, consistent: bool) -> TableOptions:
    """How a table is read, from what the caller gave."""
    if isinstance(projection, str):
        projection = projection_of_names(projection)
    return TableOptions(projection or Projection(), consistent)


def chunks(source: Iterable[_Element]) -> Iterator[list[_Element]]:
    """A source in lists of some hundreds; what came before an exception comes before it here."""
    iterator: Iterator[Any] = rows(source) if is_frame(source) else iter(source)
    while True:
        chunk: list[_Element] = []
        failure: Exception | None = None
        try:
            chunk.extend(islice(iterator, _CHUNK))
        except Exception as error:  # raised again just below
            failure = error
        if chunk:
            yield chunk
        if failure is not None:
            raise failure
        if len(chunk) < _CHUNK:
            return


async def chunks_async(
    source: Iterable[_Element] | AsyncIterable[_Element],
) -> AsyncIterator[list[_Element]]:
    """The same for sources that may be asynchronous."""
    if not isinstance(source, AsyncIterable):
        for chunk in chunks(source):
            yield chunk
        return
    gathered: list[_Element] = []
    try:
        async for element in source:
            gathered.append(element)
            if len(gathered) == _CHUNK:
                yield gathered
                gathered = []
    except Exception:
        if gathered:
            yield gathered
        raise
    if gathered:
        yield gathered
