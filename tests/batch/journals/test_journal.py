"""The journal's memory: which elements of the input are open, and that it stays small.

Whatever it says is done is never sent again, and whatever it says is open is. So it must never
say too much, and a job that goes on must find in it exactly what another one left.
"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.batch.journals.journal import Journal, from_ranges, to_ranges
from pannier.batch.prepared import PreparedWrite, prepare_write
from tests.batch.fake_service import SCHEMA, delete, put


def write(number: int, *, is_delete: bool = False) -> PreparedWrite:
    return prepare_write(delete("a") if is_delete else put("a"), SCHEMA, number)


@given(st.sets(st.integers(1, 300)))
def test_ranges_are_a_round_trip(numbers: set[int]) -> None:
    assert set(from_ranges(to_ranges(numbers))) == numbers


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([7], "7"), ([3, 4], "3-4"), ([40, 3, 8, 7, 9], "3,7-9,40")],
)
def test_ranges_can_be_read(numbers: list[int], text: str) -> None:
    assert to_ranges(numbers) == text


@pytest.mark.parametrize("text", ["x", "1-", "1,,2", "-"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(from_ranges(text.replace("1-", "1-x")))


def test_elements_are_numbered_from_one_and_open_until_they_are_done() -> None:
    journal = Journal()
    assert [journal.take() for _ in range(3)] == [1, 2, 3]
    assert (journal.open, journal.done, journal.done_up_to) == (3, 0, 0)
    journal.failed(2)
    assert (journal.open, journal.done, journal.done_up_to) == (2, 1, 0)
    journal.applied([write(1)])
    assert (journal.open, journal.done, journal.done_up_to) == (1, 2, 2)
    journal.applied([write(3, is_delete=True)])
    assert (journal.open, journal.done, journal.done_up_to) == (0, 3, 3)
    assert journal.counts["written"] == journal.counts["deleted"] == journal.counts["failed"] == 1


def test_what_a_write_has_superseded_is_done_with_it_and_in_the_same_moment() -> None:
    """Else a crash in between would send the earlier one after the later one had its effect."""
    journal = Journal()
    states = []
    journal.on_change = lambda: states.append(journal.open)
    for _ in range(3):
        journal.take()
    journal.applied([write(1), write(2), write(3)])
    assert states == [0]
    assert (journal.counts["superseded"], journal.counts["written"]) == (2, 1)


def test_a_job_that_goes_on_takes_only_what_is_open() -> None:
    journal = Journal()
    for _ in range(5):
        journal.take()
    journal.answered([1, 2, 4], "found")
    again = Journal.restored(journal.state())
    assert [again.take() for _ in range(7)] == [0, 0, 3, 0, 5, 6, 7]
    assert again.done == 3


def test_a_change_is_told_once_between_two_records() -> None:
    journal = Journal()
    told = []
    journal.on_change = lambda: told.append(journal.done)
    for _ in range(4):
        journal.take()
    assert told == [], "to take something is no change: it is not done, as before"
    journal.failed(1)
    journal.failed(2)
    assert told == [1]
    journal.state()
    journal.failed(3)
    assert told == [1, 3]


@pytest.mark.parametrize(
    "state",
    [
        {"taken_up_to": 3, "open": "4", "counts": {"written": 2}},
        {"taken_up_to": 3, "open": "0", "counts": {"written": 2}},
        {"taken_up_to": 3, "open": "1", "counts": {"written": 3}},
        {"taken_up_to": 3, "open": "one", "counts": {"written": 2}},
    ],
)
def test_a_state_that_contradicts_itself_is_refused(state: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"open|counts|literal"):
        Journal.restored(state)


def test_the_state_is_small_however_long_the_input_is_and_one_stuck_element_changes_nothing() -> (
    None
):
    """A million elements with the first one never done, in the window that a job keeps."""
    journal, chance = Journal(), random.Random(1)
    waiting: list[int] = []
    journal.take()
    for _ in range(1_000_000):
        waiting.append(journal.take())
        if len(waiting) >= 2000:
            place = chance.randrange(len(waiting))
            waiting[place], waiting[-1] = waiting[-1], waiting[place]
            journal.failed(waiting.pop())
    state = journal.state()
    assert state["open"].startswith("1,")
    assert len(state["open"]) < 20_000
    assert Journal.restored(state).open == journal.open == len(waiting) + 1
