"""The files that the workshop writes, and which of them it leaves alone."""

import ast
import json
from pathlib import Path

import pytest

from pannier.errors import UserError
from pannier.workshop.chapter import TABLE
from pannier.workshop.files import NAMES, PROGRAMS, REQUESTS, is_as_made, text_of, write_files
from pannier.workshop.finding import difference
from tests.conftest import EXAMPLES


@pytest.mark.parametrize("path", sorted((EXAMPLES / "workshop").glob("*.json")), ids=str)
def test_requests_are_those_of_the_examples(path: Path) -> None:
    assert json.loads(text_of(path.name)) == json.loads(path.read_text())


def test_requests_are_laid_out_for_reading() -> None:
    assert '          "price": {"N": "1299"},\n' in text_of("batch-products.json")
    for name in REQUESTS:
        assert json.loads(text_of(name)) == REQUESTS[name]
        assert max(map(len, text_of(name).splitlines())) <= 80
    assert len(REQUESTS["restock.json"][TABLE]) == 25, "one full batch"


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_are_programs(name: str) -> None:
    ast.parse(text_of(name))


def write(folder: Path, *names: str, known: dict[str, str], force: bool = False) -> list[str]:
    def note(name: str, fingerprint: str) -> None:
        known[name] = fingerprint

    written = write_files(folder, names, known, force=force, note=note)
    return [each.outcome for each in written]


def test_what_a_reader_changed_is_left_alone(tmp_path: Path) -> None:
    known: dict[str, str] = {}
    assert write(tmp_path, *NAMES, known=known) == ["written"] * len(NAMES)
    assert known.keys() == set(NAMES)
    assert write(tmp_path, *NAMES, known=known) == ["there already"] * len(NAMES)
    changed = tmp_path / "batch-get.json"
    changed.write_text('{"mine": 1}')
    assert write(tmp_path, "batch-get.json", known=known) == ["kept"]
    assert changed.read_text() == '{"mine": 1}'
    assert write(tmp_path, "batch-get.json", known=known, force=True) == ["written"]
    assert is_as_made(changed)


def test_the_same_in_another_layout_is_the_same(tmp_path: Path) -> None:
    typed = tmp_path / "batch-get.json"
    typed.write_text(json.dumps(REQUESTS["batch-get.json"]))
    assert write(tmp_path, "batch-get.json", known={}) == ["there already"]
    assert "\n" not in typed.read_text()


def test_what_an_earlier_version_wrote_is_written_anew(tmp_path: Path) -> None:
    from pannier.workshop.files import fingerprint

    old = tmp_path / "retry_loop.py"
    old.write_text("print('old')\n")
    known = {"retry_loop.py": fingerprint("print('old')\n")}
    assert write(tmp_path, "retry_loop.py", known=known) == ["written"]


def test_names_that_are_none_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no file 'other"):
        write(tmp_path, "batch-get.json", "other.json", known={})
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "batch-get.json").mkdir()
    with pytest.raises(UserError, match="can't be written"):
        write(tmp_path, "batch-get.json", known={}, force=True)


@pytest.mark.parametrize(
    ("wanted", "found", "told"),
    [
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "x"}]}, None),
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "y"}]}, "a[1].b is 'y' instead of 'x'"),
        ({"a": 1, "b": 2}, {"a": 1}, "b is missing"),
        ({"a": 1}, {"a": 1, "b": 2}, "b should not be there"),
        ({"a": [1, 2]}, {"a": [1]}, "a has 1 elements instead of 2"),
        ({"a": 1}, {"a": True}, "a is True instead of 1"),
        ({"a": {}}, {"a": []}, "a is [] instead of {}"),
    ],
)
def test_the_first_difference_is_told(wanted: object, found: object, told: str | None) -> None:
    assert difference(wanted, found) == told
