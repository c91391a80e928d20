"""What a text is taken for, and where its parts and its faults are."""

import json

import pytest

from pannier.batch.operation import Kind, Operation
from pannier.batch.reads.read import Key
from pannier.batch.report import Failure
from pannier.console.pages.batch.drafts import Use, What, used
from pannier.console.pages.batch.examples import EXAMPLES, TABLE, example
from pannier.console.pages.batch.reading import read_draft


@pytest.mark.parametrize(
    ("name", "what", "size"),
    [
        ("batch-products", What.WRITE, 3),
        ("batch-get", What.READ, 3),
        ("mixed-batch", What.WRITE, 2),
        ("large-batch", What.WRITE, 30),
        ("batch-get-projection", What.READ, 3),
    ],
)
def test_each_example_is_a_request_without_problems(name: str, what: What, size: int) -> None:
    found = example(name)
    assert found is not None
    draft = read_draft(found.text, f"{name}.json", None)
    assert (draft.what, draft.size, draft.problems) == (what, size, [])
    assert draft.tables == [TABLE]
    assert json.loads(draft.request) == json.loads(found.text)
    assert draft.is_read == (what is What.READ)


def test_an_example_that_is_not_there() -> None:
    assert example("no-such") is None
    assert len({each.name for each in EXAMPLES}) == 5


def test_nothing_is_nothing() -> None:
    draft = read_draft(" \n ", "editor", None)
    assert (draft.what, draft.entries, draft.problems) == (What.NOTHING, [], [])


def test_a_syntax_error_has_line_and_column() -> None:
    draft = read_draft('{\n "T": [\n  {"PutRequest" {}}\n ]\n}', "editor", None)
    assert draft.what is What.UNREADABLE
    (problem,) = draft.problems
    assert (problem.line, problem.column) == (3, 17)
    assert "a colon is expected" in problem.text


def test_requests_that_are_none_are_told_one_by_one() -> None:
    text = """{"T": [
      {"PutReq": {"Item": {}}},
      {"PutRequest": {"Itm": {}}},
      {"PutRequest": {"Item": {"a": {"S": "x"}}}},
      {"PutRequest": {}, "DeleteRequest": {}},
      7
    ]}"""
    draft = read_draft(text, "editor", None)
    assert draft.what is What.WRITE
    assert [(each.line, each.path) for each in draft.problems] == [
        (2, "T[0].PutReq"),
        (3, "T[1].PutRequest"),
        (5, "T[3]"),
        (6, "T[4]"),
    ]
    assert [type(each.element) for each in draft.entries] == [
        Failure,
        Failure,
        Operation,
        Failure,
        Failure,
    ]
    assert [each.line for each in draft.entries] == [2, 3, 4, 5, 6]


def test_the_place_of_an_operation_is_its_own() -> None:
    draft = read_draft('{"T": [\n{"DeleteRequest": {"Key": {"a": {"S": "x"}}}}\n]}', "f", None)
    (entry,) = draft.entries
    assert isinstance(entry.element, Operation)
    assert entry.element.kind is Kind.DELETE
    assert str(entry.element.origin) == "f, line 2, request 1"
    assert entry.path == "T[0].DeleteRequest.Key"


def test_a_request_may_be_inside_request_items() -> None:
    text = '{"RequestItems": {"T": [{"PutRequest": {"Item": {"a": {"N": "1"}}}}]}, "X": 1}'
    draft = read_draft(text, "editor", None)
    assert draft.what is What.WRITE
    assert draft.request == '{"T": [{"PutRequest": {"Item": {"a": {"N": "1"}}}}]}'


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ('{"Keys": [], "Foo": 1}', "T has an unknown member Foo"),
        ('{"Keys": 3}', "T has no list of Keys"),
        ('{"Keys": [], "ConsistentRead": 1}', "ConsistentRead must be true or false"),
        ('{"Keys": []}', "the list of keys is empty"),
    ],
)
def test_what_is_wrong_with_a_read_of_a_table(request_: str, words: str) -> None:
    draft = read_draft(f'{{\n"T": {request_}}}', "editor", None)
    assert draft.what is What.READ
    assert [(each.line, each.text) for each in draft.problems] == [(2, words)]


def test_keys_and_options_of_a_read() -> None:
    text = '{"T": {"Keys": [{"a": {"S": "x"}},\n5], "ProjectionExpression": "a"}}'
    draft = read_draft(text, "editor", None)
    assert [type(each.element) for each in draft.entries] == [Key, Failure]
    assert [(each.line, each.path) for each in draft.problems] == [(2, "T.Keys[1]")]
    assert draft.options["T"].projection.expression == "a"


@pytest.mark.parametrize(
    ("text", "name", "lines"),
    [
        ('{"PK": "a"}\n{"PK": "b"}\n', "editor", [1, 2]),
        ('{"Item": {"PK": {"S": "a"}}}\n{"Item": {"PK": {"S": "b"}}}\n', "editor", [1, 2]),
        ('[{"PK": "a"},\n\n{"PK": "b"}]', "editor", [1, 3]),
        ('{"Items": [\n{"PK": {"S": "a"}},\n{"PK": {"S": "b"}}], "Count": 2}', "editor", [2, 3]),
        ("PK,n\na,1\nb,2\n", "items.csv", [2, 3]),
        ("PK\tn\na\t1\nb\t2\n", "items.tsv", [2, 3]),
    ],
)
def test_items_go_to_the_table_that_was_chosen(text: str, name: str, lines: list[int]) -> None:
    draft = read_draft(text, name, "T")
    assert draft.what is What.ITEMS
    assert draft.problems == []
    assert [each.line for each in draft.entries] == lines
    assert draft.tables == ["T"]


@pytest.mark.parametrize("text", ['[{"PK": "a"}]', "PK,n\na,1\n", '{"PK": {"S": "a"}}'])
def test_items_without_a_table_ask_for_one(text: str) -> None:
    draft = read_draft(text, "editor", None)
    assert draft.what is What.ITEMS
    (problem,) = draft.problems
    assert "Choose a table" in problem.text
    assert "--table" not in problem.text


def test_lines_that_are_no_items_do_not_keep_the_others_out() -> None:
    draft = read_draft('{"PK": "a"}\n{"PK": }\n{"PK": "b"}\n', "editor", "T")
    assert [each.line for each in draft.problems] == [2]
    assert [type(each.element) for each in draft.entries] == [Operation, Failure, Operation]


def test_an_item_with_lists_is_an_item_where_a_table_is_chosen() -> None:
    assert read_draft('{"PK": ["a"]}', "editor", "T").what is What.ITEMS


def test_items_may_be_deleted_or_read_by_their_keys() -> None:
    draft = read_draft('{"PK": "a", "n": 1}\n', "editor", "T")
    names = {"T": ("PK",)}
    (deleted,) = used(draft, Use.DELETE, names).entries
    assert isinstance(deleted.element, Operation)
    assert deleted.element.kind is Kind.DELETE
    assert deleted.element.attributes == {"PK": {"S": "a"}}
    reading = used(draft, Use.GET, names)
    assert [each.element for each in reading.entries] == [
        Key("T", {"PK": {"S": "a"}}, deleted.element.origin)
    ]
    assert reading.is_read
    assert used(draft, Use.PUT, names) is draft
    request = read_draft(EXAMPLES[0].text, "editor", None)
    assert used(request, Use.GET, names) is request
