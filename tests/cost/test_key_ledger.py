"""The ledger gives back every change with what was before it, however it is spread over files."""

from hashlib import blake2b

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.cost.key_ledger import KEY_BYTES, Change, KeyLedger
from pannier.cost.write_cost import Entry, ItemState

STATES = st.one_of(
    st.none(),
    st.builds(
        ItemState,
        st.integers(0, 400 * 1024),
        st.tuples(
            st.one_of(
                st.none(),
                st.builds(
                    Entry,
                    st.integers(0, 400 * 1024),
                    st.binary(min_size=8, max_size=8),
                    st.binary(min_size=8, max_size=8),
                ),
            )
        ),
    ),
)


def digest(number: int) -> bytes:
    return blake2b(b"%d" % number, digest_size=KEY_BYTES).digest()


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 20), STATES), max_size=60),
    st.sampled_from([0, 100, 1 << 20]),
)
def test_what_was_before_is_what_the_change_before_has_made(
    writes: list[tuple[int, int, ItemState | None]], in_memory_bytes: int
) -> None:
    """Files are spread again until they fit: with 0 bytes, down to single keys."""
    changes = [Change(table, digest(number), state) for table, number, state in writes]
    known: dict[tuple[int, bytes], ItemState | None] = {}
    expected = []
    for change in changes:
        place = (change.table, change.key)
        expected.append((change, known.get(place), place not in known))
        known[place] = change.state
    with KeyLedger([1, 1], in_memory_bytes=in_memory_bytes) as ledger:
        for change in changes:
            ledger.note(change)
        found = list(ledger.by_key())
    assert sorted(map(repr, found)) == sorted(map(repr, expected))


def test_many_changes_go_through_files_on_disk() -> None:
    """More than the buffers hold; each key twice, far apart."""
    with KeyLedger([0], in_memory_bytes=20_000) as ledger:
        for size in (1, 2):
            for number in range(30_000):
                ledger.note(Change(0, digest(number), ItemState(size)))
        firsts = seconds = 0
        for change, old, is_first in ledger.by_key():
            firsts += is_first
            seconds += not is_first and old == ItemState(1) and change.state == ItemState(2)
    assert firsts == seconds == 30_000


def test_a_key_is_never_cut() -> None:
    """Tables with different numbers of indexes share the files."""
    wide = ItemState(5, (Entry(1, b"k" * 8, b"c" * 8), None, Entry(3, b"l" * 8, b"d" * 8)))
    with KeyLedger([3, 0]) as ledger:
        ledger.note(Change(0, digest(1), wide))
        ledger.note(Change(1, digest(1), ItemState(9)))
        ledger.note(Change(0, digest(1), None))
        found = list(ledger.by_key())
    assert [each[0] for each in found] == [
        Change(0, digest(1), wide), Change(1, digest(1), ItemState(9)), Change(0, digest(1), None),
    ]  # fmt: skip
    assert found[2][1] == wide
    with pytest.raises(ValueError, match="closed"):
        ledger.note(Change(0, digest(1), None))
