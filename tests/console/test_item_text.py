"""Items as text and back, without losing a type or a digit."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.batch.tables.canonical_item import canonical_text
from pannier.console.pages.explore.item_text import Form, TextError, item_of, text_of
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.key_schema import KeyAttribute, KeySchema

SCHEMA = KeySchema([KeyAttribute("PK", "S")], [])
ITEM: Item = {
    "PK": {"S": "a"},
    "n": {"N": "0.12345678901234567890123456789012345678"},
    "tags": {"SS": ["x", "y"]},
    "raw": {"B": "AAEC"},
    "deep": {"M": {"set": {"NS": ["1", "2"]}, "text": {"S": "t"}, "n": {"N": "5"}}},
    "list": {"L": [{"B": "AAEC"}, {"S": "t"}]},
    "none": {"NULL": True},
}


def changed(**changes: object) -> Item:
    """The item after a change of its plain text."""
    plain = json.loads(text_of(ITEM, "plain"))
    return item_of(json.dumps({**plain, **changes}), "plain", SCHEMA, ITEM)[0]


@pytest.mark.parametrize("form", ["plain", "dynamodb"])
def test_what_is_not_changed_stays_as_it_is(form: Form) -> None:
    item, size = item_of(text_of(ITEM, form), form, SCHEMA, ITEM)
    assert item == ITEM
    assert size > 60


values: st.SearchStrategy[AttributeValue] = st.recursive(
    st.one_of(
        st.builds(lambda text: {"S": text}, st.text(max_size=5)),
        st.builds(lambda number: {"N": str(number)}, st.integers(-(10**38) + 1, 10**38 - 1)),
        st.builds(lambda flag: {"BOOL": flag}, st.booleans()),
        st.just({"NULL": True}),
        st.just({"B": "AAEC"}),
        st.just({"SS": ["a", "b"]}),
        st.just({"NS": ["1", "2"]}),
    ),
    lambda inner: st.one_of(
        st.builds(lambda items: {"L": items}, st.lists(inner, max_size=3)),
        st.builds(
            lambda members: {"M": members},
            st.dictionaries(st.text(max_size=3), inner, max_size=3),
        ),
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=4), values, max_size=5))
def test_every_item_comes_back_from_both_forms(members: Item) -> None:
    item = {**members, "PK": {"S": "a"}}
    for form in ("plain", "dynamodb"):
        given_form: Form = "plain" if form == "plain" else "dynamodb"
        back, _ = item_of(text_of(item, given_form), given_form, SCHEMA, item)
        assert canonical_text(back) == canonical_text(item)


def test_a_change_beside_a_set_leaves_the_set_alone() -> None:
    item = changed(n=7, deep={"set": [1, 2], "text": "new", "n": 5, "more": [True]})
    assert item["n"] == {"N": "7"}
    assert item["tags"] == ITEM["tags"]
    assert item["deep"]["M"] == {
        "set": {"NS": ["1", "2"]},
        "text": {"S": "new"},
        "n": {"N": "5"},
        "more": {"L": [{"BOOL": True}]},
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"tags": ["x", "y", "z"]},  # would become a list
        {"raw": "AAED"},  # would become a text
        {"deep": {"set": [1], "text": "t", "n": 5}},
        {"list": ["AAEC", "t", "more"]},  # a list that holds a binary
        {"deep": {"other": [1, 2], "text": "t", "n": 5}},  # the set under another name
    ],
)
def test_a_change_that_would_lose_a_type_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(TextError, match="plain JSON would make something else") as error:
        changed(**changes)
    assert "DynamoDB JSON" in error.value.advice


def test_a_renamed_set_is_refused_and_a_removed_one_is_not() -> None:
    plain = json.loads(text_of(ITEM, "plain"))
    del plain["tags"]
    item, _ = item_of(json.dumps(plain), "plain", SCHEMA, ITEM)
    assert "tags" not in item
    with pytest.raises(TextError, match="has moved"):
        item_of(json.dumps({**plain, "labels": ["x", "y"]}), "plain", SCHEMA, ITEM)


@pytest.mark.parametrize(
    ("text", "form", "words", "line"),
    [
        ('{\n "PK": "a",\n}', "plain", "not JSON", 3),
        ("[]", "plain", "JSON object", 1),
        ('{"PK": "a", "PK": "b"}', "plain", "twice", None),
        ('{"PK": NaN}', "plain", "NaN", None),
        ('{\n"n": 1\n}', "plain", "PK is missing", None),
        ('{\n"n": 1,\n"PK": 5\n}', "plain", "key is of type S, not N", 3),
        ('{"PK": ""}', "plain", "empty", 1),
        ('{\n"PK": "a",\n"n": 1e999\n}', "plain", "n: ", 3),
        ('{"PK": "a"}', "dynamodb", "each value is like", 1),
        ('{"PK": {"S": 5}}', "dynamodb", "PK: ", 1),
        ('{"PK": {"S": "a"},\n"s": {"SS": []}}', "dynamodb", "s: ", 2),
        ('{"PK": {"S": "a"},\n"s": {"N": "x"}}', "dynamodb", "s: ", 2),
        ('{\n  "m": {\n    "n": 1\n  },\n  "PK": "a",\n  "n": 1e999\n}', "plain", "n: ", 6),
        ('{"PK": "' + "x" * 3000 + '"}', "plain", "2048", None),
        ('{"PK": "a", "t": "' + "x" * 500_000 + '"}', "plain", "409,600 are the most", None),
        ('{"PK": ' + "[" * 2000 + "]" * 2000 + "}", "plain", "nested", None),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    text: str, form: Form, words: str, line: int | None
) -> None:
    with pytest.raises(TextError, match=words) as error:
        item_of(text, form, SCHEMA, {})
    assert error.value.line == line
