"""What `write` reads: every arrangement of requests and items, and every record accounted for.

The law of all these tests: a record becomes an operation, or a failure with its place, or the whole
file is refused before anything is sent. Nothing disappears.
"""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.operation import Kind, Operation
from pannier.batch.report import Failure
from pannier.files.json_records import operations_of_request
from pannier.files.opening import FileError
from pannier.files.reading import read_writes
from pannier.files.source import ReadOptions

TABLE = "demo-ecommerce-freetier"
WORKSHOP = Path(__file__).parents[2] / "examples" / "workshop"

KEY = {"PK": {"S": "PRODUCT#1"}, "SK": {"S": "DETAILS"}}
ITEM = {**KEY, "price": {"N": "79"}}
PLAIN = {"PK": "PRODUCT#1", "SK": "DETAILS", "price": 79}
PUT = {"PutRequest": {"Item": ITEM}}
DELETE = {"DeleteRequest": {"Key": KEY}}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Operation | Failure]]:
    """Write a file and read it: bytes and texts as they are, anything else as JSON."""

    def write_and_read(
        content: Any, table: str | None = None, *, name: str = "input.json", form: Any = "auto"
    ) -> list[Operation | Failure]:
        if not isinstance(content, bytes | str):
            content = json.dumps(content, indent=2)
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_writes(str(path), ReadOptions(table, form)))

    return write_and_read


Read = Callable[..., list[Operation | Failure]]


def outline(records: list[Operation | Failure]) -> list[tuple[str, str, Any]]:
    """Table, kind and attributes of each; failures have the kind `parse`."""
    return [(record.table, str(record.kind), record.attributes) for record in records]


def lines_of(*records: Any) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


# The seed's files


def test_the_seed_s_batch_of_products() -> None:
    records = list(read_writes(str(WORKSHOP / "batch-products.json")))
    assert [(record.table, record.kind) for record in records] == [(TABLE, Kind.PUT)] * 3
    assert [record.attributes["PK"]["S"] for record in records] == [
        "PRODUCT#batch-laptop-001",
        "PRODUCT#batch-mouse-002",
        "PRODUCT#batch-keyboard-003",
    ]
    assert records[0].attributes["price"] == {"N": "1299"}
    assert len(records[0].attributes) == 9


def test_the_seed_s_mixed_batch_keeps_its_order() -> None:
    put, delete = read_writes("file://" + str(WORKSHOP / "mixed-batch.json"))
    assert (put.kind, delete.kind) == (Kind.PUT, Kind.DELETE)
    assert delete.attributes == {"PK": {"S": "PRODUCT#batch-mouse-002"}, "SK": {"S": "DETAILS"}}


def test_the_seed_s_large_batch_is_no_matter_here() -> None:
    records = list(read_writes(str(WORKSHOP / "large-batch.json")))
    assert [record.attributes["PK"]["S"] for record in records] == [
        f"PRODUCT#batch-test-{number}" for number in range(1, 31)
    ]


# Requests


def test_a_request_over_several_tables(read: Read) -> None:
    records = read({"one": [PUT, DELETE], "two": [DELETE]})
    assert outline(records) == [
        ("one", "put", ITEM),
        ("one", "delete", KEY),
        ("two", "delete", KEY),
    ]
    assert [record.origin.position for record in records] == [1, 2, 3]
    assert all(record.origin.unit == "request" for record in records)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_request_in_any_writing(read: Read, indent: int | None, ending: str, bom: str) -> None:
    """On one line or many, from any editor, inside `RequestItems` or not, with a table or not."""
    for request in ({"T": [PUT, DELETE]}, {"RequestItems": {"T": [PUT, DELETE]}}):
        text = bom + json.dumps(request, indent=indent).replace("\n", ending) + ending
        for table in (None, "another"):
            assert outline(read(text, table)) == [("T", "put", ITEM), ("T", "delete", KEY)]


@pytest.mark.parametrize("indent", [None, 2])
def test_several_documents_one_after_another(read: Read, indent: int | None) -> None:
    documents = [{"one": [PUT]}, {"RequestItems": {"two": [DELETE]}}, {"one": [DELETE]}]
    text = "\n".join(json.dumps(document, indent=indent) for document in documents)
    records = read(text)
    assert outline(records) == [
        ("one", "put", ITEM),
        ("two", "delete", KEY),
        ("one", "delete", KEY),
    ]
    assert len({str(record.origin) for record in records}) == 3  # each can be found again


def test_an_empty_list_of_requests_is_no_request(read: Read) -> None:
    assert read({"T": []}) == []
    assert read({"T": [], "U": [PUT]})[0].table == "U"


