"""What callers give: in pieces of some hundreds, and nothing of it lost when the source breaks."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from pannier.batch.operation import NOWHERE, Kind, Operation
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read import Key
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.library.conversions import to_keys, to_operations
from pannier.library.inputs import chunks, chunks_async, table_options


def breaking(count: int) -> Iterator[int]:
    yield from range(count)
    raise RuntimeError("the source broke")


async def breaking_async(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number
    raise RuntimeError("the source broke")


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1000, 1234])
def test_a_source_comes_whole_and_in_order(count: int) -> None:
    pieces = list(chunks(range(count)))
    assert [number for piece in pieces for number in piece] == list(range(count))
    assert all(0 < len(piece) <= 500 for piece in pieces)


@pytest.mark.parametrize("count", [0, 3, 500, 777])
def test_what_came_before_an_exception_comes_before_it_here(count: int) -> None:
    pieces = chunks(breaking(count))
    taken: list[int] = []
    with pytest.raises(RuntimeError, match="the source broke"):
        taken.extend(number for piece in pieces for number in piece)
    assert taken == list(range(count))


@pytest.mark.parametrize("count", [0, 3, 500, 777])
def test_the_same_holds_for_an_asynchronous_source(count: int) -> None:
    taken: list[int] = []

    async def take() -> None:
        async for piece in chunks_async(breaking_async(count)):
            taken.extend(piece)

    with pytest.raises(RuntimeError, match="the source broke"):
        asyncio.run(take())
    assert taken == list(range(count))


def test_a_source_is_not_read_ahead_of_the_chunk() -> None:
    """It may have no end."""
    taken = []

    def endless() -> Iterator[int]:
        number = 0
        while True:
            taken.append(number)
            yield number
            number += 1

    next(chunks(endless()))
    assert len(taken) == 500


def test_an_interrupt_in_the_source_is_not_held_back() -> None:
    def interrupted() -> Iterator[int]:
        yield 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(chunks(interrupted()))


def test_plain_items_become_puts_that_know_their_place() -> None:
    (operation,) = to_operations([{"PK": "a", "price": 1}], table="shop", before=41)
    assert isinstance(operation, Operation)
    assert (operation.table, operation.kind) == ("shop", Kind.PUT)
    assert operation.attributes == {"PK": {"S": "a"}, "price": {"N": "1"}}
    assert str(operation.origin) == "input, item 42"


def test_operations_keys_and_failures_pass_as_they_are() -> None:
    operation = Operation.delete("shop", {"PK": {"S": "a"}})
    failure = Failure("", "parse", "x", "no", NOWHERE)
    assert list(to_operations([operation, failure], table=None, before=0)) == [operation, failure]
    key = Key("shop", {"PK": {"S": "a"}})
    assert list(to_keys([key, failure], None)) == [key, failure]


def test_plain_values_need_a_table() -> None:
    with pytest.raises(UserError, match="plain items need a table") as caught:
        list(to_operations([{"PK": "a"}], table=None, before=0))
    assert "table=NAME" in caught.value.advice
    with pytest.raises(UserError, match="plain keys need a table"):
        list(to_keys([{"PK": "a"}], None))


def test_a_projection_is_a_text_or_made_by_the_caller() -> None:
    assert table_options(None, consistent=True).consistent
    assert table_options(None, consistent=False).projection == Projection()
    assert table_options("name", consistent=False).projection == Projection("#p0", {"#p0": "name"})
    own = Projection("#n", {"#n": "name"})
    assert table_options(own, consistent=False).projection is own
