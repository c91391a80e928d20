"""Items kept for a second look: in memory while they are few, then on disk.

Formats that must say first which columns follow can't be written before all items were seen. So
that a sink's memory stays flat, items wait here.
"""

import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any, Final, cast

import orjson

from pannier.errors import UserError
from pannier.files.sink import encoded
from pannier.limits import MIB
from pannier.model.attribute_value import Item

_MEMORY_BYTES: Final = 8 * MIB
_BATCH_ITEMS: Final = 4096
_BATCH_BYTES: Final = 2 * MIB


class Spool:
    """Items in the order in which they came."""

    def __init__(self) -> None:
        # Its owner is a sink, which closes it.
        opened = tempfile.SpooledTemporaryFile(_MEMORY_BYTES, prefix="pannier-")  # noqa: SIM115
        self._file = cast("IO[bytes]", opened)

    def add(self, item: Item) -> None:
        """Keep a copy of an item.

        Raises:
            UserError: there is no room for it, or it can't be written as JSON.
        """
        line = encoded(item) + b"\n"
        self._try(lambda: self._file.write(line))

    def batches(self) -> Iterator[list[Item]]:
        """All items, some at a time: a few thousand small ones, or a few dozen large ones."""
        self._try(lambda: self._file.seek(0))
        batch: list[Item] = []
        size_bytes = 0
        while line := self._try(self._file.readline):
            batch.append(orjson.loads(line))
            size_bytes += len(line)
            if len(batch) >= _BATCH_ITEMS or size_bytes >= _BATCH_BYTES:
                yield batch
                batch, size_bytes = [], 0
        if batch:
            yield batch

    def close(self) -> None:
        """Forget them."""
        self._file.close()

    def _try(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except OSError as error:
            raise no_room(error) from None


def no_room(error: OSError) -> UserError:
    """What to say where something can't be kept on disk for a while."""
    return UserError(
        f"nothing can be kept in {tempfile.gettempdir()}: {error.strerror or error}",
        "Name another folder with more room: TMPDIR=FOLDER pannier ...",
    )