@pytest.mark.parametrize(
    "request_of_no_kind",
    [
        {},
        {"PutRequest": {}},
        {"PutRequest": {"Item": []}},
        {"PutRequest": {"Key": KEY}},
        {"DeleteRequest": {"Item": ITEM}},
        {"PutRequest": {"Item": ITEM, "More": 1}},
        {"PutRequest": {"Item": ITEM}, "DeleteRequest": {"Key": KEY}},
        {"UpdateRequest": {"Key": KEY}},
        {"PutRequest": None},
        ITEM,
        None,
        5,
        "PutRequest",
        [PUT],
    ],
)
def test_a_request_of_no_kind_is_a_failure_and_the_others_go_on(
    read: Read, request_of_no_kind: Any
) -> None:
    records = read({"T": [PUT, request_of_no_kind, DELETE]})
    assert outline(records) == [
        ("T", "put", ITEM),
        ("T", "parse", request_of_no_kind),
        ("T", "delete", KEY),
    ]
    failure = records[1]
    assert isinstance(failure, Failure)
    assert "a request must be" in failure.reason
    assert (failure.origin.unit, failure.origin.position) == ("request", 2)


# Items


@pytest.mark.parametrize("name", ["items.json", "items.jsonl", "items.ndjson", "items"])
@pytest.mark.parametrize("item", [ITEM, PLAIN, {"Item": ITEM}])
def test_items_on_lines(read: Read, name: str, item: Any) -> None:
    """DynamoDB JSON, plain JSON and an export, whatever the file is called."""
    records = read(lines_of(item, item), "T", name=name)
    assert outline(records) == [("T", "put", ITEM), ("T", "put", ITEM)]
    assert [(record.origin.unit, record.origin.position) for record in records] == [
        ("line", 1),
        ("line", 2),
    ]


@pytest.mark.parametrize("content", [[PLAIN, PLAIN], [ITEM, ITEM]])
@pytest.mark.parametrize("indent", [None, 2])
def test_items_in_an_array(read: Read, content: Any, indent: int | None) -> None:
    records = read(json.dumps(content, indent=indent), "T")
    assert outline(records) == [("T", "put", ITEM), ("T", "put", ITEM)]
    assert [(record.origin.unit, record.origin.position) for record in records] == [
        ("item", 1),
        ("item", 2),
    ]


def test_a_single_item_and_several_over_many_lines(read: Read) -> None:
    text = json.dumps(PLAIN, indent=2)
    assert outline(read(text, "T")) == [("T", "put", ITEM)]
    assert outline(read(text + "\n" + text, "T")) == [("T", "put", ITEM)] * 2


def test_requests_on_lines(read: Read) -> None:
    """A single request needs the table to be named, a whole one names it itself."""
    records = read(lines_of(PUT, DELETE, {"U": [PUT, DELETE]}), "T")
    assert outline(records) == [
        ("T", "put", ITEM),
        ("T", "delete", KEY),
        ("U", "put", ITEM),
        ("U", "delete", KEY),
    ]
    assert len({str(record.origin) for record in records}) == 4
    assert outline(read([PUT, DELETE], "T")) == [("T", "put", ITEM), ("T", "delete", KEY)]


def test_numbers_keep_all_their_digits(read: Read) -> None:
    digits = "12345678901234567890123456789012345678"
    for text in (f'{{"n": {digits}, "m": 0.{digits}}}', f'{{"n":\n{digits}, "m": 0.{digits}}}'):
        ((_, _, item),) = outline(read(text, "T"))
        assert item == {"n": {"N": digits}, "m": {"N": "0." + digits}}


def test_the_form_of_items_can_be_said(read: Read) -> None:
    ((_, _, item),) = outline(read(lines_of({"a": {"S": "x"}}), "T", form="plain"))
    assert item == {"a": {"M": {"S": {"S": "x"}}}}
    ((_, kind, _),) = outline(read(lines_of(PLAIN), "T", form="dynamodb"))
    assert kind == "parse"


@pytest.mark.parametrize("start", ["", "\ufeff", "\ufeff  "])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_bad_line_is_a_failure_and_the_others_go_on(read: Read, start: str, ending: str) -> None:
    """Also where an editor has put a byte order mark in front of the first line."""
    broken = ['{"PK": ', "nonsense", '{"n": NaN}', "5", "{}", '{"n": 1e500}']
    text = start + ending.join([json.dumps(PLAIN), "", *broken, json.dumps(PLAIN)])
    records = read(text, "T")
    assert [record.kind for record in records] == ["put", *["parse"] * len(broken), "put"]
    assert [record.origin.position for record in records] == [1, 3, 4, 5, 6, 7, 8, 9]
    for record, line in zip(records[1:3], broken, strict=False):
        assert isinstance(record, Failure)
        assert record.attributes == line.strip()  # to be corrected and sent again


