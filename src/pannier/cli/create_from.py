"""`create-table --from FILE`: the tables that a file defines."""

import argparse
import sys
from collections.abc import Iterator
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.cli import options as shared
from pannier.cli.table_documents import document_of
from pannier.cli.table_name import table_name
from pannier.cli.table_plans import TablePlan, of_description, of_request
from pannier.cli.template_tables import of_resource, table_resources
from pannier.cli.template_values import TemplateValues
from pannier.cli.wait import until_ready
from pannier.errors import UserError
from pannier.library.connection import Connection

_READY_S: Final = 300.0
_WHAT: Final = (
    "It should be a CloudFormation template with Resources, the answer of describe-table, or a "
    "request as `aws dynamodb create-table --cli-input-json` takes it."
)


def tables_made(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Make the tables of `--from`, one after another; yields the description of each.

    Raises:
        UserError: the file can't be read, a value is not known, or a table can't be made.
    """
    plans = _plans(options)
    with shared.open_connection(options) as connection:
        for plan in plans:
            name = plan.request.get("TableName")
            for note in plan.notes:
                sys.stderr.write(f"pannier: {name}: {note}\n")
            try:
                yield _made(connection, plan)
            except CallError as error:
                raise UserError(f"{name}: {error}") from None


def _made(connection: Connection, plan: TablePlan) -> dict[str, Any]:
    description: dict[str, Any] = connection.call("CreateTable", plan.request)["TableDescription"]
    if plan.time_to_live is None and plan.recovery is None:
        return description
    name = description["TableName"]
    lacking = until_ready(connection, name, _READY_S)
    if lacking:
        raise UserError(
            f"after {_READY_S:g} s {lacking}", "Time to live and recovery are not set on it."
        )
    if plan.time_to_live is not None:
        setting = {"TimeToLiveSpecification": plan.time_to_live}
        connection.call("UpdateTimeToLive", {"TableName": name, **setting})
    if plan.recovery is not None:
        setting = {"PointInTimeRecoverySpecification": plan.recovery}
        connection.call("UpdateContinuousBackups", {"TableName": name, **setting})
    return description


def _plans(options: argparse.Namespace) -> list[TablePlan]:
    source = options.source
    document = document_of(source)
    named = options.name or options.table_name
    is_template = isinstance(document, dict) and "Resources" in document
    if is_template:
        plans = _of_template(options, document)
    elif options.resource or options.parameter:
        raise UserError(
            f"{source} is no template", "--resource and --parameter go with a template."
        )
    else:
        plans = [_of_one(source, document)]
    if named:
        if len(plans) > 1:
            raise UserError(
                f"{source} has {len(plans)} tables, and one name is given",
                "Choose one of them with --resource, or leave the name out.",
            )
        plans[0].request["TableName"] = table_name(options)
    return plans


def _of_one(source: str, document: Any) -> TablePlan:
    if isinstance(document, dict):
        for member in ("Table", "TableDescription"):
            if isinstance(document.get(member), dict):
                return of_description(document[member])
        if "TableStatus" in document:
            return of_description(document)
        if "KeySchema" in document:
            return of_request(document)
    raise UserError(f"{source} defines no table", _WHAT)


def _of_template(options: argparse.Namespace, template: dict[str, Any]) -> list[TablePlan]:
    given = {}
    for text in options.parameter:
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--parameter {text}: can't be read", "Write it as NAME=VALUE.")
        given[name] = value
    values = TemplateValues(template, given)
    resources = table_resources(template, values)
    if not resources:
        raise UserError(
            f"{options.source} is a template without tables",
            "It has no resource of the type AWS::DynamoDB::Table or AWS::DynamoDB::GlobalTable.",
        )
    if options.resource:
        if options.resource not in resources:
            raise UserError(
                f"{options.source} has no table {options.resource}",
                "Its tables are: " + ", ".join(resources),
            )
        resources = {options.resource: resources[options.resource]}
    return [of_resource(name, resource, values) for name, resource in resources.items()]
