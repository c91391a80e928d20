"""A table's name, as the first argument or in the `aws` spelling `--table-name`."""

import argparse

from pannier.errors import UserError


def add_table_name(parser: argparse.ArgumentParser) -> None:
    """`NAME` or `--table-name NAME`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the table's name")
    parser.add_argument("--table-name", metavar="NAME", help="the same in the aws spelling")


def table_name(options: argparse.Namespace) -> str:
    """The name that was given.

    Raises:
        UserError: none was given, or two different ones.
    """
    given = {name for name in (options.name, options.table_name) if name}
    if len(given) != 1:
        raise UserError("name one table", "Give it as NAME or --table-name NAME.")
    (name,) = given
    assert isinstance(name, str)
    return name
