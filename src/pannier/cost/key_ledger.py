"""Changes by key, on disk: what each does to its key is known only with those before it.

A put costs what it overwrites, and a file may write one key many times. So each change is noted in
a few bytes (a digest of its key, sizes, digests of index entries: 22 bytes, and 20 more for each
index), spread by the digest over temporary files. At the end one file after another is gone
through, its keys in memory. A file that is too large for that is spread again. So the memory is the
same for any input: 128 buffers of at most 128 KB, and the keys of one file.

Digests have 16 bytes, so two keys are never taken for one.
"""

import struct
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Final, NamedTuple, Self

from pannier.cost.write_cost import DIGEST_BYTES, Entry, ItemState
from pannier.errors import UserError
from pannier.limits import KIB, MIB

KEY_BYTES: Final = 16
_HEAD: Final = struct.Struct(f"<H{KEY_BYTES}sI")
_ENTRY: Final = struct.Struct(f"<I{DIGEST_BYTES}s{DIGEST_BYTES}s")
_FILES: Final = 128
_BUFFER_BYTES: Final = 128 * KIB
_IN_MEMORY_BYTES: Final = 8 * MIB
_BLOCK_BYTES: Final = MIB


class Change(NamedTuple):
    """One change of one key.

    Attributes:
        table: the table's number.
        key: the key's digest, of `KEY_BYTES`.
        state: the item after it, or None for a delete.
    """

    table: int
    key: bytes
    state: ItemState | None


class KeyLedger:
    """Changes, noted in order; given back grouped by key, those of a key in order.

    Args:
        indexes: how many indexes each table has, by number; may grow while changes are noted.
        in_memory_bytes: how large a file may be that is gone through at once.
    """

    def __init__(self, indexes: list[int], *, in_memory_bytes: int = _IN_MEMORY_BYTES) -> None:
        self._indexes = indexes
        self._in_memory_bytes = in_memory_bytes
        self._stack = ExitStack()
        self._files = _spread_files(self._stack)
        self.bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def note(self, change: Change) -> None:
        """Note a change.

        Raises:
            UserError: the disk is full.
        """
        record = _encoded(change)
        self.bytes += len(record)
        _write(self._files[change.key[0] % _FILES], record)

    def by_key(self) -> Iterator[tuple[Change, ItemState | None, bool]]:
        """Every change, with the item before it, and whether it is the first of its key.

        Of the first one nobody knows the item before: it is None.
        """
        for file in self._files:
            yield from self._replay(file, 1)
            file.close()

    def _replay(
        self, file: IO[bytes], depth: int
    ) -> Iterator[tuple[Change, ItemState | None, bool]]:
        size_bytes = file.tell()
        file.seek(0)
        if size_bytes > self._in_memory_bytes and depth < KEY_BYTES:
            with ExitStack() as stack:
                parts = _spread_files(stack)
                for change, record in self._records(file):
                    _write(parts[change.key[depth] % _FILES], record)
                for part in parts:
                    yield from self._replay(part, depth + 1)
                    part.close()
            return
        known: dict[tuple[int, bytes], ItemState | None] = {}
        for change, _ in self._records(file):
            place = (change.table, change.key)
            yield change, known.get(place), place not in known
            known[place] = change.state

    def _records(self, file: IO[bytes]) -> Iterator[tuple[Change, bytes]]:
        rest = b""
        while block := file.read(_BLOCK_BYTES):
            rest += block
            start = 0
            while len(rest) - start >= _HEAD.size:
                table, key, size = _HEAD.unpack_from(rest, start)
                end = start + _HEAD.size + (_ENTRY.size * self._indexes[table] if size else 0)
                if end > len(rest):
                    break
                state = None
                if size:
                    entries = _ENTRY.iter_unpack(rest[start + _HEAD.size : end])
                    state = ItemState(
                        size - 1,
                        tuple(
                            Entry(each[0] - 1, *each[1:]) if each[0] else None for each in entries
                        ),
                    )
                yield Change(table, key, state), rest[start:end]
                start = end
            rest = rest[start:]


def _encoded(change: Change) -> bytes:
    if change.state is None:
        return _HEAD.pack(change.table, change.key, 0)
    parts = [_HEAD.pack(change.table, change.key, change.state.size_bytes + 1)]
    for entry in change.state.entries:
        if entry is None:
            parts.append(_ENTRY.pack(0, b"", b""))
        else:
            parts.append(_ENTRY.pack(entry.size_bytes + 1, entry.key, entry.content))
    return b"".join(parts)


def _spread_files(stack: ExitStack) -> list[IO[bytes]]:
    return [
        stack.enter_context(
            tempfile.SpooledTemporaryFile(max_size=_BUFFER_BYTES, prefix="pannier-")
        )
        for _ in range(_FILES)
    ]


def _write(file: IO[bytes], record: bytes) -> None:
    try:
        file.write(record)
    except OSError as error:
        raise UserError(
            f"the keys can't be noted in {tempfile.gettempdir()}: {error.strerror}",
            "Make room there, or name another folder in the variable TMPDIR.",
        ) from None
