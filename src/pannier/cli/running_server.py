"""Options of the commands that switch a running server."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from pannier.targets.admin import AdminClient, find_server


def add_server(parser: argparse.ArgumentParser) -> None:
    """`--target` and `--output`."""
    parser.add_argument(
        "--target",
        metavar="TARGET",
        help="the server: its URL, or local:PATH for the folder that it serves (default: "
        "$PANNIER_TARGET, $AWS_ENDPOINT_URL_DYNAMODB, $AWS_ENDPOINT_URL, else local)",
    )
    parser.add_argument(
        "--output",
        choices=("text", "json"),
        default="text",
        help="json prints what the admin API answers (default %(default)s)",
    )


def open_server(options: argparse.Namespace) -> AdminClient:
    """The server, and say which it is."""
    server = find_server(options.target)
    sys.stderr.write(f"server: {server.url}\n")
    return server


def show(options: argparse.Namespace, answer: dict[str, Any], lines: Iterable[str]) -> None:
    """Print an answer, as JSON or as lines."""
    if options.output == "json":
        sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines, each column as wide as it must be."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
