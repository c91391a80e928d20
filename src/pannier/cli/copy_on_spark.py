"""`pannier copy --spark`: a task for each segment of the source."""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from pannier.batch.pages.extent import extent_of
from pannier.cli.page_reading import check_request
from pannier.cli.spark_job import SparkJob, division
from pannier.cli.spark_options import place_of, spark_session
from pannier.library.two_targets import TwoTargets
from pannier.spark.copying import CopyTask
from pannier.spark.own_modules import send_module
from pannier.spark.place import Place
from pannier.spark.read_plan import segment_count
from pannier.spark.registering import slots_of


@dataclass(frozen=True, slots=True)
class Places:
    """Where a copy reads and writes, for all processes."""

    source: Place
    destination: Place

    @classmethod
    def of(cls, options: argparse.Namespace, connection: TwoTargets) -> Self:
        """The places of a command line.

        Raises:
            UserError: one of them is of this process alone.
        """
        source = place_of(options.target, connection.target)
        if connection.other is connection.target:
            return cls(source, source)
        return cls(source, place_of(options.to_target, connection.other, "--to-target"))


def copy_on_spark(
    options: argparse.Namespace,
    request: Mapping[str, Any],
    source: Mapping[str, Any],
    connection: TwoTargets,
    places: Places,
) -> int:
    """Copy a table.

    Args:
        options: the command line.
        request: what all Scan requests say.
        source: the description of the table that is read.
        connection: to both places.
        places: these, for all processes.

    Returns:
        The exit status.

    Raises:
        UserError: there is no session, or a budget can't be divided.
    """
    check_request(connection, request)
    job = SparkJob(options, connection.other, "copying")
    with spark_session(options) as spark, TemporaryDirectory() as folder:
        slots = slots_of(spark)
        evenly = options.read_units is not None or options.write_units is not None
        size_bytes = extent_of(source).size_bytes
        count = options.segments or segment_count(size_bytes, slots, evenly=evenly)
        each = division(spark, count).options(options)
        if options.transform is not None:
            send_module(spark, options.transform, Path(folder))
        work = CopyTask(
            job.notes,
            places.source,
            places.destination,
            request,
            options.destination,
            count,
            options.transform,
            each,
        )
        with job:
            tasks = job.run(spark, "write", work, count)
            found = [each.found for each in tasks.done.values()]
            items, pages = (sum(each[at] for each in found) for at in (0, 1))
            sys.stderr.write(
                f"pannier: {items:,} items of {options.table} were read in {pages:,} pages\n"
            )
    return job.end()
