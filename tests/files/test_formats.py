"""Which format a file is in: its beginning says more than its name."""

from pathlib import Path

import pytest

from pannier.errors import UserError
from pannier.files import formats
from pannier.files.inputs import opened_input
from pannier.files.opening import FileError
from pannier.files.sink import WRITTEN, WriteOptions
from pannier.files.writing import format_of, is_appendable, open_sink


@pytest.mark.parametrize(
    ("name", "content", "format_name"),
    [
        ("x", b"PAR1....", "parquet"),
        ("x.csv", b"PAR1....", "parquet"),
        ("x", b"ARROW1\0\0", "arrow"),
        ("x", b"\xff\xff\xff\xff\x10\0\0\0", "arrow"),
        ("x", b"$ion_1_0 {Item:{}}", "ion"),
        ("x", b"\xe0\x01\x00\xea\xd0", "ion"),
        ("x.ion", b'{PK:"a"}\n', "ion"),
        ("x", b'{"PK": "a"}\n{"PK": "b"}\n', "jsonl"),
        ("x.json", b'{"PK": "a"}\n{"PK": "b"}\n', "jsonl"),
        ("x.jsonl", b"oops\n", "jsonl"),
        ("x.jsonl", b"", "jsonl"),
        ("x", b'\xef\xbb\xbf{"PK": "a"}\n', "jsonl"),
        ("x", b'{\n"PK": "a"}\n', "json"),
        ("x", b'[{"PK": "a"}]', "json"),
        ("x", b"\n\n  [1]", "json"),
        ("x.json", b"", "json"),
        ("x.json", b"a,b\n", "json"),
        ("x", b"a,b\n1,2\n", "csv"),
        ("x.txt", b"a;b\n1;2\n", "csv"),
        ("x", b"a\tb\n1\t2\n", "tsv"),
        ("x.csv", b"PK\na\n", "csv"),
        ("x.csv.gz", b"PK\na\n", "csv"),
        ("X.TSV", b"PK\na\n", "tsv"),
        ("x.tab", b"PK\na\n", "tsv"),
        ("x", b"nonsense", "json"),  # whose reader says best what is wrong
    ],
)
def test_the_format_of_a_file(tmp_path: Path, name: str, content: bytes, format_name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with opened_input(str(tmp_path / name)) as file:
        assert formats.detect(file) == format_name
        assert formats.reader_of(format_name)


@pytest.mark.parametrize("content", [b"\xff\xfea\0,\0", b"\xfe\xff\0a\0,"])
def test_utf16_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with opened_input(str(tmp_path / "x")) as file, pytest.raises(FileError) as caught:
        formats.detect(file)
    assert caught.value.advice == "Save the file as UTF-8."


@pytest.mark.parametrize(
    ("name", "asked", "format_name", "appendable"),
    [
        (None, "auto", "dynamodb", True),
        ("x.jsonl", "auto", "dynamodb", True),
        ("x.jsonl.gz", "auto", "dynamodb", False),
        ("s3://b/x.jsonl", "auto", "dynamodb", False),
        ("x.txt", "auto", "dynamodb", True),
        ("x.json", "auto", "array", False),
        ("x.json", "plain", "plain-array", False),
        ("x.jsonl", "plain", "plain", True),
        ("x.csv.zst", "auto", "csv", False),
        ("x.tsv", "auto", "tsv", False),
        ("x.parquet", "auto", "parquet", False),
        ("x.feather", "auto", "arrow", False),
        ("x", "export", "export", False),
    ],
)
def test_the_format_that_is_written(
    name: str | None, asked: str, format_name: str, appendable: bool
) -> None:
    options = WriteOptions(format=asked)
    assert format_of(name, options) == format_name
    assert is_appendable(name, options) is appendable


def test_a_format_that_is_not_known(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no format 'xml'"):
        open_sink(str(tmp_path / "x"), WriteOptions(format="xml"))
    with pytest.raises(UserError, match="an export is a folder"):
        open_sink(None, WriteOptions(format="export"))
    assert "csv" in WRITTEN
