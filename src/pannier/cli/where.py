"""What `delete --where` and `update` share: a preview, a question, and the job."""

import argparse
import random
import sys
from typing import Final

from pannier.batch.tables.conditional_action import ConditionalAction, Expressions
from pannier.cli import options as shared
from pannier.cli.described import described
from pannier.cli.job import ScanJob
from pannier.cli.page_options import add_condition, names_of, refused, values_of
from pannier.cli.preview import preview_of, show_preview
from pannier.cli.status import DONE, FAILED
from pannier.errors import ServiceError
from pannier.library.connection import Connection
from pannier.model.key_schema import KeySchema

_YES: Final = ("y", "yes")


def add_where(parser: argparse.ArgumentParser) -> None:
    """`--where` and what goes with it."""
    parser.add_argument(
        "--where",
        metavar="EXPRESSION",
        help="which items, e.g. 'price > :high AND status = :s'; each is touched only if it still "
        "meets this when its turn comes",
    )
    add_condition(parser, "--where")
    parser.add_argument("--consistent", action="store_true", help="find the items consistently")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="change nothing; say how many items it would be, and what that would cost",
    )
    parser.add_argument(
        "--yes", action="store_true", help="do it, without a preview and without asking"
    )


def act_where(options: argparse.Namespace, update: str) -> int:
    """Delete or update the items of `options.table` that meet `options.where`.

    Args:
        options: the command line.
        update: an UpdateExpression; empty for a delete.

    Returns:
        The exit status.

    Raises:
        UserError: there is no such table, or an expression is wrong.
    """
    names, values = names_of(options), values_of(options)
    with shared.open_connection(options) as connection:
        description = described(connection, options.table)
        schema = KeySchema.from_api(description["KeySchema"], description["AttributeDefinitions"])
        expressions = Expressions(options.where, update, names, values)
        try:
            action = ConditionalAction(options.table, schema, expressions)
        except ServiceError as error:
            raise refused(f"{error.code}: {error.message}") from None
        if options.dry_run or not options.yes:
            preview = preview_of(connection, options, action, description, random.Random())
            show_preview(options, preview)
            if options.dry_run:
                return DONE
            if not preview.count.high or not _confirmed(action.kind):
                return DONE if not preview.count.high else FAILED
        return _act(options, connection, action)


def _act(options: argparse.Namespace, connection: Connection, action: ConditionalAction) -> int:
    label = "deleting" if action.kind == "delete" else "updating"
    job = ScanJob(options, None, connection.target, label)
    with job:
        acting = connection.act(
            action,
            consistent=options.consistent,
            options=shared.job_options(options),
            on_failure=job.failures.add,
            report=job.follow,
        )
        if acting.found is not None:
            sys.stderr.write(
                f"pannier: {acting.found.read:,} items were read to find {acting.report.read:,}\n"
            )
    return job.end()


def _confirmed(kind: str) -> bool:
    """Whether the user wants it done, if there is one to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        sys.stderr.write("pannier: nothing was changed; add --yes to do it\n")
        return False
    sys.stderr.write(f"{kind} them? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() in _YES:
        return True
    sys.stderr.write("pannier: nothing was changed\n")
    return False
