"""The scanner: the values that a parser gives, however they are laid out and however they come."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pannier.files import json_lists
from pannier.files.compression import DamagedError
from pannier.files.json_lists import BadValue, Elements, elements
from pannier.files.json_scanner import JsonStructureError, Scanner

_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**12), 10**12),
        st.text('ab"\\[]{},:\n\u00e9', max_size=6),
        st.sampled_from([1.5, -0.25, 1e300]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text('k"\\{]', max_size=3), inner, max_size=3),
    ),
    max_leaves=6,
)
_items = st.dictionaries(st.sampled_from(["PK", "SK", "a", "tags"]), _values, max_size=4)


def in_blocks(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def scanned(content: str | bytes, size: int = 1 << 20) -> list[Any]:
    """The elements of a list, and at the end the structural error if there is one."""
    encoded = content if isinstance(content, bytes) else content.encode()
    found: list[Any] = []
    try:
        for some in elements(Scanner(in_blocks(encoded, size))):
            found += some.values
    except JsonStructureError as error:
        found.append(error.reason)
    return found


@pytest.fixture
def _small_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of a few elements are cut in blocks, as long ones are."""
    monkeypatch.setattr(json_lists, "_CUT_BYTES", 64)


@pytest.mark.usefixtures("_small_cuts")
@settings(deadline=None, max_examples=250)
@given(
    st.one_of(st.lists(_values, max_size=12), st.lists(_items, max_size=30)),
    st.sampled_from([None, 0, 2]),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")]),
    st.sampled_from([1, 3, 7, 64, 1 << 20]),
    st.booleans(),
)
@example([{"PK": "},{"}, {"PK": "}"}], None, (",", ":"), 1, False)
@example([[1], [2], {"a": "]"}, 5, "x"], None, (",", ":"), 3, False)
def test_a_list_comes_out_as_it_went_in(
    values: list[Any], indent: int | None, separators: Any, size: int, ascii_only: bool
) -> None:
    """Cut in blocks or element by element, the blocks of the file ending anywhere."""
    text = json.dumps(values, indent=indent, separators=separators, ensure_ascii=ascii_only)
    assert scanned(text, size) == values
    assert scanned("\ufeff \n" + text + "\n", size) == values


