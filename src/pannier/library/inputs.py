"""What callers give: in one piece or as a stream, in lists of some hundreds."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Any, Final, TypeVar

from pannier.batch.reads.projection import Projection, projection_of_names
from pannier.batch.reads.read import TableOptions
from pannier.library.frames import is_frame, rows

_CHUNK: Final = 500
_Element = TypeVar("_Element")


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
