"""Exports of DynamoDB to S3, full and incremental, as folders here or at an address.

The table is the one that was exported, unless another is named. A full export puts every item; an
incremental one puts what was written in its time and deletes what was deleted. Each item is in it
once, as it was at the end of that time, so the order within an export does not matter; several
exports are applied in the order in which they are named.

Each data file is compared with its checksum and its number of items while it is read. A difference
is a failure that names the file; its items have been read by then.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from pannier.batch.operation import Origin
from pannier.batch.report import Failure
from pannier.files import formats
from pannier.files.export_manifest import DataFile, read_manifest
from pannier.files.inputs import opened_input
from pannier.files.opening import FileError
from pannier.files.source import Reader, ReadOptions, Source, damage, is_damage


def read_folder(folder: str, options: ReadOptions) -> Source:
    """The operations in an export.

    Raises:
        FileError: the folder is no export, or its manifest is damaged.
    """
    manifest = read_manifest(folder)
    table = options.table or manifest.table
    if not table:
        raise FileError(
            f"{manifest.folder} does not say which table it is of", "Name one: --table NAME."
        )
    inner = replace(options, table=table, format="dynamodb")
    reader = formats.reader_of(manifest.format)
    for data_file in manifest.files:
        yield from read_data_file(data_file, reader, inner)


def read_data_file(
    data_file: DataFile, reader: Reader, options: ReadOptions, place: str | None = None
) -> Source:
    """The operations in one data file of an export, and in what it differs from the manifest.

    Args:
        data_file: what the manifest says of it.
        reader: of its format.
        options: with the table.
        place: where it is opened, if that is not what it is called.
    """
    md5 = hashlib.md5(usedforsecurity=False)
    table, name = options.table, data_file.name
    skipping = options.skipping
    count, left = 0, skipping.left
    element = None
    try:
        with opened_input(place or name, md5.update) as file:
            file.shown = name
            for element in reader(file, options):
                count += 1 + left - skipping.left  # the reader has passed some by in silence
                yield element
                left = skipping.left
    except FileError as error:
        yield damage(table, error.message, Origin(name, 1, "line"))
        return
    if not is_damage(element):  # whose checksum can't be right
        count += left - skipping.left
        yield from _differences(data_file, md5.digest(), count, table)


def _differences(
    data_file: DataFile, md5: bytes, count: int, table: str | None
) -> Iterator[Failure]:
    place = Origin(data_file.name, count + 1, "line")
    if data_file.differs(md5):
        reason = "the file is not what the export's manifest says: its checksum differs"
        yield damage(table, reason, place)
    elif data_file.items is not None and data_file.items != count:
        reason = f"the file holds {count:,} items, the export's manifest says {data_file.items:,}"
        yield damage(table, reason, place)