def test_most_of_a_long_list_is_cut_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is what makes it fast: without it, each element costs three times as much."""
    monkeypatch.setattr(json_lists, "_CUT_BYTES", 512)
    text = json.dumps([{"PK": f"item#{number}", "l": [{"PK": 1}]} for number in range(100)])
    pieces = list(elements(Scanner(in_blocks(text.encode(), 1000))))
    assert sum(len(piece.values) for piece in pieces) == 100
    # The first shows what stands between them; less than a block at the end goes one by one.
    singly = [number for number, piece in enumerate(pieces) if len(piece.values) == 1]
    at_the_end = 512 // len(text[:-1].rpartition(", {")[2])
    assert singly == [0, *range(len(pieces) - len(singly) + 1, len(pieces))]
    assert len(singly) <= 1 + at_the_end


@settings(deadline=None, max_examples=150)
@given(
    st.lists(_items.filter(bool), min_size=1, max_size=12),
    st.data(),
    st.sampled_from([1, 5, 1 << 20]),
)
def test_an_element_that_is_no_json_costs_only_itself(
    items: list[Any], data: st.DataObject, size: int
) -> None:
    at = data.draw(st.integers(0, len(items)))
    bad = data.draw(st.sampled_from(['{"a": oops}', "nonsense", '{"a" 1}', "{1: 2}", '{"a": NaN}']))
    texts = [json.dumps(item) for item in items]
    texts.insert(at, bad)
    found = scanned("[" + ",\n".join(texts) + "]", size)
    (failure,) = [value for value in found if isinstance(value, BadValue)]
    assert [value for value in found if value is not failure] == items
    assert found.index(failure) == at
    assert failure.text == bad
    assert failure.line == at + 1
    assert "not JSON" in failure.reason or "NaN" in failure.reason


@settings(deadline=None, max_examples=100)
@given(st.integers(3, 40), st.data(), st.sampled_from(["quote", "closing brace"]))
def test_a_quote_that_is_never_closed_costs_only_its_line(
    count: int, data: st.DataObject, missing: str
) -> None:
    """Where each element begins on a line of its own, as in every file that was made to be read."""
    texts = [f'{{"PK": "item#{number}", "tags": ["a", "b"]}}' for number in range(count)]
    at = data.draw(st.integers(2, count - 1))
    texts[at] = texts[at].replace('"b"', '"b') if missing == "quote" else texts[at][:-1]
    found = scanned("[\n  " + ",\n  ".join(texts) + "\n]")
    good = [value["PK"] for value in found if isinstance(value, dict)]
    expected = [f"item#{number}" for number in range(count) if number != at]
    if missing == "quote" and at < count - 1:
        assert good == expected
        assert sum(isinstance(value, BadValue) for value in found) == 1
    else:  # there is no next line to go on with, or it is not clear where the element ends
        assert good[: at - 1] == expected[: at - 1]
        assert any(isinstance(value, BadValue | str) for value in found)


@pytest.mark.parametrize("size", [1, 1 << 20])
@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[1,,2]", [1, "line 1, column 4: this is not JSON (a value is missing)", 2]),
        ("[1 2]", [1, "line 1, column 4: this is not JSON (a comma is missing)", 2]),
        ("[1,]", [1, "line 1, column 4: this is not JSON (a value is missing)"]),
        ("[1,2", [1, 2, "line 1, column 5: the file breaks off here (a list is never closed)"]),
        ("[\n1,\n\n", [1, "line 4, column 1: the file breaks off here (a list is never closed)"]),
        ("[}", ["line 1, column 2: this is not JSON (a value is expected)"]),
        ('["abc', ["line 1, column 2: this is not JSON (a quote or bracket is never closed)"]),
        ("[", ["line 1, column 2: the file breaks off here (a list is never closed)"]),
        ("5", ["line 1, column 1: this is not JSON ('[' is expected)"]),
    ],
)
def test_damage_is_shown_by_line_and_column(text: str, values: list[Any], size: int) -> None:
    found = scanned(text, size)
    assert [value.reason if isinstance(value, BadValue) else value for value in found] == values


def test_a_list_of_nothing_but_commas_is_given_up() -> None:
    """Otherwise a file of a gigabyte of them would give as many failures."""
    found = scanned("[" + "," * 5000 + "]")
    assert len(found) < 200
    assert "too many commas" in found[-1]


def test_what_is_deeper_than_the_pattern_is_found_token_by_token() -> None:
    deep: Any = "]}"
    for _ in range(40):
        deep = {"a": [deep]}
    assert scanned(json.dumps([deep, 1, deep])) == [deep, 1, deep]


def test_brackets_without_end_do_no_harm() -> None:
    found = scanned(b"[" * 300_000)
    assert found == ["line 1, column 2: this is not JSON (a quote or bracket is never closed)"]


def test_members_of_an_object_are_gone_past_one_by_one() -> None:
    text = ' {"a": {"x": [1, "]"]}, "b\\u00e9": "\\"}", "c": 5, "d": []} '
    scanner = Scanner(in_blocks(text.encode(), 2))
    names = []
    for name in scanner.members():
        names.append(name)
        scanner.skip_value()
    assert names == ["a", "b\u00e9", "c", "d"]
    assert scanner.peek() is None


@pytest.mark.parametrize(
    "text", ['{"a" 1}', "{a: 1}", '{"a": 1', '{"a": 1 "b": 2}', '{"a": }', "{,}"]
)
def test_an_object_that_is_no_json(text: str) -> None:
    scanner = Scanner(in_blocks(text.encode(), 3))
    with pytest.raises(JsonStructureError):  # noqa: PT012  # any step of the way
        for _ in scanner.members():
            scanner.skip_value()


def test_a_whole_value_is_bounded() -> None:
    """A value of a gigabyte must not be held in memory to find out that it is no item."""
    long = '{"a": "' + "x" * 1000 + '"}'
    assert Scanner(in_blocks(long.encode(), 10)).whole(500) is None
    scanner = Scanner(in_blocks(long.encode(), 10))
    assert scanner.whole(2000) == long.encode()
    scanner.go_past(long.encode())
    assert scanner.peek() is None


def test_a_long_value_is_skipped_in_flat_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = 0

    def watch(self: Scanner) -> bool:
        nonlocal kept
        kept = max(kept, len(self.buffer))
        return more(self)

    more = Scanner._more
    monkeypatch.setattr(Scanner, "_more", watch)
    content = b'[{"a": [' + b'{"x": "y"}, ' * 100_000 + b"1]}, 2]"
    scanner = Scanner(in_blocks(content, 1000))
    scanner.skip_value()
    assert scanner.peek() is None
    assert kept < 5000


def test_lines_and_columns_are_counted_over_blocks() -> None:
    content = b'{"a": 1,\n\n  "b": [1,\n 2], "c": x}'
    for size in (1, 4, 1000):
        scanner = Scanner(in_blocks(content, size), line=10)
        lines = []
        for _ in scanner.members():
            scanner.peek()
            lines.append((scanner.line, scanner.place))
            scanner.skip_value()
        assert lines == [
            (10, "line 10, column 7"),
            (12, "line 12, column 8"),
            (13, "line 13, column 11"),
        ]


def test_elements_say_on_which_line_they_begin() -> None:
    content = b"[\n 1,\n\n 2]"
    pieces: list[Elements] = list(elements(Scanner(iter((content,)))))
    assert [piece.line for piece in pieces] == [2, 4]


@pytest.mark.parametrize("size", [1, 3, 1 << 20])
@pytest.mark.parametrize("text", ["false", '"long text"', "12345", '{"a": "b"}', "[[1], [2]]"])
def test_a_value_at_the_end_of_a_file_is_whole(text: str, size: int) -> None:
    """Its last bytes come with the same read that finds the end of the file."""
    assert Scanner(in_blocks(text.encode(), size)).whole() == text.encode()


def test_what_came_before_a_damage_is_read() -> None:
    """As of a compressed file that breaks off: everything unpacked before counts."""

    def blocks() -> Iterator[bytes]:
        yield b"[" + b", ".join(b'{"PK": "item#%d"}' % number for number in range(2000))
        yield b', {"PK": "it'
        raise DamagedError("the compressed data breaks off")

    scanner = Scanner(blocks())
    found: list[Any] = []
    with pytest.raises(JsonStructureError):  # noqa: PT012  # it comes with the last step
        for some in elements(scanner):
            found += some.values
    assert [value["PK"] for value in found] == [f"item#{number}" for number in range(2000)]
    assert scanner.damage == "the compressed data breaks off"
