"""The report as people read it, and where it is written to."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from pannier.batch.report import Report
from pannier.errors import UserError
from pannier.publishing.document import document
from pannier.publishing.report_lines import report_lines

FORMS: Final = ("table", "json", "none")
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def check_form(form: str) -> None:
    """See to it that a report can be written where it shall be, before the job begins.

    Raises:
        UserError: it can't.
    """
    if form not in FORMS and not Path(form).absolute().parent.is_dir():
        raise UserError(
            f"the report can't be written to {form}: there is no folder {Path(form).parent}",
            "Make the folder, or name another file with --report.",
        )


def show(report: Report, form: str, target: str = "", more: Mapping[str, Any] = _NOTHING) -> None:
    """Write a report, as `table` or `json` to standard error, not at all (`none`), or to a file.

    A file gets the JSON form; the table is shown beside it.

    Args:
        report: of a job that has ended.
        form: one of `FORMS`, or the file.
        target: the name of the target.
        more: members of the JSON form beside those of the report.

    Raises:
        UserError: the file can't be written.
    """
    if form == "none":
        return
    if form == "table":
        Console(stderr=True, highlight=False).print(render(report))
        return
    text = json.dumps({**document(report, target), **more}, indent=2) + "\n"
    if form == "json":
        sys.stderr.write(text)
        return
    Console(stderr=True, highlight=False).print(render(report))
    try:
        Path(form).write_text(text)
    except OSError as error:
        raise UserError(
            f"the report can't be written to {form}: {error.strerror}",
            "The job itself is not touched by this; its report is the table above.",
        ) from None


def render(report: Report) -> Table:
    """A report as a table of two columns."""
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    for name, value in report_lines(report):
        table.add_row(name, value)
    return table
