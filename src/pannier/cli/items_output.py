"""Where a command that reads items writes them: lines that can be added to, or a whole file."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pannier.cli.job import JobOf
from pannier.cli.missing_file import MissingFile
from pannier.cli.output_file import OutputFile
from pannier.errors import UserError
from pannier.files.json_sinks import to_dynamodb_json
from pannier.files.plain_json import to_plain_json
from pannier.files.sink import WriteOptions
from pannier.files.writing import is_appendable, open_sink
from pannier.model.attribute_value import Item

Add = Callable[[Item, str], None]


def check_resumable(options: argparse.Namespace, wanted: WriteOptions) -> bool:
    """Whether the output is lines, so that a job that goes on later can add to it.

    Raises:
        UserError: it is not, and that was asked for.
    """
    lines = is_appendable(options.out, wanted)
    if not lines and (options.journal or options.resume):
        raise UserError(
            f"a job that writes {options.out} can't go on later: its format is written at the end",
            "Write lines (--out FILE.jsonl), or leave --journal and --resume out.",
        )
    return lines


@contextmanager
def item_output(
    options: argparse.Namespace,
    wanted: WriteOptions,
    job: JobOf[Any],
    missing: MissingFile | None = None,
) -> Iterator[Add]:
    """What takes items, with their table, and writes them to `--out` or standard output.

    Args:
        options: the command line.
        wanted: in which format, and how.
        job: whose journal notes how much of the output is there.
        missing: a file beside it, which must be as complete as the output when that is noted.

    Raises:
        UserError: the file can't be written.
    """
    if is_appendable(options.out, wanted):
        with _lines(options, job, missing) as add:
            yield add
    else:
        with _whole(options, wanted, job) as add:
            yield add


class _Beside:
    """An output that is flushed only together with the missing keys beside it."""

    def __init__(self, out: OutputFile, missing: MissingFile) -> None:
        self._out = out
        self._missing = missing
        self.path = out.path

    def flushed(self) -> int:
        """The size of the output, with nothing left in a buffer of either."""
        self._missing.flush()
        return self._out.flushed()

    def descriptor(self) -> int:
        """To sync the output with."""
        return self._out.descriptor()


@contextmanager
def _lines(
    options: argparse.Namespace, job: JobOf[Any], missing: MissingFile | None
) -> Iterator[Add]:
    """A file of lines, which a job that goes on later can add to."""
    encode = to_plain_json if options.format == "plain" else to_dynamodb_json
    with OutputFile(options.out, job.kept_output(options.out)) as out:
        if job.journal is not None:
            job.journal.output = out if missing is None else _Beside(out, missing)
            job.journal.beside = missing

        def add(item: Item, _: str) -> None:
            out.write(encode(item) + b"\n")

        yield add


@contextmanager
def _whole(options: argparse.Namespace, wanted: WriteOptions, job: JobOf[Any]) -> Iterator[Add]:
    """A file of any format, which is there when it is complete."""
    sink = open_sink(options.out, wanted)
    try:
        yield sink.add
        report = job.report
        if job.interrupted or (report.operation == "scan" and report.stopped):
            sys.stderr.write(f"pannier: {options.out} was not written: not all items were read\n")
        else:
            sink.close()
    finally:
        sink.abort()  # does nothing to what is complete
    for note in sink.notes:
        sys.stderr.write(f"pannier: {options.out}: {note}\n")
