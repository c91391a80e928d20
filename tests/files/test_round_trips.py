"""What went in comes out, to the byte of DynamoDB JSON, in every format that can hold any item."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pannier.model.attribute_value import Item
from tests.files.any_items import ITEMS
from tests.files.elements import items, skipped_one_by_one, written

TRICKY: list[Item] = [
    {"Item": {"M": {"S": {"S": "x"}}}},
    {"S": {"S": ""}, "NULL": {"NULL": True}},
    {"Items": {"L": []}, "Count": {"N": "1"}},
    {"PutRequest": {"M": {"Item": {"M": {}}}}},
    {"Keys": {"M": {}}, "NewImage": {"M": {"S": {"S": "x"}}}},
    {"RequestItems": {"L": [{"NULL": True}]}},
]
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def as_bytes(content: list[Item]) -> list[bytes]:
    """With the members of maps and items in one order, which no format has to keep."""
    return [orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in content]


@pytest.mark.parametrize(
    ("name", "options", "reading"),
    [
        ("x.jsonl", {}, {"format": "dynamodb"}),
        ("x.jsonl.gz", {}, {"format": "dynamodb"}),
        ("x.jsonl.zst", {}, {"format": "dynamodb"}),
        ("x.json", {}, {"format": "dynamodb"}),
        ("x.json", {"format": "request"}, {}),
        ("x.csv", {"types": True}, {}),
        ("x.tsv", {"types": True}, {}),
        ("x.csv.gz", {"types": True}, {}),
        ("x.parquet", {}, {}),
        ("x.arrow", {}, {}),
        ("export", {"format": "export"}, {}),
        ("export", {"format": "ion"}, {}),
    ],
    ids=lambda value: str(value),
)
@quick
@given(st.lists(ITEMS, min_size=1, max_size=6))
@example(TRICKY)
@example([{"a": {"N": "1"}}, {"a": {"N": "0.5"}}, {"a": {"N": "1e2"}}, {"b": {"NULL": True}}])
@example([{"a": {"L": [{"NULL": True}]}}, {"a": {"L": [{"M": {"b": {"NULL": True}}}]}}])
@example([{"a": {"M": {"b": {"N": "1"}}}}, {"a": {"M": {}}}, {"a": {"NULL": True}}])
@example([{"a": {"M": {f"name{number}": {"BOOL": True} for number in range(300)}}}])
def test_every_item_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    options: dict[str, Any],
    reading: dict[str, Any],
    content: list[Item],
) -> None:
    path = tmp_path_factory.mktemp("round-trip") / name
    content = orjson.loads(orjson.dumps(content).replace(b'"1e2"', b'"100"'))
    assert as_bytes(items(written(path, content, table="t", **options), **reading)) == as_bytes(
        content
    )


_PLAIN_LEAVES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(lambda text: {"S": text}),
    st.integers(-(10**38) + 1, 10**38 - 1).map(lambda number: {"N": str(number)}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
)
_PLAIN = st.recursive(
    _PLAIN_LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda each: {"L": each}),
        st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3).map(
            lambda each: {"M": each}
        ),
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
@quick
@given(st.lists(st.dictionaries(st.text("abc", min_size=1), _PLAIN, min_size=1), min_size=1))
@example([{"a": {"L": [{"M": {}}]}}])
def test_plain_json_keeps_what_json_has_types_for(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: list[Item]
) -> None:
    """Texts, numbers with all digits, flags, nulls, lists and maps; not sets and binaries."""
    path = tmp_path_factory.mktemp("plain") / name
    written(path, content, format="plain")
    assert as_bytes(items(path, format="plain")) == as_bytes(content)


@pytest.mark.parametrize(
    "name", ["x.jsonl", "x.json", "x.csv", "x.parquet", "x.arrow", "x.jsonl.gz"]
)
def test_a_job_goes_on_at_any_element(tmp_path: Path, name: str) -> None:
    content: list[Item] = [{"PK": {"S": f"{number}"}, "n": {"N": "1"}} for number in range(20)]
    skipped_one_by_one(written(tmp_path / name, content, types=True))


@pytest.mark.parametrize(
    "name", ["x.jsonl", "x.json", "x.csv", "x.parquet", "x.arrow", "x.jsonl.zst"]
)
def test_a_file_of_no_items_is_a_good_file(tmp_path: Path, name: str) -> None:
    """As of a scan whose filter nothing passes. Only CSV has nothing to say then."""
    path = written(tmp_path / name, [])
    if name == "x.csv":
        assert path.read_bytes() == b""
    else:
        assert items(path) == []
