"""The manifest of a DynamoDB export to S3: which files belong to it, and whether they are sound.

    AWSDynamoDB/<export>/manifest-summary.json   what was exported, in which format
    AWSDynamoDB/<export>/manifest-summary.md5    its MD5, in base64
    AWSDynamoDB/<export>/manifest-files.json     a line for each data file: items, MD5, ETag, key
    AWSDynamoDB/<export>/manifest-files.md5
    AWSDynamoDB/<export>/data/*.json.gz          of a full export
    AWSDynamoDB/data/*.json.gz                   of incremental exports, all in one folder

Source: Developer Guide, "DynamoDB table export output format". It calls the checksum files
`.checksum` in one place; exports have `.md5`. Both are read.
"""

import hashlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from pannier.files.opening import FileError, exists, joined, names_in, opened

SUMMARY: Final = "manifest-summary"
FILES: Final = "manifest-files"
ROOT: Final = "AWSDynamoDB"
DATA: Final = "data"
_CHECKSUM_ENDINGS: Final = (".md5", ".checksum")
_FORMATS: Final = {"DYNAMODB_JSON": "jsonl", "ION": "ion"}


@dataclass(frozen=True, slots=True)
class DataFile:
    """One data file of an export.

    Attributes:
        name: where it is, or should be.
        items: how many it holds; None if the manifest does not say.
        md5: of the file as it lies there; empty if the manifest does not say.
        etag: of the object in S3.
    """

    name: str
    items: int | None
    md5: bytes
    etag: str

    def differs(self, md5: bytes) -> bool:
        """Whether a file with this MD5 is another one than was exported.

        The manifest's MD5 decides. Where there is none an ETag can stand in for it, if the object
        was written at once or in one part; of several parts the sizes are not known.
        """
        if self.md5:
            return self.md5 != md5
        digest, _, parts = self.etag.partition("-")
        if parts == "1":
            return digest != hashlib.md5(md5, usedforsecurity=False).hexdigest()
        return bool(digest) and not parts and digest != md5.hex()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export says of itself.

    Attributes:
        folder: where it is.
        table: the name of the table that was exported.
        format: of the data files: `jsonl` or `ion`.
        files: these.
    """

    folder: str
    table: str
    format: str
    files: tuple[DataFile, ...]


def read_manifest(folder: str) -> Manifest:
    """The manifest in a folder, or in the only export beneath it.

    Raises:
        FileError: there is none, there are several, or it is not what it was when it was written.
    """
    export = _find(folder)
    content = _verified(joined(export, SUMMARY))
    summary = _object(content, joined(export, SUMMARY + ".json"))
    output = str(summary.get("outputFormat", "DYNAMODB_JSON"))
    if output not in _FORMATS:
        raise FileError(f"{export} is an export in the format {output}, which is not read here")
    lines = _verified(joined(export, FILES)).splitlines()
    place = joined(export, FILES + ".json")
    # The files of a full export are in its own folder, those of incremental ones in one for all.
    folders = [joined(export, DATA), joined(_parent(export), DATA)]
    present = [(each, set(names_in(each)) if exists(each) else set()) for each in folders]
    files = tuple(_data_file(_object(line, place), present) for line in lines if line.strip())
    table = str(summary.get("tableArn", "")).partition(":table/")[2].partition("/")[0]
    return Manifest(export, table, _FORMATS[output], files)


def _find(folder: str) -> str:
    if exists(joined(folder, SUMMARY + ".json")):
        return folder
    found = []
    for parent in (folder, joined(folder, ROOT)):
        if exists(parent):
            inside = (joined(parent, name) for name in names_in(parent))
            found += [each for each in inside if exists(joined(each, SUMMARY + ".json"))]
    if not found:
        raise FileError(
            f"{folder} is a folder, but no export of DynamoDB: it has no {SUMMARY}.json",
            f"Name the files in it, for example {joined(folder, '*.jsonl')}",
        )
    if len(found) > 1:
        raise FileError(
            f"{folder} holds {len(found)} exports",
            "Name those that you want, the full one first and incremental ones by their time:\n  "
            + " ".join(found),
        )
    return found[0]


def _verified(stem: str) -> bytes:
    """A manifest's bytes, if its checksum is right."""
    content = _content(stem + ".json")
    for ending in _CHECKSUM_ENDINGS:
        if exists(stem + ending):
            if (
                _digest(_content(stem + ending))
                != hashlib.md5(content, usedforsecurity=False).digest()
            ):
                raise FileError(
                    f"{stem}.json is not what its checksum {stem}{ending} says",
                    "Fetch the export again, for example with: aws s3 sync",
                )
            break
    return content


def _content(name: str) -> bytes:
    with opened(name) as file:
        return file.read()


def _digest(text: bytes | str) -> bytes:
    """An MD5 from base64 or hexadecimal digits; empty if it is neither."""
    spelled = (text.decode("ascii", "replace") if isinstance(text, bytes) else text).strip()
    try:
        if len(spelled) == 2 * hashlib.md5(usedforsecurity=False).digest_size:
            return bytes.fromhex(spelled)
        return b64decode(spelled, validate=True)
    except (ValueError, Base64Error):
        return b""


def _object(text: bytes, place: str) -> Mapping[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FileError(f"{place} is not JSON ({error})", "Fetch the export again.") from None
    if not isinstance(value, dict):
        raise FileError(f"{place} is no manifest", "Fetch the export again.")
    return value


def _data_file(line: Mapping[str, Any], present: list[tuple[str, set[str]]]) -> DataFile:
    key = str(line.get("dataFileS3Key", ""))
    items = line.get("itemCount")
    return DataFile(
        _located(key.rpartition("/")[2], present),
        items if isinstance(items, int) else None,
        _digest(str(line.get("md5Checksum", ""))),
        str(line.get("etag", "")).strip('"'),
    )


def _located(name: str, present: list[tuple[str, set[str]]]) -> str:
    """Where a data file is, or should be: in one of the folders, whose files are known."""
    folder = next((folder for folder, names in present if name in names), present[0][0])
    return joined(folder, name)


def _parent(folder: str) -> str:
    return folder.rstrip("/").rpartition("/")[0] or "."
