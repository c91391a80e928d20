"""`pannier write --spark`: a task for each piece of the files."""

import argparse
from dataclasses import replace

from pannier.batch.calls import CallError
from pannier.batch.operation import Kind, Operation
from pannier.cli import options as shared
from pannier.cli.format_options import read_options
from pannier.cli.missing_table import explain
from pannier.cli.spark_job import SparkJob, division
from pannier.cli.spark_options import place_of, spark_session
from pannier.errors import UserError
from pannier.files.opening import PIPE, expand
from pannier.files.reading import check, read_all
from pannier.files.source import ReadOptions
from pannier.library.connection import Connection
from pannier.spark.piece_writing import WriteTask
from pannier.spark.pieces import frame_of, pieces_of
from pannier.spark.registering import slots_of


def write_on_spark(options: argparse.Namespace) -> int:
    """Write the files.

    Args:
        options: the command line.

    Returns:
        The exit status.

    Raises:
        UserError: a file or table is not there, the target is not for several processes, there is
            no session, or a budget can't be divided.
    """
    if PIPE in options.files:
        raise UserError(
            "standard input has one reader, and a job on Spark has many",
            "Write it to a file first, where all executors find it, and name that.",
        )
    files = expand(options.files)
    for name in files:
        check(name)
    with shared.open_connection(options) as connection:
        place = place_of(options.target, connection.target)
        _check_table(options, files, connection)
        job = SparkJob(options, connection.target, "writing")
        with spark_session(options) as spark:
            pieces = pieces_of(files, _silent(options), slots=slots_of(spark))
            each = division(spark, len(pieces)).options(options)
            work = WriteTask(job.notes, place, each)
            with job:
                job.run(spark, "write", work, len(pieces), frame_of(spark, pieces))
    return job.end()


def _check_table(options: argparse.Namespace, files: list[str], connection: Connection) -> None:
    """See to it that the first table is there, before a session is begun.

    Raises:
        UserError: it is not.
    """
    elements = read_all(files, _silent(options))
    first = next((each for each in elements if isinstance(each, Operation)), None)
    if first is None:
        return
    try:
        connection.schema(first.table)
    except CallError as error:
        is_key = first.kind is Kind.DELETE
        raise explain(error, first.attributes, is_key=is_key) from None


def _silent(options: argparse.Namespace) -> ReadOptions:
    """How files are read here, where the tasks will say what they decide by looking at them."""
    return replace(read_options(options), notice=ReadOptions().notice)
