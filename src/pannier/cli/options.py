"""Options that several commands share, with the same names and meanings everywhere."""

import argparse
import sys
from pathlib import Path
from typing import Any, Final, TypeAlias

from pannier.batch.options import Options
from pannier.batch.pace.budget import Allowance
from pannier.errors import UserError
from pannier.library.connecting import connect
from pannier.library.connection import Connection
from pannier.targets.resolve import resolve

# argparse names the type of its own public result with an underscore.
Subparsers: TypeAlias = "argparse._SubParsersAction[Any]"  # noqa: SLF001

PORT_MAX: Final = 65535

_DEFAULTS = Options()


def add_command(
    commands: Subparsers, name: str, summary: str, examples: str
) -> argparse.ArgumentParser:
    """A subcommand's parser, with its examples in its help."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary[:1].upper() + summary[1:] + ".",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def add_target(parser: argparse.ArgumentParser) -> None:
    """`--target`."""
    parser.add_argument(
        "--target",
        metavar="TARGET",
        help="local, local:PATH, memory, aws, or a URL (default: $PANNIER_TARGET, "
        "$AWS_ENDPOINT_URL_DYNAMODB, $AWS_ENDPOINT_URL, else local)",
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Options of every bulk job: parallelism, patience, report."""
    parser.add_argument(
        "--parallel",
        type=positive,
        default=_DEFAULTS.parallel,
        metavar="N",
        help="calls in flight at most (default %(default)s); how many finds its own level below",
    )
    parser.add_argument(
        "--give-up-after",
        type=seconds,
        default=_DEFAULTS.give_up_after_s,
        metavar="SECONDS",
        help="give up what is left after this long without any progress (default %(default)g)",
    )
    parser.add_argument(
        "--report",
        default="table",
        metavar="table|json|none|FILE",
        help="the report at the end, on standard error (default %(default)s); or its JSON in a "
        "file, beside the table",
    )
    parser.add_argument(
        "--publish",
        action="append",
        default=[],
        metavar="PLACE",
        help="publish the report: cloudwatch[:NAMESPACE], emf[:FILE], prometheus:FILE or the URL "
        "of a push gateway, otel[:URL]; may be given several times",
    )


def add_job(parser: argparse.ArgumentParser) -> None:
    """Options of a batch job of single operations: those of `add_run`, and failures."""
    add_run(parser)
    parser.add_argument(
        "--fail-fast", action="store_true", help="stop at the first operation that fails"
    )
    parser.add_argument(
        "--failures",
        metavar="FILE",
        help="where operations that did not get through are written, one JSON object a line "
        "(default pannier-failures-TIME.jsonl, only if there are any)",
    )


def add_budget(parser: argparse.ArgumentParser, kind: str) -> None:
    """`--write-units` or `--read-units`."""
    parser.add_argument(
        f"--{kind}-units",
        type=budget,
        metavar="N|N%",
        help=f"consume at most N {kind} units a second, or N%% of what is provisioned, of each "
        + ("table and each of its global indexes" if kind == "write" else "table"),
    )


def add_request(parser: argparse.ArgumentParser) -> None:
    """Options of a batch call in the `aws` spelling."""
    parser.add_argument("--request-items", required=True, metavar="JSON|file://FILE")
    parser.add_argument(
        "--return-consumed-capacity", choices=("NONE", "TOTAL", "INDEXES"), default="NONE"
    )


def job_options(options: argparse.Namespace) -> Options:
    """The batch engine's options from the command line's."""
    return Options(
        parallel=options.parallel,
        give_up_after_s=options.give_up_after,
        write_units=getattr(options, "write_units", None),
        read_units=getattr(options, "read_units", None),
        every_write=getattr(options, "every_write", False),
        fail_fast=getattr(options, "fail_fast", False),
        ordered=getattr(options, "ordered", False),
    )


def open_connection(options: argparse.Namespace) -> Connection:
    """Connect to the target, and say which it is."""
    target = resolve(options.target)
    sys.stderr.write(f"target: {target.name}\n")
    return connect(target)


def positive(text: str) -> int:
    """A whole number above zero, for `argparse`."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return number


def whole(text: str) -> int:
    """A whole number from zero up, for `argparse`."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 up")
    return int(text)


def port(text: str) -> int:
    """A port's number, for `argparse`; 0 for any free one."""
    if not (text.isascii() and text.isdigit()) or int(text) > PORT_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no port number")
    return int(text)


def folder(text: str) -> Path:
    """A folder that is there, for `argparse`."""
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}: make it, or name another")
    return path


def budget(text: str) -> str:
    """A capacity budget, for `argparse`."""
    try:
        Allowance.of(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(f"{error.message}; {error.advice}") from None
    return text


def seconds(text: str) -> float:
    """A time in seconds, for `argparse`."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return number


def only_one_pipe(names: list[str]) -> None:
    """Refuse to read the same pipe twice.

    Raises:
        UserError: `-` is named more than once.
    """
    if names.count("-") > 1:
        raise UserError("standard input can be read only once", "Name - once.")
