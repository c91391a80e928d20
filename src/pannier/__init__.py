"""Pannier: batch work on DynamoDB: many items, few calls, nothing lost."""

from typing import TYPE_CHECKING, Any

from pannier._version import __version__

if TYPE_CHECKING:
    from pannier.batch.calls import CallError
    from pannier.batch.journals.job_journal import JobJournal
    from pannier.batch.operation import Operation, Origin
    from pannier.batch.options import Options
    from pannier.batch.reads.projection import Projection
    from pannier.batch.reads.read import Key, TableOptions
    from pannier.batch.reads.read_results import Found
    from pannier.batch.report import Failure, Report
    from pannier.errors import PannierError, ServiceError, UserError
    from pannier.library.aio import AsyncConnection
    from pannier.library.batch_processor import BatchProcessor
    from pannier.library.connecting import connect, connect_async
    from pannier.library.connection import Connection
    from pannier.library.frames import to_arrow
    from pannier.library.interruption import Interrupted
    from pannier.library.outcomes import JobError, ReadError, ScanError, WriteError
    from pannier.library.table import Table
    from pannier.library.writers import AsyncWriter, Writer
    from pannier.model.plain import ConversionError

_PLACES = {
    "AsyncConnection": "pannier.library.aio",
    "AsyncWriter": "pannier.library.writers",
    "BatchProcessor": "pannier.library.batch_processor",
    "CallError": "pannier.batch.calls",
    "Connection": "pannier.library.connection",
    "ConversionError": "pannier.model.plain",
    "Failure": "pannier.batch.report",
    "Found": "pannier.batch.reads.read_results",
    "Interrupted": "pannier.library.interruption",
    "JobError": "pannier.library.outcomes",
    "JobJournal": "pannier.batch.journals.job_journal",
    "Key": "pannier.batch.reads.read",
    "Operation": "pannier.batch.operation",
    "Options": "pannier.batch.options",
    "Origin": "pannier.batch.operation",
    "PannierError": "pannier.errors",
    "Projection": "pannier.batch.reads.projection",
    "ReadError": "pannier.library.outcomes",
    "Report": "pannier.batch.report",
    "ScanError": "pannier.library.outcomes",
    "ServiceError": "pannier.errors",
    "Table": "pannier.library.table",
    "TableOptions": "pannier.batch.reads.read",
    "UserError": "pannier.errors",
    "WriteError": "pannier.library.outcomes",
    "Writer": "pannier.library.writers",
    "connect": "pannier.library.connecting",
    "connect_async": "pannier.library.connecting",
    "to_arrow": "pannier.library.frames",
}

__all__ = [
    "AsyncConnection",
    "AsyncWriter",
    "BatchProcessor",
    "CallError",
    "Connection",
    "ConversionError",
    "Failure",
    "Found",
    "Interrupted",
    "JobError",
    "JobJournal",
    "Key",
    "Operation",
    "Options",
    "Origin",
    "PannierError",
    "Projection",
    "ReadError",
    "Report",
    "ScanError",
    "ServiceError",
    "Table",
    "TableOptions",
    "UserError",
    "WriteError",
    "Writer",
    "__version__",
    "connect",
    "connect_async",
    "to_arrow",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that `import pannier` stays quick."""
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'pannier' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(place), name)
