"""`pannier batch-write-item`: the `aws` spelling and the AWS-shaped answer, for any size.

As with one call of the API, the request is taken whole or not at all: what DynamoDB would refuse is
refused before anything is sent, with its words. Only the limit of 25 is gone: more operations take
more calls.
"""

import argparse
import sys
from typing import Any, Final

import orjson

from pannier.batch.calls import CallError
from pannier.batch.operation import Kind, Operation
from pannier.batch.prepared import prepare_write
from pannier.batch.report import Failure
from pannier.cli import options as shared
from pannier.cli.aws_answer import consumed_capacity, refuse
from pannier.cli.aws_input import parameter
from pannier.cli.missing_table import explain
from pannier.cli.status import DONE, FAILED
from pannier.engine.messages import DUPLICATE_KEYS
from pannier.errors import ServiceError, UserError, ValidationException
from pannier.files.json_records import operations_of_request
from pannier.library.connection import Connection

_NAME: Final = "BatchWriteItem"
_OPTION: Final = "--request-items"
_EXAMPLES: Final = """  pannier batch-write-item --request-items file://batch-products.json
  pannier batch-write-item --request-items file://large-batch.json --return-consumed-capacity TOTAL
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    shared.add_request(parser)
    shared.add_target(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the request."""
    operations = _operations(parameter(options.request_items, _OPTION))
    unprocessed: list[Failure] = []
    with shared.open_connection(options) as connection:
        try:
            _check(connection, operations)
            report = connection.write(operations, on_failure=unprocessed.append)
        except CallError as error:
            operation = next(
                each for each in operations if each.table == error.request["TableName"]
            )
            is_key = operation.kind is Kind.DELETE
            raise explain(error, operation.attributes, is_key=is_key) from None
        except ServiceError as error:
            return refuse(error.code, error.message, _NAME)
    if report.failed:
        code, _, message = next(iter(report.reasons)).partition(": ")
        return refuse(code, message, _NAME)
    answer: dict[str, Any] = {"UnprocessedItems": _by_table(unprocessed)}
    if options.return_consumed_capacity != "NONE":
        answer["ConsumedCapacity"] = consumed_capacity(
            report.units.write, report.units.local_indexes, options.return_consumed_capacity
        )
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")
    if report.calls > 1:
        sys.stderr.write(f"{report.read} operations in {report.calls} calls\n")
    if unprocessed:
        sys.stderr.write(f"pannier: {len(unprocessed)} unprocessed: {report.stopped}\n")
    return FAILED if unprocessed else DONE


def _operations(value: Any) -> list[Operation]:
    operations = []
    for element in operations_of_request(value, _OPTION):
        if isinstance(element, Failure):
            raise UserError(f"{element.origin}: {element.reason}")
        operations.append(element)
    return operations


def _check(connection: Connection, operations: list[Operation]) -> None:
    """Refuse what the service would refuse, before anything is written.

    Raises:
        ServiceError: the service's own error.
        CallError: a table does not exist.
    """
    lanes = set()
    for operation in operations:
        lanes.add(prepare_write(operation, connection.schema(operation.table)).lane)
    if len(lanes) != len(operations):
        raise ValidationException(DUPLICATE_KEYS)


def _by_table(failures: list[Failure]) -> dict[str, list[Any]]:
    by_table: dict[str, list[Any]] = {}
    for failure in failures:
        operation = Operation(failure.table, Kind(failure.kind), failure.attributes)
        by_table.setdefault(failure.table, []).append(operation.to_request())
    return by_table
