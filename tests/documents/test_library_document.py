"""docs/library.md names everything that is public."""

import ast
import dataclasses
import inspect
from pathlib import Path

import pannier
from pannier import AsyncConnection, BatchProcessor, Connection, Options, Table, Writer
from tests.documents.blocks import DOCUMENTS

TEXT = (DOCUMENTS / "library.md").read_text()


def test_every_public_name_is_there() -> None:
    for name in pannier.__all__:
        # The three that are met only as what other calls give.
        if name not in ("AsyncConnection", "AsyncWriter", "Connection", "__version__"):
            assert name in TEXT or name.lower() in TEXT, name


def test_every_method_is_there() -> None:
    for kind in (Connection, AsyncConnection, Table, Writer, BatchProcessor):
        for name, _ in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_"):
                assert f"{name}(" in TEXT or f"`{name}`" in TEXT or f".{name}`" in TEXT, name


def test_every_option_is_there() -> None:
    options = TEXT.partition("## Options")[2].partition("## Errors")[0]
    for each in dataclasses.fields(Options):
        assert f"`{each.name}`" in options


def test_the_table_of_values_is_that_of_the_code() -> None:
    def kinds(text: str | None) -> list[str]:
        rows = [line.split("|") for line in (text or "").splitlines() if line.startswith("|")]
        return [row[2].strip() for row in rows if row[2].strip()[:1].isupper()]

    values = TEXT.partition("## Values")[2].partition("## Data frames")[0]
    # Compiled, a module has no docstring; its source has.
    source = Path(pannier.__file__).parent / "model" / "plain.py"
    assert kinds(values) == kinds(ast.get_docstring(ast.parse(source.read_text())))
