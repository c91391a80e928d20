"""The formats: what they are called, how a file is known to be one, and where its reader is.

A file's beginning says more than its name, so names only decide what the beginning leaves open:
whether lines of text are CSV, and whether JSON that could be either is one item a line.

| beginning | format |
|---|---|
| `PAR1`, `ARROW1`, `FF FF FF FF` | Parquet, Arrow (file), Arrow (stream) |
| `$ion_1_0`, `E0 01 00 EA`; any text, where the name says so | Ion |
| `{` or `[` | JSON lines if the first line is a whole object, else JSON documents |
| other text with a comma, tab or semicolon in its first line | CSV |

Readers are imported when they are needed: some load large libraries.
"""

from importlib import import_module
from typing import Final

from pannier.errors import UserError
from pannier.files.compression import without_ending
from pannier.files.inputs import Input
from pannier.files.json_text import decode, without_bom
from pannier.files.opening import FileError
from pannier.files.source import Reader
from pannier.limits import MIB

# What `--format` takes when reading; `plain` and `dynamodb` are the two forms of items in JSON.
READ: Final = (
    "auto", "plain", "dynamodb", "json", "jsonl", "csv", "tsv", "parquet", "arrow", "ion", "export",
)  # fmt: skip
_MODULES: Final = {
    "json": "json_documents",
    "jsonl": "json_lines",
    "csv": "delimited",
    "tsv": "delimited",
    "parquet": "parquet",
    "arrow": "arrow_ipc",
    "ion": "ion_lines",
}
_MAGIC: Final = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),
    (b"\xe0\x01\x00\xea", "ion"),
    (b"$ion_1_0", "ion"),
)
_ENDINGS: Final = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonlines": "jsonl", ".json": "json",
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".parquet": "parquet", ".pq": "parquet",
    ".arrow": "arrow", ".feather": "arrow", ".ipc": "arrow", ".arrows": "arrow", ".ion": "ion",
}  # fmt: skip
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
# JSON documents may name their tables themselves; in all other formats somebody must.
_NAMES_TABLES: Final = frozenset({"json", "jsonl"})
# No item takes more as JSON. A longer first line is a whole request, and it is not parsed twice.
_RECORD_BYTES_MAX: Final = MIB


def reader_of(name: str) -> Reader:
    """The function that reads a format."""
    reader: Reader = import_module(f"pannier.files.{_MODULES[name]}").read
    return reader


def of_name(name: str) -> str:
    """The format that a file's name says it has, compressed or not; empty if it says nothing."""
    plain = without_ending(name.lower())
    return next((format_ for ending, format_ in _ENDINGS.items() if plain.endswith(ending)), "")


def names_tables(format_name: str) -> bool:
    """Whether files of a format may say themselves where their items go."""
    return format_name in _NAMES_TABLES


def detect(file: Input) -> str:
    """The format of a file, from its beginning and its name.

    Raises:
        FileError: it is none that is known.
        DamagedError: it breaks off before its first line ends.
    """
    head = file.first_line()
    for magic, format_name in _MAGIC:
        if head.startswith(magic):
            return format_name
    named = of_name(file.name)
    if head.startswith(_UTF16):
        raise FileError(f"{file.shown}, line 1: not UTF-8 text", "Save the file as UTF-8.")
    if named in ("csv", "tsv"):
        return named
    if named == "ion" and b"\0" not in head:  # the marker may be left out in texts
        return named
    text = without_bom(head).lstrip()
    if named == "jsonl" or text[:1] in (b"{", b"["):
        return "jsonl" if named == "jsonl" or _is_record(text) else "json"
    if not named and any(sign in head for sign in (b",", b"\t", b";")) and b"\0" not in head:
        return "tsv" if b"\t" in head and b"," not in head else "csv"
    if named in ("parquet", "arrow", "ion"):
        raise FileError(
            f"{file.shown} is no {named} file, whatever its name says",
            "It may be damaged; or say what it is: --format FORMAT.",
        )
    return "json"  # whose reader says best what is wrong with it


def needs(extra: str, module: str) -> UserError:
    """What to say where a library for a format is missing."""
    return UserError(
        f"this format needs {module}, which is not installed",
        f"Install it: pip install 'pannier[{extra}]'",
    )


def _is_record(line: bytes) -> bool:
    """Whether a first line is a whole object by itself, so that the file is one a line."""
    if len(line) > _RECORD_BYTES_MAX:
        return False
    try:
        return isinstance(decode(line), dict)
    except (ValueError, RecursionError):
        return False
