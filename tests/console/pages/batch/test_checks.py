"""What the service would say of each operation, at the attribute that is to blame."""

import json
from typing import Any

import pytest

from pannier.console.pages.batch.checks import check
from pannier.console.pages.batch.drafts import PROBLEMS_MAX, Problem
from pannier.console.pages.batch.reading import read_draft
from tests.console.pages.batch.shop import SHAPES, TABLE, key, put


def _problems(requests: list[Any] | dict[str, Any], table: str = TABLE) -> list[Problem]:
    draft = read_draft(json.dumps({table: requests}, indent=1), "editor", None)
    assert draft.problems == []
    return check(draft, SHAPES)


def test_good_operations_have_no_problems() -> None:
    assert _problems([put(1, price={"N": "1.50"}), {"DeleteRequest": {"Key": key(2)}}]) == []
    assert _problems({"Keys": [key(1), key(2)]}) == []


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"price": {"N": "12x"}}, ".price", "cannot be converted to a numeric value"),
        ({"price": {"Q": "1"}}, ".price", "Supplied AttributeValue is empty"),
        ({"price": {"S": 1}}, ".price", "NUMBER_VALUE can not be converted to a String"),
        ({"deep": {"M": {"x": {"L": [{"S": "a"}, {}]}}}}, ".deep.x[1]", "Supplied Attribute"),
        ({"SK": {"N": "1"}}, ".SK", "Type mismatch for key SK expected: S actual: N"),
        ({"SK": {"S": ""}}, ".SK", "empty string value"),
        ({"brand": {"N": "1"}}, ".brand", "Type mismatch for Index Key brand"),
        ({"text": {"S": "x" * 400 * 1024}}, "", "Item size has exceeded"),
    ],
)
def test_the_attribute_to_blame(more: dict[str, Any], path: str, words: str) -> None:
    requests = [put(1), put(2, **more)]
    text = json.dumps({TABLE: requests}, indent=1).split("\n")
    (problem,) = _problems(requests)
    assert words in problem.text
    assert problem.path == f"{TABLE}[1].PutRequest.Item{path}"
    assert problem.is_error
    if path and "." not in path[1:]:
        assert f'"{path[1:]}": {{' in text[problem.line - 1]


def test_keys_that_do_not_fit_the_table() -> None:
    (problem,) = _problems({"Keys": [{"PK": {"S": "a"}}]})
    assert "The provided key element does not match the schema" in problem.text
    assert problem.path == f"{TABLE}.Keys[0]"
    (problem,) = _problems([put(1), {"PutRequest": {"Item": {"PK": {"S": "a"}}}}])
    assert "Missing the key SK in the item" in problem.text


def test_the_same_key_twice_is_a_note_with_the_earlier_line() -> None:
    requests = [put(1), put(2), {"DeleteRequest": {"Key": key(1)}}]
    (problem,) = _problems(requests)
    assert not problem.is_error
    assert problem.text.startswith("the same key as on line 3:")
    assert problem.text.endswith("Pannier lets the later write stand")
    (problem,) = _problems({"Keys": [key(1), key(1)]})
    assert problem.text.endswith("Pannier fetches it once")


def test_a_table_that_is_not_there_is_told_once_and_values_are_checked_all_the_same() -> None:
    missing, value = _problems([put(1), put(2, n={"N": "x"})], "other")
    assert missing.text == "there is no table other here"
    assert value.path == "other[1].PutRequest.Item.n"


def test_problems_are_bounded() -> None:
    bad = [put(number, n={"N": "x"}) for number in range(PROBLEMS_MAX + 20)]
    assert len(_problems(bad)) == PROBLEMS_MAX


def test_items_that_are_no_json_document_have_a_line_too() -> None:
    draft = read_draft("PK,SK\na,x\nb,\n", "items.csv", TABLE)
    (problem,) = check(draft, SHAPES)
    assert problem.line == 3
    assert "Missing the key SK" in problem.text


def test_checking_leaves_the_text_as_it_is() -> None:
    requests = [put(1, price={"N": "1.50"})]
    draft = read_draft(json.dumps({TABLE: requests}), "editor", None)
    check(draft, SHAPES)
    assert draft.entries[0].element.to_request() == requests[0]  # type: ignore[union-attr]
