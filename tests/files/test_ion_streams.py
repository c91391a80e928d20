"""Amazon Ion that is no export: any stream of structs, text or binary."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from amazon.ion import simpleion

from tests.files.elements import elements, failures, items, puts, skipped_one_by_one, written

VALUES: list[dict[str, Any]] = [
    {"PK": "a", "n": Decimal("79.50"), "i": 5, "f": 0.1, "ok": True, "raw": b"\x00\xff"},
    {"PK": "b", "list": [1, None, {"x": "y"}], "when": datetime.datetime(2026, 11, 25, 9, 30)},
]
EXPECTED = [
    {
        "PK": {"S": "a"},
        "n": {"N": "79.5"},
        "i": {"N": "5"},
        "f": {"N": "0.1"},
        "ok": {"BOOL": True},
        "raw": {"B": "AP8="},
    },
    {
        "PK": {"S": "b"},
        "list": {"L": [{"N": "1"}, {"NULL": True}, {"M": {"x": {"S": "y"}}}]},
        "when": {"S": "2026-11-25T09:30:00"},
    },
]


def ion(binary: bool, **layout: Any) -> bytes:
    content = simpleion.dumps(VALUES, binary=binary, sequence_as_stream=True, **layout)
    return content if isinstance(content, bytes) else content.encode()


@pytest.mark.parametrize(
    "content", [ion(True), ion(False), ion(False, indent="  ")], ids=["binary", "text", "indented"]
)
def test_a_stream_of_another_writer(
    tmp_path: Path, content: bytes, piped: Callable[..., None]
) -> None:
    (tmp_path / "x.ion").write_bytes(content)
    assert items(tmp_path / "x.ion") == EXPECTED
    skipped_one_by_one(tmp_path / "x.ion")
    piped(*(content[at : at + 7] for at in range(0, len(content), 7)))
    assert items("-", format="ion") == EXPECTED


@pytest.mark.parametrize("binary", [True, False])
def test_a_stream_that_breaks_off(tmp_path: Path, binary: bool) -> None:
    (tmp_path / "x.ion").write_bytes(ion(binary, **({} if binary else {"indent": " "}))[:-12])
    found = elements(tmp_path / "x.ion")
    assert puts(found) == EXPECTED[:1]
    ((place, reason),) = failures(found)
    assert place == "x.ion, item 2"
    assert reason.startswith("this is not Ion")
    assert reason.endswith("what follows is not read")


def test_texts_as_long_as_an_item_may_be(tmp_path: Path) -> None:
    item = {"PK": {"S": "a"}, "x": {"S": "é" * 190_000}, "raw": {"B": "AAAA" * 90_000}}
    assert items(written(tmp_path / "e", [item], format="ion", table="t")) == [item]
    (tmp_path / "x.ion").write_text('{\n x: "' + "é" * 190_000 + '"}')
    assert items(tmp_path / "x.ion") == [{"x": item["x"]}]


def test_a_damaged_binary_stream_comes_to_an_end(tmp_path: Path) -> None:
    """The library's quicker reader loops for ever on this one."""
    (tmp_path / "x.ion").write_bytes(
        bytes.fromhex("e00100eaea8183d787b52f2a82504b816ed58a81618b20d68a81618b2101d68a")
    )
    assert [reason[:15] for _, reason in failures(elements(tmp_path / "x.ion"))] == [
        "this is not Ion"
    ]


@pytest.mark.parametrize("layout", ["{%s}\n", "{\n%s}\n"])
def test_bytes_that_are_no_text(tmp_path: Path, layout: str) -> None:
    """As a name they would end the process inside the library."""
    text = layout % 'PK: "a"' + layout % '"\xb0": "b"'
    (tmp_path / "x.ion").write_bytes(text.encode("latin-1"))
    (failure,) = failures(elements(tmp_path / "x.ion"))
    assert failure[1].startswith("this is not Ion")


def test_values_with_annotations_and_symbols(tmp_path: Path) -> None:
    """An annotation other than DynamoDB's says nothing here."""
    (tmp_path / "x.ion").write_text(
        '{PK: sym, b: note::true, t: note::"x", n: null.string, c: {{"clob"}}, '
        's: $dynamodb_SS::["a"], bad: [a]}\n'
    )
    assert items(tmp_path / "x.ion") == [
        {
            "PK": {"S": "sym"},
            "b": {"BOOL": True},
            "t": {"S": "x"},
            "n": {"NULL": True},
            "c": {"B": "Y2xvYg=="},
            "s": {"SS": ["a"]},
            "bad": {"L": [{"S": "a"}]},
        }
    ]


def test_sets_of_the_wrong_members(tmp_path: Path) -> None:
    (tmp_path / "x.ion").write_text('{s: $dynamodb_NS::["a"]}\n{s: $dynamodb_SS::[null]}\n')
    assert [reason for _, reason in failures(elements(tmp_path / "x.ion"))] == [
        "attribute 's': a member of a NS is no N",
        "attribute 's': a member of a SS is no S",
    ]


def test_what_is_nested_without_end_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "x.ion").write_text("{a: " + "[" * 5000 + "]" * 5000 + '}\n{PK: "b"}\n')
    found = elements(tmp_path / "x.ion")
    assert len(failures(found)) == 1
    assert puts(found) == [{"PK": {"S": "b"}}]
