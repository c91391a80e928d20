"""Both stores against a plain dict: any history of groups, snapshots and openings, step by step."""

import shutil
import tempfile
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pannier.storage.memory import MemoryStore
from pannier.storage.rocks import RocksStore
from pannier.storage.store import Group, Store, View

# Few and short keys, so that histories meet the same ones again; zero bytes and FF among them.
_keys = st.lists(st.sampled_from([0, 1, 97, 255]), max_size=2).map(bytes)
_values = st.binary(max_size=3)
_changes = st.lists(
    st.one_of(
        st.tuples(st.just("put"), _keys, _values),
        st.tuples(st.just("delete"), _keys, st.just(b"")),
        st.tuples(st.just("delete_range"), _keys, _keys),
    ),
    max_size=6,
)


def _apply(entries: dict[bytes, bytes], change: str, key: bytes, other: bytes) -> None:
    match change:
        case "put":
            entries[key] = other
        case "delete":
            entries.pop(key, None)
        case "delete_range":
            for each in [each for each in entries if key <= each < other]:
                del entries[each]


def _between(entries: Mapping[bytes, bytes], start: bytes, stop: bytes) -> list[Any]:
    return sorted((key, value) for key, value in entries.items() if start <= key < stop)


class StoreHistory(RuleBasedStateMachine):
    """A history of one store. `self.entries` is what it should hold."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[bytes, bytes] = {}
        self.views: list[tuple[View, dict[bytes, bytes]]] = []
        self.pending: tuple[Group, list[tuple[str, bytes, bytes]]] | None = None

    @rule(changes=_changes)
    def write(self, changes: list[tuple[str, bytes, bytes]]) -> None:
        self.prepare(changes)
        self.write_what_was_prepared()

    @precondition(lambda self: self.pending is None)
    @rule(changes=_changes)
    def prepare(self, changes: list[tuple[str, bytes, bytes]]) -> None:
        """A group that is filled now and written later."""
        group = self.store.new_group()
        for change, key, other in changes:
            if change == "delete":
                group.delete(key)
            else:
                getattr(group, change)(key, other)
        self.pending = group, changes

    @precondition(lambda self: self.pending is not None)
    @rule()
    def write_what_was_prepared(self) -> None:
        assert self.pending is not None
        group, changes = self.pending
        self.pending = None
        self.store.write(group)
        for change in changes:
            _apply(self.entries, *change)

    @rule(keys=st.lists(_keys, max_size=5))
    def get_many(self, keys: list[bytes]) -> None:
        assert self.store.get_many(keys) == [self.entries.get(key) for key in keys]

    @rule(start=_keys, stop=_keys)
    def range(self, start: bytes, stop: bytes) -> None:
        found = _between(self.entries, start, stop)
        assert list(self.store.range(start, stop)) == found
        assert list(self.store.range(start, stop, reverse=True)) == found[::-1]
        values = [value for _, value in found]
        assert list(self.store.values(start, stop)) == values
        assert list(self.store.values(start, stop, reverse=True)) == values[::-1]

    @precondition(lambda self: len(self.views) < 3)
    @rule()
    def take_snapshot(self) -> None:
        self.views.append((self.store.snapshot(), dict(self.entries)))

    @precondition(lambda self: self.views)
    @rule(key=_keys, start=_keys, stop=_keys)
    def look_at_snapshots(self, key: bytes, start: bytes, stop: bytes) -> None:
        for view, entries in self.views:
            found = _between(entries, start, stop)
            assert view.get(key) == entries.get(key)
            assert list(view.range(start, stop)) == found
            assert list(view.range(start, stop, reverse=True)) == found[::-1]

    @precondition(lambda self: self.views)
    @rule(start=_keys, stop=_keys)
    def look_at_two_ranges_in_turn(self, start: bytes, stop: bytes) -> None:
        view, entries = self.views[-1]
        upwards, downwards = view.range(start, stop), view.range(b"", b"\xff" * 3, reverse=True)
        turns = list(zip_longest(upwards, downwards))
        assert [up for up, _ in turns if up is not None] == _between(entries, start, stop)
        assert [down for _, down in turns if down is not None] == sorted(entries.items())[::-1]

    @rule()
    def sync(self) -> None:
        self.store.sync()

    @invariant()
    def all_is_there_and_no_more(self) -> None:
        assert list(self.store.range(b"", b"\xff" * 3)) == sorted(self.entries.items())
        assert all(self.store.get(key) == value for key, value in self.entries.items())

    def teardown(self) -> None:
        self.views.clear()
        self.store.close()


class MemoryHistory(StoreHistory):
    @initialize()
    def open(self) -> None:
        self.store = MemoryStore()


class RocksHistory(StoreHistory):
    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pannier-test-"))
        self.store = RocksStore(self.folder)

    @rule()
    def open_again(self) -> None:
        """What was written stays; snapshots and groups of the old opening end with it."""
        self.views.clear()
        self.pending = None
        self.store.close()
        self.store = RocksStore(self.folder)

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.folder)


TestMemoryHistory = MemoryHistory.TestCase
TestMemoryHistory.settings = settings(deadline=None, max_examples=30, stateful_step_count=25)
TestRocksHistory = RocksHistory.TestCase
TestRocksHistory.settings = settings(deadline=None, max_examples=10, stateful_step_count=25)
