"""What `get` reads: requests with their projections, keys on lines, and what is neither."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Failure
from pannier.files.opening import FileError
from pannier.files.read_requests import ReadSource, keys_of_request, read_keys
from pannier.files.source import ReadOptions

TABLE = "demo-ecommerce-freetier"
WORKSHOP = Path(__file__).parents[2] / "examples" / "workshop"

KEY = {"PK": {"S": "PRODUCT#1"}, "SK": {"S": "DETAILS"}}
OTHER = {"PK": {"S": "PRODUCT#2"}, "SK": {"S": "DETAILS"}}
PLAIN = {"PK": "PRODUCT#1", "SK": "DETAILS"}

Read = Callable[..., ReadSource]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a file and read it: texts as they are, anything else as JSON over many lines."""

    def write_and_read(content: Any, table: str | None = None, form: Any = "auto") -> ReadSource:
        text = content if isinstance(content, str) else json.dumps(content, indent=2)
        (tmp_path / "keys.json").write_text(text)
        return read_keys(str(tmp_path / "keys.json"), ReadOptions(table, form))

    return write_and_read


def outline(source: ReadSource) -> list[tuple[str, Any]]:
    return [(key.table, key.attributes) for key in source.keys]


def refusal(read: Read, content: Any) -> FileError:
    with pytest.raises(FileError) as caught:
        read(content)
    return caught.value


# The seed's files


def test_the_seed_s_request() -> None:
    source = read_keys(str(WORKSHOP / "batch-get.json"))
    assert [key.attributes["PK"]["S"] for key in source.keys] == [
        "PRODUCT#batch-laptop-001",
        "PRODUCT#batch-mouse-002",
        "PRODUCT#batch-keyboard-003",
    ]
    assert source.tables == {TABLE: TableOptions()}


def test_the_seed_s_request_with_a_projection() -> None:
    source = read_keys("file://" + str(WORKSHOP / "batch-get-projection.json"))
    assert len(list(source.keys)) == 3
    projection = source.tables[TABLE].projection
    assert projection.expression == "PK, SK, #n, price, stock"
    assert projection.names == {"#n": "name"}
    assert source.tables[TABLE].consistent is False


# Requests


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_request_over_several_tables(read: Read, wrapped: bool) -> None:
    request: Any = {"one": {"Keys": [KEY, OTHER], "ConsistentRead": True}, "two": {"Keys": [KEY]}}
    source = read({"RequestItems": request} if wrapped else request)
    assert outline(source) == [("one", KEY), ("one", OTHER), ("two", KEY)]
    assert source.tables["one"].consistent is True
    assert source.tables["two"].consistent is False


def test_several_documents_one_after_another(read: Read) -> None:
    documents = [{"T": {"Keys": [KEY]}}, {"T": {"Keys": [OTHER]}}, {"U": {"Keys": [KEY]}}]
    source = read("\n".join(map(json.dumps, documents)))
    assert outline(source) == [("T", KEY), ("T", OTHER), ("U", KEY)]
    assert set(source.tables) == {"T", "U"}


def test_one_table_asked_for_in_two_ways_is_refused(read: Read) -> None:
    """Its keys are read together; one of the two projections would be lost silently."""
    documents = [
        {"T": {"Keys": [KEY], "ProjectionExpression": "PK"}},
        {"T": {"Keys": [OTHER]}},
    ]
    error = refusal(read, "\n".join(map(json.dumps, documents)))
    assert "asks for T in two different ways" in error.message
    assert error.advice


def test_the_older_list_of_attributes_becomes_a_projection(read: Read) -> None:
    """Reserved words may stand in it, so every name gets a placeholder."""
    source = read({"T": {"Keys": [KEY], "AttributesToGet": ["PK", "name", "a.b"]}})
    projection = source.tables["T"].projection
    assert projection.expression == "#a0, #a1, #a2"
    assert projection.names == {"#a0": "PK", "#a1": "name", "#a2": "a.b"}
    assert read({"T": {"Keys": [KEY], "AttributesToGet": []}}).tables["T"] == TableOptions()


@pytest.mark.parametrize("key", [None, 5, "PRODUCT#1", [KEY]])
def test_a_key_that_is_no_object_is_a_failure_and_the_others_go_on(read: Read, key: Any) -> None:
    first, failure, last = read({"T": {"Keys": [KEY, key, OTHER]}}).keys
    assert isinstance(first, Key)
    assert isinstance(last, Key)
    assert isinstance(failure, Failure)
    assert (failure.table, failure.kind, failure.attributes) == ("T", "parse", key)
    assert failure.reason == "a key must be an object"
    assert failure.origin.position == 2


@pytest.mark.parametrize("content", [[], [KEY], {}, 5, '"x"', None, {"RequestItems": []}])
def test_json_that_is_no_read_request(read: Read, content: Any) -> None:
    error = refusal(read, content)
    assert error.message.endswith("keys.json is JSON, but no read request")
    assert "It should look like" in error.advice


@pytest.mark.parametrize("content", [{"T": []}, {"T": [{"PutRequest": {"Item": KEY}}]}])
def test_a_write_request_is_recognised(read: Read, content: Any) -> None:
    error = refusal(read, content)
    assert error.message.endswith("keys.json is a write request")
    assert error.advice.startswith("Write it with: pannier write ")


