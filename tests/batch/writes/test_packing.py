"""Full legal batches: 25 writes or 100 keys, 16 MB of JSON, any number of tables.

One operation too many, or one byte, and the service refuses the whole call.
"""

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.operation import Operation
from pannier.batch.prepared import Prepared, prepare_write
from pannier.batch.writes.packing import encode_by_table, fill, halves
from pannier.batch.writes.write_batch import WriteBatch
from pannier.limits import BATCH_WRITE_OPERATIONS_MAX, MIB, REQUEST_BYTES_MAX
from tests.batch.fake_service import OTHER, SCHEMA, put


def parcels(count: int, size_bytes: int = 10) -> list[Prepared]:
    return [Prepared("shop", b"%d" % number, size_bytes, 1.0) for number in range(count)]


def test_a_batch_is_filled_to_its_count() -> None:
    assert len(fill(parcels(30), 25)) == 25
    assert len(fill(parcels(24), 25)) == 24
    assert len(fill(parcels(101), 100)) == 100
    assert fill([], 25) == []


def test_the_candidates_in_front_go_first() -> None:
    candidates = parcels(30)
    assert fill(candidates, 25) == candidates[:25]


def test_a_batch_stays_below_16_megabytes() -> None:
    candidates = parcels(25, MIB)
    batch = fill(candidates, 25)
    assert len(batch) == 15, "the sixteenth megabyte would leave no room for the rest"
    assert batch == candidates[:15]


def test_the_names_of_many_tables_are_counted_too() -> None:
    """25 operations that would just fit, if their tables' names of 255 characters did not count."""
    payload_bytes = (REQUEST_BYTES_MAX - 5000) // 25
    frame_bytes = len(prepare_write(put("00"), SCHEMA).payload)
    text = '"' * ((payload_bytes - frame_bytes) // 2)  # two bytes in JSON, one in the item
    writes = [
        prepare_write(put(f"{number:02}", text, table=f"{number:02}".ljust(255, "t")), SCHEMA)
        for number in range(25)
    ]
    assert sum(len(each.payload) for each in writes) < REQUEST_BYTES_MAX - 4096
    batch = fill(writes, 25)
    assert len(WriteBatch(batch).body) <= REQUEST_BYTES_MAX


def test_an_operation_that_fills_a_batch_alone_is_sent_alone() -> None:
    """Nothing may be stuck because it is too large: the service shall say so."""
    (huge,) = parcels(1, REQUEST_BYTES_MAX + 1)
    assert fill([huge, *parcels(1)], 25) == [huge]


@settings(derandomize=True, deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([10, 1000, 300_000, 390_000])),
        min_size=1,
        max_size=60,
    )
)
def test_every_batch_is_legal_whatever_the_sizes_and_tables(writes: list[tuple[int, int]]) -> None:
    """The estimate of a batch's size must never be below its real size."""
    tables = ["shop", "s" * 255, "stock", "a.b-c_d" * 30]
    quotes = '"'  # one byte for the item, two in JSON: the JSON may be larger than the item
    waiting = [
        prepare_write(put(str(number), quotes * size, table=tables[table]), SCHEMA)
        for number, (table, size) in enumerate(writes)
    ]
    total = len(waiting)
    sent = 0
    while waiting:
        batch = fill(waiting, BATCH_WRITE_OPERATIONS_MAX)
        assert 1 <= len(batch) <= 25
        assert len(WriteBatch(batch).body) <= REQUEST_BYTES_MAX
        del waiting[: len(batch)]
        sent += len(batch)
    assert sent == total


def test_operations_on_several_tables_share_a_batch() -> None:
    writes = [
        prepare_write(operation, SCHEMA)
        for operation in (
            put("a", "1"),
            put("a", "2", table=OTHER),
            Operation.delete("shop", {"PK": {"S": "b"}}),
        )
    ]
    request = orjson.loads(WriteBatch(writes).body)
    assert request == {
        "RequestItems": {
            "shop": [
                {"PutRequest": {"Item": {"PK": {"S": "a"}, "v": {"S": "1"}}}},
                {"DeleteRequest": {"Key": {"PK": {"S": "b"}}}},
            ],
            "stock": [{"PutRequest": {"Item": {"PK": {"S": "a"}, "v": {"S": "2"}}}}],
        },
        "ReturnConsumedCapacity": "INDEXES",
    }


def test_a_table_name_is_escaped_as_json() -> None:
    assert orjson.loads(encode_by_table([('a"b', b"1"), ('a"b', b"2")])) == {'a"b': [1, 2]}


def test_halves_keep_every_operation_and_the_order() -> None:
    for count in range(2, 26):
        batch = parcels(count)
        first, second = halves(batch)
        assert first
        assert second
        assert first + second == batch
        assert abs(len(first) - len(second)) <= 1
