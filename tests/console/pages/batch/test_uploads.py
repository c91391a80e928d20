"""Uploaded files become text, whatever format they have."""

import gzip
import io

import pytest

from pannier.console.pages.batch.drafts import TEXT_BYTES_MAX
from pannier.console.pages.batch.reading import read_draft
from pannier.console.pages.batch.uploads import TooLargeError, commands_for, text_of
from pannier.files.opening import FileError


def test_text_stays_as_it_is() -> None:
    assert text_of(b'\xef\xbb\xbf{"a": 1}\r\n', "a.json", None) == ('{"a": 1}\n', "a.json")
    assert text_of(b"PK,n\r\na,1\r\n", "a.csv", None) == ("PK,n\na,1\n", "a.csv")


def test_what_is_packed_is_unpacked() -> None:
    packed = gzip.compress(b'{"PK": "a"}\n')
    assert text_of(packed, "a.jsonl.gz", "T") == ('{"PK": "a"}\n', "a.jsonl")


def test_what_is_no_text_becomes_lines_of_items() -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="an extra")
    parquet = pytest.importorskip("pyarrow.parquet", reason="an extra")
    file = io.BytesIO()
    parquet.write_table(pyarrow.table({"PK": ["a", "b"], "n": [1, 2]}), file)
    text, name = text_of(file.getvalue(), "a.parquet", None)
    assert name == "a.parquet.jsonl"
    draft = read_draft(text, name, "T")
    assert (draft.size, draft.problems) == (2, [])


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(TooLargeError):
        text_of(b"x" * (TEXT_BYTES_MAX + 1), "a.json", None)
    with pytest.raises(TooLargeError):
        text_of(gzip.compress(b"x" * (TEXT_BYTES_MAX + 1)), "a.json.gz", None)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"a,b\n\xff\xfe\x00\n", "a.csv", "a.csv, line 2: not UTF-8 text"),
        (b"hello", "a.parquet", "a.parquet is no parquet file"),
        (gzip.compress(b'{"PK": "a"}\n', mtime=0)[:-6], "a.jsonl.gz", "a.jsonl.gz"),
    ],
    ids=("no UTF-8", "no Parquet", "cut off"),
)
def test_what_can_t_be_read_is_told(content: bytes, name: str, words: str) -> None:
    with pytest.raises(FileError, match=words):
        text_of(content, name, None)


def test_the_command_line_takes_what_the_editor_does_not() -> None:
    commands = dict(commands_for("my items.csv", "shop", "http://127.0.0.1:8000"))
    assert (
        commands["Write it"]
        == "pannier write 'my items.csv' --table shop --target http://127.0.0.1:8000"
    )
    assert commands_for("a.json", None, "aws")[2][1] == "pannier get a.json --target aws"
