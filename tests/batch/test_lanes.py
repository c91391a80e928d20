"""One key, one lane: what may be sent, in which order, and what a later write does to an earlier.

A batch cannot hold a key twice, and two calls in flight take effect in any order. So a key that is
on its way holds later writes on it back, and of those that wait only the last is sent.
"""

from pannier.batch.prepared import PreparedWrite, prepare_write
from pannier.batch.writes.ordering import Lanes
from tests.batch.fake_service import OTHER, SCHEMA, put


def write(key: str, value: str = "", *, table: str = "shop") -> PreparedWrite:
    return prepare_write(put(key, value, table=table), SCHEMA)


def values(writes: list[PreparedWrite]) -> list[str]:
    return [each.operation.attributes["v"]["S"] for each in writes]


def test_writes_on_different_keys_are_offered_in_the_order_of_the_input() -> None:
    lanes = Lanes()
    for key in "cab":
        assert not lanes.add(write(key, key))
    assert values(list(lanes.peek())) == ["c", "a", "b"]
    assert lanes.ready == 3


def test_one_key_in_two_tables_is_two_lanes() -> None:
    lanes = Lanes()
    lanes.add(write("a", "1"))
    assert not lanes.add(write("a", "2", table=OTHER))
    assert values(list(lanes.peek())) == ["1", "2"]


def test_a_later_write_supersedes_one_that_waits() -> None:
    lanes = Lanes()
    assert not lanes.add(write("a", "old"))
    assert lanes.add(write("a", "new"))
    assert values(list(lanes.peek())) == ["new"]


def test_a_key_in_flight_holds_later_writes_back() -> None:
    lanes = Lanes()
    first = write("a", "1")
    lanes.add(first)
    lanes.depart([first])
    assert not lanes.add(write("a", "2")), "the first is on its way and may well take effect"
    assert lanes.add(write("a", "3")), "the second was never sent"
    assert lanes.ready == 0
    lanes.settle(first)
    assert values(list(lanes.peek())) == ["3"]


def test_what_is_given_back_goes_in_front() -> None:
    lanes = Lanes()
    first, second = write("a", "1"), write("b", "2")
    for each in (first, second, write("c", "3")):
        lanes.add(each)
    lanes.depart([first, second])
    assert lanes.give_back(second)
    assert values(list(lanes.peek())) == ["2", "3"]


def test_what_is_given_back_is_superseded_by_what_came_meanwhile() -> None:
    lanes = Lanes()
    first = write("a", "old")
    lanes.add(first)
    lanes.depart([first])
    lanes.add(write("a", "new"))
    assert not lanes.give_back(first), "sending it would only be overwritten"
    assert values(list(lanes.peek())) == ["new"]


def test_what_was_given_back_can_be_superseded_while_it_waits() -> None:
    lanes = Lanes()
    first = write("a", "old")
    lanes.add(first)
    lanes.depart([first])
    lanes.give_back(first)
    new = write("a", "new")
    assert lanes.add(new)
    assert values(list(lanes.peek())) == ["new"]
    assert lanes.depart([new]) == 0, "the new one was never on its way before"


def test_departing_tells_how_many_are_sent_again() -> None:
    lanes = Lanes()
    first, second = write("a", "1"), write("b", "2")
    lanes.add(first)
    assert lanes.depart([first]) == 0
    lanes.give_back(first)
    lanes.add(second)
    assert lanes.depart([first, second]) == 1


def test_a_superseded_write_stands_again_when_the_one_on_top_is_refused() -> None:
    """The refused write changes nothing, so the key must end as the one before it left it."""
    lanes = Lanes()
    poison = write("a", "poison")
    lanes.add(write("a", "good"))
    lanes.add(poison)
    lanes.depart([poison])
    assert lanes.drop(poison)
    assert values(list(lanes.peek())) == ["good"]


def test_a_superseded_write_does_not_come_back_when_the_one_on_top_took_effect() -> None:
    lanes = Lanes()
    new = write("a", "new")
    lanes.add(write("a", "old"))
    lanes.add(new)
    lanes.depart([new])
    lanes.settle(new)
    assert lanes.empty


def test_a_superseded_write_waits_beneath_the_one_that_was_held_back() -> None:
    """a, then poison in flight, then a held one: if that is poison as well, the first stands."""
    lanes = Lanes()
    poison, worse = write("a", "poison"), write("a", "worse")
    lanes.add(write("a", "good"))
    lanes.add(poison)
    lanes.depart([poison])
    lanes.add(worse)
    assert not lanes.drop(poison), "the held one supersedes the good one as well"
    assert values(list(lanes.peek())) == ["worse"]
    lanes.depart([worse])
    assert lanes.drop(worse)
    assert values(list(lanes.peek())) == ["good"]


def test_a_write_given_back_beneath_a_held_one_stands_again_too() -> None:
    """Left over, superseded by a later one, and that one is refused: the first must be sent."""
    lanes = Lanes()
    first, poison = write("a", "good"), write("a", "poison")
    lanes.add(first)
    lanes.depart([first])
    lanes.add(poison)
    lanes.give_back(first)
    lanes.depart([poison])
    assert lanes.drop(poison)
    assert values(list(lanes.peek())) == ["good"]


def test_superseded_writes_count_as_kept_because_they_take_memory() -> None:
    lanes = Lanes()
    for value in "123":
        lanes.add(write("a", value))
    assert (lanes.kept, lanes.ready) == (3, 1)
    (top,) = lanes.peek()
    lanes.depart([top])
    assert (lanes.kept, lanes.ready) == (2, 0)
    lanes.settle(top)
    assert lanes.kept == 0


def test_draining_takes_what_is_not_in_flight() -> None:
    lanes = Lanes()
    in_flight, returned = write("a", "in flight"), write("b", "returned")
    for each in (in_flight, returned, write("c", "pending")):
        lanes.add(each)
    lanes.depart([in_flight, returned])
    lanes.give_back(returned)
    lanes.add(write("a", "held"))
    assert sorted(values(lanes.drain())) == ["held", "pending", "returned"]
    assert not lanes.empty, "one is still in flight"
    lanes.settle(in_flight)
    assert lanes.empty