def test_an_element_of_an_array_that_is_no_item(read: Read) -> None:
    records = read([PLAIN, 5, None, "x", {}, PLAIN], "T")
    assert [record.kind for record in records] == ["put", *["parse"] * 4, "put"]
    assert [record.attributes for record in records[1:5]] == [5, None, "x", {}]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "item", [{"tags": []}, {"tags": [1, 2], "more": []}, {"tags": [{"a": 1}]}, {"tags": ["x"]}]
)
def test_an_item_of_lists_is_not_taken_for_a_request(
    read: Read, item: Any, indent: int | None
) -> None:
    """It has no key, and the service's checks will say so; but it must not vanish."""
    (record,) = read(json.dumps(item, indent=indent), "T")
    assert (record.table, record.kind) == ("T", Kind.PUT)
    assert set(record.attributes) == set(item)


_records = st.one_of(
    st.just(PUT),
    st.just(DELETE),
    st.just(ITEM),
    st.just(PLAIN),
    st.dictionaries(
        st.sampled_from(["PK", "PutRequest", "Item", "RequestItems", "T"]),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=2),
                st.dictionaries(st.sampled_from(["PK", "S", "Item", "Keys"]), inner, max_size=2),
            ),
            max_leaves=4,
        ),
        min_size=1,
        max_size=2,
    ),
)


@settings(deadline=None, max_examples=120)
@given(records=st.lists(_records, min_size=1, max_size=4), table=st.sampled_from([None, "T"]))
def test_any_json_lines_are_accounted_for_or_refused(
    tmp_path_factory: pytest.TempPathFactory, records: list[Any], table: str | None
) -> None:
    """Each line gives an operation or failure, except a whole request that lists nothing."""
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_text(lines_of(*records))
    try:
        read = list(read_writes(str(path), ReadOptions(table)))
    except FileError:
        assert table is None
        return
    for position, record in enumerate(records, start=1):
        tables = record.get("RequestItems", record)
        is_request = table is None or "RequestItems" in record
        lists_nothing = isinstance(tables, dict) and not any(tables.values())
        assert (is_request and lists_nothing) or any(
            position in (each.origin.line, each.origin.position) for each in read
        )


# Files that are refused as a whole


def refusal(read: Read, content: Any, *arguments: Any, **options: Any) -> FileError:
    with pytest.raises(FileError) as caught:
        read(content, *arguments, **options)
    return caught.value


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("content", [{"a": 1}, PLAIN, ITEM, [PLAIN], {"T": PUT}, PUT, {}, 5, "x"])
def test_json_that_names_no_table_and_is_no_request(
    read: Read, content: Any, indent: int | None
) -> None:
    error = refusal(read, json.dumps(content, indent=indent))
    assert error.message.endswith("input.json is JSON, but no write request")
    assert "It should look like" in error.advice
    assert "--table NAME" in error.advice


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_read_request_is_recognised(read: Read, indent: int | None, wrapped: bool) -> None:
    request: Any = {"T": {"Keys": [KEY]}}
    request = {"RequestItems": request} if wrapped else request
    error = refusal(read, json.dumps(request, indent=indent))
    assert error.message.endswith("input.json is a read request")
    assert error.advice.startswith("Read it with: pannier get ")


def test_the_seed_s_read_request_is_recognised() -> None:
    with pytest.raises(FileError, match="is a read request"):
        list(read_writes(str(WORKSHOP / "batch-get.json")))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("nonsense", "line 1, column 1"),
        ('{"a": 1,}', "line 1, column 9"),
        ('{"a":\n  oops}', "line 2, column 3"),
        ('{"T" [', "line 1, column 6"),
        ("{'T': []}", "line 1, column 2"),
        ('{"T": [', "line 1, column 8"),
        ('["a', "line 1, column 2"),
        ("[", "line 1, column 2"),
    ],
)
def test_a_file_that_is_no_json_is_shown_by_line_and_column(
    read: Read, content: str, place: str
) -> None:
    error = refusal(read, content)
    assert f"input.json, {place}: " in error.message
    assert "Near: " in error.advice


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_an_empty_file(read: Read, content: str) -> None:
    assert refusal(read, content, "T").message.endswith("input.json is empty")
    assert read(content, "T", name="no-items.jsonl") == []  # a list of no items is a list


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no file"):
        list(read_writes(str(tmp_path / "no.json")))
    with pytest.raises(FileError, match="is a folder"):
        list(read_writes(str(tmp_path)))


# Pipes


def test_a_pipe(piped: Callable[..., None]) -> None:
    piped(lines_of(PLAIN).encode(), lines_of(PLAIN, 5).encode())
    records = list(read_writes("-", ReadOptions("T")))
    assert outline(records) == [("T", "put", ITEM), ("T", "put", ITEM), ("T", "parse", 5)]
    assert records[2].origin.source == "standard input"


