"""`pannier batch-get-item`: the `aws` spelling and the AWS-shaped answer, for any size."""

import argparse
import sys
from typing import Any, Final

import orjson

from pannier.batch.calls import CallError
from pannier.batch.prepared import prepare_key
from pannier.batch.reads.read import Key
from pannier.batch.report import Failure, Report
from pannier.cli import options as shared
from pannier.cli.aws_answer import consumed_capacity, refuse
from pannier.cli.aws_input import parameter
from pannier.cli.missing_table import explain
from pannier.cli.status import DONE, FAILED
from pannier.engine.messages import DUPLICATE_KEYS
from pannier.errors import ServiceError, UserError, ValidationException
from pannier.files.read_requests import ReadSource, keys_of_request
from pannier.library.connection import Connection
from pannier.model.attribute_value import Item

_NAME: Final = "BatchGetItem"
_OPTION: Final = "--request-items"
_EXAMPLES: Final = """  pannier batch-get-item --request-items file://batch-get.json
  pannier batch-get-item --request-items file://batch-get-projection.json
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    shared.add_request(parser)
    shared.add_target(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the request."""
    source = keys_of_request(parameter(options.request_items, _OPTION), _OPTION)
    keys = _keys(source)
    responses: dict[str, list[Item]] = {table: [] for table in source.tables}
    unprocessed: list[Failure] = []
    reports: list[Report] = []
    with shared.open_connection(options) as connection:
        try:
            _check(connection, keys)
            for found in connection.find(
                keys, source.tables, on_failure=unprocessed.append, report=reports.append
            ):
                if found.item is not None:
                    responses[found.table].append(found.item)
        except CallError as error:
            key = next(each for each in keys if each.table == error.request["TableName"])
            raise explain(error, key.attributes, is_key=True) from None
        except ServiceError as error:
            return refuse(error.code, error.message, _NAME)
    (report,) = reports
    if report.failed:
        code, _, message = next(iter(report.reasons)).partition(": ")
        return refuse(code, message, _NAME)
    left: dict[str, Any] = {}
    for failure in unprocessed:
        left.setdefault(failure.table, {"Keys": []})["Keys"].append(failure.attributes)
    answer: dict[str, Any] = {"Responses": responses, "UnprocessedKeys": left}
    if options.return_consumed_capacity != "NONE":
        answer["ConsumedCapacity"] = consumed_capacity(
            report.units.read, report.units.local_indexes, options.return_consumed_capacity
        )
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")
    if report.calls > 1:
        sys.stderr.write(f"{report.read} keys in {report.calls} calls\n")
    return FAILED if unprocessed else DONE


def _keys(source: ReadSource) -> list[Key]:
    keys = []
    for element in source.keys:
        if isinstance(element, Failure):
            raise UserError(f"{element.origin}: {element.reason}")
        keys.append(element)
    return keys


def _check(connection: Connection, keys: list[Key]) -> None:
    """Refuse what the service would refuse, before anything is read.

    Raises:
        ServiceError: the service's own error.
        CallError: a table does not exist.
    """
    lanes = {
        prepare_key(key.table, key.attributes, connection.schema(key.table)).lane for key in keys
    }
    if len(lanes) != len(keys):
        raise ValidationException(DUPLICATE_KEYS)