@pytest.mark.parametrize("request_of_a_table", [{}, KEY, 5, None, {"Keys": KEY}, {"Keys": None}])
def test_a_table_without_a_list_of_keys(read: Read, request_of_a_table: Any) -> None:
    error = refusal(read, {"T": request_of_a_table})
    assert error.message.endswith("keys.json: T has no list of Keys")
    assert "--table NAME" in error.advice


def test_an_unknown_member_is_named(read: Read) -> None:
    """A misspelled projection must not read whole items instead."""
    error = refusal(read, {"T": {"Keys": [KEY], "ProjectionExpresion": "PK"}})
    assert "T has an unknown member ProjectionExpresion" in error.message


@pytest.mark.parametrize(
    ("member", "value", "shape"),
    [
        ("ProjectionExpression", 5, "a text"),
        ("ProjectionExpression", ["PK"], "a text"),
        ("ExpressionAttributeNames", ["#n"], "an object of names"),
        ("ExpressionAttributeNames", {"#n": 5}, "an object of names"),
        ("AttributesToGet", "PK", "a list of names"),
        ("AttributesToGet", [5], "a list of names"),
        ("ConsistentRead", "true", "true or false"),
        ("ConsistentRead", 1, "true or false"),
    ],
)
def test_a_member_of_the_wrong_type_is_named(
    read: Read, member: str, value: Any, shape: str
) -> None:
    """`"ConsistentRead": "true"` must not become an eventually consistent read."""
    error = refusal(read, {"T": {"Keys": [KEY], member: value}})
    assert error.message.endswith(f"T: {member} must be {shape}")
    with pytest.raises(FileError):
        keys_of_request({"T": {"Keys": [KEY], member: value}}, "here")


def test_two_kinds_of_projection_at_once_are_refused(read: Read) -> None:
    error = refusal(
        read, {"T": {"Keys": [KEY], "ProjectionExpression": "PK", "AttributesToGet": ["SK"]}}
    )
    assert "T has both a ProjectionExpression and AttributesToGet" in error.message


def test_members_that_are_null_are_not_there(read: Read) -> None:
    request = {"Keys": [KEY], "ProjectionExpression": None, "ConsistentRead": None}
    assert read({"T": request}).tables == {"T": TableOptions()}


def test_broken_and_empty_files(read: Read) -> None:
    assert "line 2, column 1: this is not JSON" in refusal(read, '{"T": \noops}').message
    assert refusal(read, "").message.endswith("keys.json is empty")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no file"):
        read_keys(str(tmp_path / "no.json"))
    with pytest.raises(FileError, match="there is no file"):
        list(read_keys(str(tmp_path / "no.json"), ReadOptions("T")).keys)
    with pytest.raises(FileError, match="is a folder"):
        read_keys(str(tmp_path))


# Keys on lines


@pytest.mark.parametrize("key", [KEY, PLAIN])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n"])
def test_keys_on_lines(read: Read, key: Any, start: str, ending: str) -> None:
    text = start + ending.join([json.dumps(key)] * 2)
    source = read(text, "T")
    assert outline(source) == [("T", KEY), ("T", KEY)]
    assert source.tables == {}


def test_a_bad_line_is_a_failure_and_the_others_go_on(read: Read) -> None:
    text = "\n".join([json.dumps(PLAIN), '{"PK": ', "5", "{}", json.dumps(PLAIN)])
    keys = list(read(text, "T").keys)
    assert [type(key) for key in keys] == [Key, Failure, Failure, Failure, Key]
    assert [key.origin.position for key in keys] == [1, 2, 3, 4, 5]
    assert [key.attributes for key in keys[1:4]] == ['{"PK":', 5, {}]


def test_the_form_of_keys_can_be_said(read: Read) -> None:
    assert outline(read(json.dumps({"a": {"S": "x"}}), "T", "plain")) == [
        ("T", {"a": {"M": {"S": {"S": "x"}}}})
    ]


def test_keys_through_a_pipe(piped: Callable[..., None]) -> None:
    piped(b'{"PK": "PRODUCT#1", "SK": "DETAILS"}\n', b"5\n")
    key, failure = read_keys("-", ReadOptions("T")).keys
    assert key.attributes == KEY
    assert failure.origin.source == "standard input"


def test_a_request_through_a_pipe(piped: Callable[..., None]) -> None:
    piped((WORKSHOP / "batch-get.json").read_bytes())
    assert len(list(read_keys("-").keys)) == 3


# Requests that are decoded already


def test_the_keys_of_a_decoded_request() -> None:
    source = keys_of_request({"T": {"Keys": [KEY]}}, "here")
    assert outline(source) == [("T", KEY)]
    with pytest.raises(FileError, match="here is a write request"):
        keys_of_request({"T": []}, "here")
    with pytest.raises(FileError, match="here is JSON, but no read request"):
        keys_of_request([], "here")


def test_an_option_that_is_no_json_beside_many_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pannier.files.read_requests.REQUEST_BYTES_MAX", 10)
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"T": {"Keys": [KEY]}})[:-2] + ',\n"ConsistentRead": oops}}')
    with pytest.raises(FileError) as caught:
        read_keys(str(path))
    assert caught.value.message.startswith(f"{path}, line 2, column 19: this is not JSON")