def test_a_request_through_a_pipe(piped: Callable[..., None]) -> None:
    piped((WORKSHOP / "batch-products.json").read_bytes())
    assert len(list(read_writes("-"))) == 3


def test_a_first_line_that_comes_in_pieces_is_one_line(piped: Callable[..., None]) -> None:
    """An item of 300 KB is several times what a pipe holds; what follows must still be lines.

    If it were taken for a document, one bad line would refuse all the others, and nothing could be
    sent before the last had come.
    """
    large = {"PK": "large", "text": "x" * 300_000}
    piped(lines_of(large)[:10].encode(), (lines_of(large)[10:] + "nonsense\n").encode())
    records = list(read_writes("-", ReadOptions("T")))
    assert [record.kind for record in records] == ["put", "parse"]


def test_lines_are_read_as_they_come(piped: Callable[..., None]) -> None:
    """A source that never ends can be written: no record waits for the end of the others."""
    seen = threading.Event()
    in_time: list[bool] = []
    line = lines_of(PLAIN).encode()
    piped(line, lambda: in_time.append(seen.wait(10)), line)
    records = read_writes("-", ReadOptions("T"))
    next(records)
    seen.set()
    assert len(list(records)) == 1
    assert in_time == [True]


# Requests that are decoded already


def test_the_operations_of_a_decoded_request() -> None:
    assert outline(list(operations_of_request({"T": [PUT, 5]}, "here"))) == [
        ("T", "put", ITEM),
        ("T", "parse", 5),
    ]
    wrapped = {"RequestItems": {"T": [DELETE]}, "ReturnConsumedCapacity": "TOTAL"}
    assert outline(list(operations_of_request(wrapped, "here"))) == [("T", "delete", KEY)]


@pytest.mark.parametrize("value", [{}, [], None, 5, "x", [PUT], PLAIN, {"T": PUT}])
def test_a_decoded_value_that_is_no_request(value: Any) -> None:
    with pytest.raises(FileError, match="here is JSON, but no write request"):
        operations_of_request(value, "here")


def test_a_decoded_read_request() -> None:
    with pytest.raises(FileError, match="here is a read request"):
        operations_of_request({"T": {"Keys": [KEY]}}, "here")


@pytest.mark.parametrize(
    "text",
    [
        f'{{"T": [{json.dumps(PUT)}], "T": [{json.dumps(DELETE)}]}}',
        f'{{\n"T": [{json.dumps(PUT)}],\n"T": [{json.dumps(DELETE)}]}}',
    ],
    ids=["one line", "several lines"],
)
def test_a_table_named_twice_loses_nothing_in_silence(tmp_path: Path, text: str) -> None:
    """JSON parsers keep the last of two members of one name; the first would be lost."""
    file = tmp_path / "request.json"
    file.write_text(text)
    assert outline(list(read_writes(str(file)))) == [("T", "put", ITEM), ("T", "delete", KEY)]


def test_a_number_too_small_for_a_float_on_the_first_line_behind_a_mark(read: Read) -> None:
    """Zeros are looked at again in the text that they came from, which must not hold the mark."""
    (failure,) = read('\ufeff{"PK": "a", "n": 1e-400}\n', TABLE, name="x.jsonl")
    assert "Number underflow" in failure.reason
    (put,) = read('\ufeff{"PK": "a", "n": 1e-129}\n', TABLE, name="x.jsonl")
    assert put.attributes["n"] == {"N": "0." + "0" * 128 + "1"}


def test_lines_in_another_encoding_are_failures(read: Read) -> None:
    """A parser that guesses would take them for UTF-16, and the file for something else."""
    found = read(lines_of(ITEM).encode() + '{"a": "b"}'.encode("utf-16-le") + b"\n", TABLE)
    assert [record.kind for record in found] == [Kind.PUT, "parse"]


def test_a_line_longer_than_any_request_is_a_failure(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("json_lines", "inputs"):
        monkeypatch.setattr(f"pannier.files.{module}.LINE_BYTES_MAX", 300_000)
    long = '{"PK": "' + "x" * 1_000_000 + '"}\n'
    first, failure, last = read(lines_of(PLAIN) + long + lines_of(PLAIN), TABLE, name="x.jsonl")
    assert (first.attributes, last.attributes) == (ITEM, ITEM)
    assert (failure.reason, failure.origin.position) == ("the line is longer than 16 MiB", 2)
    assert len(failure.attributes) < 5000
    assert last.origin.position == 3


def test_a_list_of_an_empty_object_is_an_item_where_a_table_is_named(read: Read) -> None:
    (put,) = read('{"a": [{}]}\n', TABLE, name="x.jsonl")
    assert put.attributes == {"a": {"L": [{"M": {}}]}}
