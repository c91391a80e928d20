"""Reading files: operations to write, and keys to read or delete, out of any format."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pannier.batch.operation import Operation, Origin
from pannier.batch.reads.read import Key
from pannier.batch.report import Failure
from pannier.files import formats
from pannier.files.compression import DamagedError
from pannier.files.inputs import Input, opened_input
from pannier.files.opening import PIPE, FileError, is_folder, opened, shown
from pannier.files.source import ReadOptions, Source, damage

Keys: TypeAlias = Iterator[Key | Failure]

_DEFAULTS = ReadOptions()


def read_all(names: Iterable[str], options: ReadOptions = _DEFAULTS) -> Source:
    """The operations in several files, in order; see `read_writes`.

    Raises:
        FileError: the first file can't be used. A later one that can't is a failure, as others have
            been read by then, and more may come.
    """
    for number, name in enumerate(names):
        try:
            yield from read_writes(name, options)
        except FileError as error:
            if number == 0:
                raise
            yield damage(options.table, error.message, Origin(shown(name), 1, "line"))


def read_writes(name: str, options: ReadOptions = _DEFAULTS) -> Source:
    """The operations in a file, in order.

    Args:
        name: a path, `-` for a pipe, an address, or the folder of an export.
        options: how it is read.

    Yields:
        Operations, and a `Failure` for everything that is none.

    Raises:
        FileError: there is no such file, or nothing in it can be used.
    """
    return _passing_by(_elements(name, options), options)


def read_item_keys(name: str, options: ReadOptions = _DEFAULTS) -> Keys:
    """The keys in a file, or items that the keys are taken from, as they stand there.

    Raises:
        FileError: there is no such file, or nothing in it can be used.
    """
    for element in read_writes(name, options):
        if isinstance(element, Operation):
            yield Key(element.table, element.attributes, element.origin)
        else:
            yield element


def check(name: str) -> None:
    """See that a file can be opened, or that a folder is an export, without reading it.

    Raises:
        FileError: it can't, or is none.
    """
    if name == PIPE:
        return
    if is_folder(name):
        from pannier.files.export_manifest import read_manifest

        read_manifest(name)
        return
    with opened(name):
        pass


def _elements(name: str, options: ReadOptions) -> Source:
    if options.format == "export" or is_folder(name):
        from pannier.files.export_source import read_folder

        yield from read_folder(name, options)
        return
    with opened_input(name) as file:
        yield from read_input(file, options)


def read_input(file: Input, options: ReadOptions) -> Source:
    """The operations in a file that is open.

    Raises:
        FileError: nothing in it can be used.
    """
    try:
        format_name = format_of(file, options)
    except DamagedError as error:
        yield damage(options.table, str(error), Origin(file.shown, 1, "line"))
        return
    if options.table is None and not formats.names_tables(format_name):
        raise FileError(
            f"{file.shown} does not say where its items go", "Name a table: --table NAME."
        )
    yield from formats.reader_of(format_name)(file, options)


def format_of(file: Input, options: ReadOptions) -> str:
    """The format of a file that is open: what was said, or what it looks like.

    Raises:
        FileError: it is none that is known.
        DamagedError: it breaks off before its first line ends.
    """
    if options.format in ("auto", "plain", "dynamodb"):
        return formats.detect(file)
    return options.format


def _passing_by(elements: Source, options: ReadOptions) -> Source:
    """The elements without those that an earlier run has dealt with; see `Skipping`."""
    skipping = options.skipping
    if not skipping.left:
        yield from elements
        return
    for element in elements:
        if skipping.left:
            skipping.left -= 1
        else:
            yield element
            break
    yield from elements
