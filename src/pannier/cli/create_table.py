"""`pannier create-table`: in a short form, as `aws` spells it, or from a file that defines it."""

import argparse
import json
import sys
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.cli import options as shared
from pannier.cli.aws_input import parameter
from pannier.cli.create_from import tables_made
from pannier.cli.status import DONE
from pannier.cli.table_name import add_table_name, table_name
from pannier.errors import UserError

_EXAMPLES: Final = """  pannier create-table shop --key PK:S,SK:S
  pannier create-table shop --key PK:S,SK:S --index GSI1=GSI1PK:S,GSI1SK:S --provisioned 5,5
  pannier create-table --from template.yaml
  pannier create-table --from template.yaml --resource Orders --parameter Stage=test
  pannier create-table copy --from table.json
  pannier create-table --table-name shop --billing-mode PAY_PER_REQUEST \\
      --attribute-definitions AttributeName=PK,AttributeType=S \\
      --key-schema AttributeName=PK,KeyType=HASH
"""
_DEFINING: Final = (
    "key", "index", "local_index", "provisioned", "attribute_definitions", "key_schema",
    "billing_mode", "provisioned_throughput", "global_secondary_indexes",
    "local_secondary_indexes", "table_class", "tags", "deletion_protection_enabled",
)  # fmt: skip
_KEY_HELP: Final = "NAME:TYPE[,NAME:TYPE]: partition key and sort key, each of type S, N or B"
_ROLES: Final = ("HASH", "RANGE")


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    add_table_name(parser)
    short = parser.add_argument_group("short form")
    short.add_argument("--key", metavar="KEY", help=_KEY_HELP)
    short.add_argument(
        "--index", action="append", default=[], metavar="NAME=KEY",
        help="a global index; may be repeated",
    )  # fmt: skip
    short.add_argument(
        "--local-index", action="append", default=[], metavar="NAME=SORTKEY",
        help="a local index with its sort key; may be repeated",
    )  # fmt: skip
    short.add_argument(
        "--provisioned", metavar="READ,WRITE",
        help="capacity units of the table and each index (default: on demand)",
    )  # fmt: skip
    spelled = parser.add_argument_group("as aws spells it")
    spelled.add_argument("--attribute-definitions", nargs="+", metavar="DEFINITION")
    spelled.add_argument("--key-schema", nargs="+", metavar="ELEMENT")
    spelled.add_argument("--billing-mode", choices=("PROVISIONED", "PAY_PER_REQUEST"))
    spelled.add_argument("--provisioned-throughput", metavar="UNITS")
    spelled.add_argument("--global-secondary-indexes", nargs="+", metavar="INDEX")
    spelled.add_argument("--local-secondary-indexes", nargs="+", metavar="INDEX")
    spelled.add_argument("--table-class", choices=("STANDARD", "STANDARD_INFREQUENT_ACCESS"))
    spelled.add_argument("--tags", nargs="+", metavar="TAG")
    protection = spelled.add_mutually_exclusive_group()
    protection.add_argument("--deletion-protection-enabled", action="store_true", default=None)
    protection.add_argument(
        "--no-deletion-protection-enabled",
        dest="deletion_protection_enabled",
        action="store_false",
    )
    files = parser.add_argument_group("from a file")
    files.add_argument(
        "--from", dest="source", metavar="FILE",
        help="a CloudFormation or synthesised CDK template (JSON or YAML), the answer of "
        "describe-table, or a request for --cli-input-json; - for standard input",
    )  # fmt: skip
    files.add_argument(
        "--resource", metavar="NAME", help="only this table of a template (default: all)"
    )
    files.add_argument(
        "--parameter", action="append", default=[], metavar="NAME=VALUE",
        help="a parameter of the template (default: its default); may be repeated",
    )  # fmt: skip
    shared.add_target(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Create a table."""
    if options.source is not None:
        for each in _DEFINING:
            if getattr(options, each) not in (None, []):
                option = "--" + each.replace("_", "-")
                raise UserError(f"{option} does not go with --from", "The file says it all.")
        for description in tables_made(options):
            _show(description)
        return DONE
    if options.resource or options.parameter:
        raise UserError("--resource and --parameter go with --from", "Name the template.")
    name = table_name(options)
    if options.key and options.key_schema:
        raise UserError("--key and --key-schema say the same", "Use one of the two forms.")
    request = short_form(options) if options.key else _spelled(options)
    with shared.open_connection(options) as connection:
        try:
            answer = connection.call("CreateTable", {"TableName": name, **request})
        except CallError as error:
            raise UserError(str(error)) from None
    _show(answer["TableDescription"])
    return DONE


def _show(description: dict[str, Any]) -> None:
    shown = {"TableDescription": description}
    sys.stdout.write(json.dumps(shown, indent=4, ensure_ascii=False) + "\n")


def short_form(options: argparse.Namespace) -> dict[str, Any]:
    """The `CreateTable` request of the short form, without the table's name.

    Raises:
        UserError: the key or an index can't be read.
    """
    kinds: dict[str, str] = {}
    schema = _schema(options.key, "--key", kinds)
    throughput = _throughput(options.provisioned)
    request: dict[str, Any] = {"KeySchema": schema, **throughput}
    if not throughput:
        request["BillingMode"] = "PAY_PER_REQUEST"
    partition = schema[0]
    for text in options.index:
        index = _index(text, "--index", kinds)
        request.setdefault("GlobalSecondaryIndexes", []).append({**index, **throughput})
    for text in options.local_index:
        index = _index(text, "--local-index", kinds)
        if len(index["KeySchema"]) != 1:
            raise UserError("a local index has one sort key", "Write it as NAME=SORTKEY:TYPE.")
        index["KeySchema"] = [partition, {**index["KeySchema"][0], "KeyType": "RANGE"}]
        request.setdefault("LocalSecondaryIndexes", []).append(index)
    request["AttributeDefinitions"] = [
        {"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()
    ]
    return request


def _schema(text: str, option: str, kinds: dict[str, str]) -> list[dict[str, str]]:
    """A key schema from `NAME:TYPE[,NAME:TYPE]`; the types are added to `kinds`."""
    parts = text.split(",")
    schema = []
    for part, role in zip(parts, _ROLES, strict=False):
        name, _, kind = part.strip().rpartition(":")
        if not name or kind not in ("S", "N", "B") or len(parts) > len(_ROLES):
            raise UserError(f"{option} {text}: can't be read", f"Write it as {_KEY_HELP}.")
        if kinds.setdefault(name, kind) != kind:
            raise UserError(f"{option} {text}: {name} has another type elsewhere")
        schema.append({"AttributeName": name, "KeyType": role})
    return schema


def _index(text: str, option: str, kinds: dict[str, str]) -> dict[str, Any]:
    name, equals, key = text.partition("=")
    if not equals or not name:
        raise UserError(
            f"{option} {text}: can't be read", f"Write it as NAME=KEY; KEY is {_KEY_HELP}."
        )
    return {
        "IndexName": name,
        "KeySchema": _schema(key, option, kinds),
        "Projection": {"ProjectionType": "ALL"},
    }


def _throughput(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    read, _, write = text.partition(",")
    if not (read.strip().isdigit() and write.strip().isdigit()):
        raise UserError(f"--provisioned {text}: can't be read", "Write it as READ,WRITE: 5,5.")
    units = {"ReadCapacityUnits": int(read), "WriteCapacityUnits": int(write)}
    return {"ProvisionedThroughput": units}


def _spelled(options: argparse.Namespace) -> dict[str, Any]:
    if not options.key_schema or not options.attribute_definitions:
        raise UserError(
            "a table needs a key",
            "Give --key PK:S,SK:S, or --attribute-definitions and --key-schema as aws takes them.",
        )
    given: dict[str, Any] = {
        "AttributeDefinitions": _list(options.attribute_definitions, "--attribute-definitions"),
        "KeySchema": _list(options.key_schema, "--key-schema"),
        "GlobalSecondaryIndexes": _list(
            options.global_secondary_indexes, "--global-secondary-indexes"
        ),
        "LocalSecondaryIndexes": _list(
            options.local_secondary_indexes, "--local-secondary-indexes"
        ),
        "Tags": _list(options.tags, "--tags"),
        "BillingMode": options.billing_mode,
        "TableClass": options.table_class,
        "DeletionProtectionEnabled": options.deletion_protection_enabled,
    }
    if options.provisioned_throughput:
        given["ProvisionedThroughput"] = parameter(
            options.provisioned_throughput, "--provisioned-throughput"
        )
    return {member: value for member, value in given.items() if value is not None}


def _list(texts: list[str] | None, option: str) -> list[Any] | None:
    if texts is None:
        return None
    values: list[Any] = []
    for text in texts:
        value = parameter(text, option)
        values.extend(value if isinstance(value, list) else [value])
    return values
