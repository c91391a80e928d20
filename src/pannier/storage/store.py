"""What the engine asks of a store. `rocks` and `memory` are the two that keep it."""

from collections.abc import Iterator
from typing import Protocol, TypeAlias

Entry: TypeAlias = tuple[bytes, bytes]


class Group(Protocol):
    """Changes that take effect together or not at all, in the order they were added."""

    @property
    def size_bytes(self) -> int:
        """About what it takes in the store's log."""

    def put(self, key: bytes, value: bytes, /) -> None:
        """Set a key."""

    def delete(self, key: bytes, /) -> None:
        """Remove a key; nothing happens where there is none."""

    def delete_range(self, begin: bytes, end: bytes, /) -> None:
        """Remove every key from `begin` up to, not including, `end`."""


class View(Protocol):
    """A readable state of a store."""

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, or None."""

    def range(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[Entry]:
        """The entries from `start` up to, not including, `stop`, by ascending key.

        Args:
            start: first key that may appear.
            stop: first key that may not appear any more.
            reverse: by descending key instead; the bounds stay the same.
        """


class Store(View, Protocol):
    """Ordered keys and values, as bytes.

    A range must be used up before the next `write`, or be taken from a snapshot: what it shows of
    writes in between is not defined.
    """

    def get_many(self, keys: list[bytes], *, keep: bool = True) -> list[bytes | None]:
        """The values of many keys, each None where there is none.

        Args:
            keys: in any order.
            keep: whether what is read may stay in memory for later reads. Not, for what is about to
                be overwritten: a large load would push out what others read.
        """

    def values(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[bytes]:
        """The values of a `range`, which cost less without their keys."""

    def new_group(self) -> Group:
        """An empty group for `write`."""

    def write(self, group: Group) -> None:
        """Make a group visible. It is durable after the next `sync`."""

    def is_behind(self) -> bool:
        """Whether a write would be held back now, until the disk has taken earlier ones.

        That would hold back the whole process, so it is better not begun.
        """

    def sync(self) -> None:
        """Return when everything written before is durable. Safe beside reads and writes."""

    def snapshot(self) -> View:
        """The state of this moment, unmoved by later writes."""

    def close(self) -> None:
        """Release the store. Written groups stay."""
