"""The examples in docs/formats.md are true: files go in, and become what is written below them.

A comment in front of a block says what it is: `reads: NAME OPTIONS` and `fails: NAME OPTIONS` are
files; `becomes`, `said` and `notice` behind it what comes of them.
"""

import re
from pathlib import Path

import orjson
import pytest

from pannier.batch.operation import Operation
from pannier.files.column_types import parse_types
from pannier.files.reading import read_writes
from pannier.files.source import ReadOptions
from tests.files.elements import failures

DOCUMENT = Path(__file__).parents[2] / "docs" / "formats.md"
_BLOCK = re.compile(r"<!-- (\w+)(?:: ([^\n]+?))? -->\n```\w*\n(.*?)```", re.DOTALL)


def examples() -> list[tuple[str, str, dict[str, list[str]]]]:
    """Name with options, content, and the lines that are expected of each kind."""
    found: list[tuple[str, str, dict[str, list[str]]]] = []
    for kind, named, content in _BLOCK.findall(DOCUMENT.read_text()):
        if kind in ("reads", "fails"):
            found.append((named, content, {}))
        else:
            found[-1][2][kind] = content.splitlines()
    return found


EXAMPLES = examples()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8
    assert all(expected for _, _, expected in EXAMPLES)


@pytest.mark.parametrize(
    ("named", "content", "expected"), EXAMPLES, ids=[named for named, _, _ in EXAMPLES]
)
def test_an_example(
    tmp_path: Path, named: str, content: str, expected: dict[str, list[str]]
) -> None:
    name, *words = named.split()
    options = dict(zip(words[::2], words[1::2], strict=True))
    (tmp_path / name).write_text(content)
    notices: list[str] = []
    table = options.get("--table", "t" if "said" in expected else None)
    types = parse_types(options["--types"]) if "--types" in options else {}
    found = list(
        read_writes(str(tmp_path / name), ReadOptions(table, types=types, notice=notices.append))
    )
    if "becomes" in expected:
        assert [
            f"{each.kind} {each.table} {orjson.dumps(each.attributes).decode()}" for each in found
        ] == expected["becomes"]
    if "said" in expected:
        said = [f"{place}: {reason}" for place, reason in failures(found)]
        assert said == expected["said"]
        assert any(isinstance(each, Operation) for each in found)
    if "notice" in expected:
        assert [notice.removeprefix(f"{tmp_path}/") for notice in notices] == expected["notice"]
