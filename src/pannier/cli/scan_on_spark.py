"""`pannier scan --spark`: a task for each segment, and a folder of as many files."""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pannier.cli import options as shared
from pannier.cli.described import described
from pannier.cli.format_options import write_options
from pannier.cli.page_options import extent, request_of
from pannier.cli.page_reading import check_request
from pannier.cli.spark_job import SparkJob, division, only_run
from pannier.cli.spark_options import place_of, spark_session
from pannier.errors import UserError
from pannier.files.compression import kind_of_name
from pannier.files.opening import is_remote, path_of
from pannier.files.writing import format_of
from pannier.spark.described import Described
from pannier.spark.inferring import schema_of
from pannier.spark.parquet_writing import merged, write_parquet
from pannier.spark.read_plan import segment_count
from pannier.spark.registering import slots_of
from pannier.spark.scan_lines import LINES, Form, ScanTask
from pannier.spark.sessions import is_local

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_FORMATS: Final = ("dynamodb", "plain", "parquet")
_PACKED: Final[Mapping[str, str]] = {"": "none", "gzip": "gzip"}


@dataclass(frozen=True, slots=True)
class Folder:
    """What is written.

    Attributes:
        name: of the folder, as the user wrote it.
        format: one of `_FORMATS`.
        packed: Spark's name for the compression of lines.
    """

    name: str
    format: str
    packed: str

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Folder":
        """What the command line asks for.

        Raises:
            UserError: there is no folder, it is there already, or Spark does not write that.
        """
        if not options.out:
            raise UserError(
                "a scan on Spark writes files, as many as there are tasks",
                "Name a folder for them, which all executors can reach: --out FOLDER.",
            )
        wanted = write_options(options, options.table)
        name = format_of(options.out.rstrip("/"), wanted)
        if name not in _FORMATS or options.numbers != "exact":
            what = name if name not in _FORMATS else f"--numbers {options.numbers}"
            raise UserError(
                f"on Spark there is no {what}",
                f"Formats there: {', '.join(_FORMATS)}; a folder's name may end in .jsonl, "
                ".jsonl.gz or .parquet. Or leave --spark out.",
            )
        packed = kind_of_name(options.out.rstrip("/")) or ""
        if packed not in _PACKED or (packed and name == "parquet"):
            raise UserError(
                f"on Spark nothing is packed as {options.out} asks for",
                "Let the folder's name end in .jsonl.gz, or in .jsonl.",
            )
        folder = cls(options.out, name, _PACKED[packed])
        folder.place(options.spark)
        return folder

    def place(self, master: str) -> str:
        """The folder as Spark takes it: without a scheme, its own file system has it.

        Raises:
            UserError: it is there already.
        """
        if not is_local(master) or is_remote(self.name):
            return self.name
        path = Path(path_of(self.name)).absolute()
        if path.exists():
            raise UserError(
                f"{self.name} is there already", "Remove it, or name another folder: --out FOLDER."
            )
        return str(path)


def scan_on_spark(options: argparse.Namespace) -> int:
    """Scan a table or index.

    Args:
        options: the command line.

    Returns:
        The exit status.

    Raises:
        UserError: the request can't be made, the target is not for several processes, the folder
            can't be written, there is no session, or a budget can't be divided.
    """
    request = request_of(options)
    folder = Folder.of(options)
    with shared.open_connection(options) as connection:
        place = place_of(options.target, connection.target)
        found = extent(options, described(connection, options.table))
        what = Described.of(connection, options.table, options.index)
        check_request(connection, request)
        job = SparkJob(options, connection.target, "scanning")
        with spark_session(options) as spark:
            slots = slots_of(spark)
            evenly = options.read_units is not None
            count = options.segments or segment_count(found.size_bytes, slots, evenly=evenly)
            each = division(spark, count).options(options)
            form: Form = "plain" if folder.format == "plain" else "dynamodb"
            shaped = folder.format == "parquet"
            work = ScanTask(job.id, place, request, count, form, each, shaped)
            into = folder.place(spark.conf.get("spark.master") or "")
            with job:
                if shaped:
                    _as_parquet(spark, job, work, what, into)
                else:
                    lines = job.tasks(spark, "scan", count).frame(work, LINES)
                    job.do(lambda: lines.write.text(into, compression=folder.packed))
    if not job.report.ok:
        sys.stderr.write(f"pannier: {options.out} was not written: not all items were read\n")
    return job.end()


def _as_parquet(
    spark: "SparkSession", job: SparkJob, work: ScanTask, what: Described, into: str
) -> None:
    from pyspark import StorageLevel

    tasks = job.tasks(spark, "scan", work.segments)
    lines = tasks.frame(work, LINES).persist(StorageLevel.DISK_ONLY)
    job.do(lambda: only_run(lines))
    if job.report.ok:
        shapes = [each.shape for each in tasks.done.values() if each.shape is not None]
        schema = schema_of(merged(shapes), what)
        job.do(lambda: write_parquet(lines, schema, what.key_names, into))
    lines.unpersist()
