"""The entry point: parse, run, and turn every expected error into words."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final, NoReturn

from pannier._version import __version__
from pannier.cli.completing import complete, words_to_complete
from pannier.cli.configuration import Setting, arguments_of, settings
from pannier.cli.status import FAILED, INTERRUPTED, USAGE
from pannier.errors import PannierError, UserError

_COMMANDS: Final = {
    "write": ("write", "write items and deletes from files, in full batches"),
    "get": ("get", "read items by key, in full batches, one JSON object a line"),
    "scan": ("scan", "read all items of a table or index, in segments side by side"),
    "query": ("query", "read the items under one partition key, in their order"),
    "copy": ("copy", "copy a table into another, here or elsewhere, with a transform or none"),
    "diff": ("diff", "say in which items two tables differ, here or on two targets"),
    "plan": ("plan", "say what a job will take: calls, units, time and price, before it is begun"),
    "count": ("count", "count the items of a table or index, in full or by a sample"),
    "compare": ("compare", "measure single calls beside batches, on the same keys"),
    "delete": ("delete", "delete items by key from files, or all that meet a condition"),
    "update": ("update", "change all items of a table that meet a condition"),
    "fill": ("fill", "fill a table with made-up items"),
    "batch-write-item": ("batch_write_item", "like `aws dynamodb batch-write-item`, any size"),
    "batch-get-item": ("batch_get_item", "like `aws dynamodb batch-get-item`, any size"),
    "tables": ("tables", "list the tables of a target"),
    "create-table": ("create_table", "create a table"),
    "describe-table": ("describe_table", "describe a table: keys, indexes, counts"),
    "delete-table": ("delete_table", "delete a table and everything in it"),
    "wait": ("wait", "wait until a table can be used, or is gone"),
    "check": ("check", "look for damage in the folder of a database or a backup"),
    "backup": ("backup", "copy a whole database of this machine, while it is in use or not"),
    "restore": ("restore", "make a database's folder of a backup"),
    "repair": ("repair", "save what can be read of a damaged database into a new folder"),
    "serve": ("serve", "serve the embedded engine over HTTP on this machine"),
    "credentials": ("credentials", "make, list and remove the credentials of a server"),
    "console": ("console", "open the web console: tables, items, batches, metrics, a shell"),
    "monitor": ("monitor", "show the metrics of a target, or follow a job, in the terminal"),
    "throttle": ("throttle", "show or switch what a running server throttles"),
    "faults": ("faults", "show or change the faults that a running server injects"),
    "clock": ("clock", "show or advance the manual clock of a running server"),
    "workshop": ("workshop", "follow the workshop: its table and server, your progress, clean up"),
    "config": ("config", "show the settings of pannier.toml and the environment"),
    "completion": ("completion", "print the code with which a shell completes commands"),
}
_WITHOUT_SETTINGS: Final = frozenset({"config", "completion"})
_EPILOG: Final = """examples:
  pannier create-table shop --key PK:S,SK:S
  pannier write products.jsonl --table shop
  pannier write batch-products.json
  pannier get batch-get.json
  pannier serve

Targets (--target): local (the default, in ./.pannier), local:PATH, memory, aws, or a URL.
"""


class _Parser(argparse.ArgumentParser):
    """Tells what to do next instead of only printing the usage."""

    settings: Sequence[Setting] = ()

    def error(self, message: str) -> NoReturn:
        for setting in self.settings:
            if message.startswith(f"argument {setting.option}:"):
                message += f" (unless it was typed, it is set in {setting.origin})"
        sys.stderr.write(f"pannier: {message}\nSee: {self.prog} --help\n")
        sys.exit(USAGE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = _Parser(
        prog="pannier",
        description="Batch work on DynamoDB: many items, few calls, nothing lost.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"pannier {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    completing = words_to_complete()
    given = sys.argv[1:] if arguments is None else list(arguments)
    if completing is not None:
        given = completing
    for name, (module, summary) in _COMMANDS.items():
        if name in given[:1]:
            # Only the command that is run is imported: the others would cost time at every start.
            import_module(f"pannier.cli.{module}").register(commands, name, summary)
        else:
            commands.add_parser(name, help=summary)
    if completing is not None:
        complete(parser)
    try:
        options, unknown = parser.parse_known_args(_with_settings(given, commands.choices))
        if unknown:  # said by the command itself, so that it names its own help
            commands.choices[options.command].error(f"unrecognized arguments: {' '.join(unknown)}")
        options.given = given
        status: int = options.run(options)
        sys.stdout.flush()
    except UserError as error:
        _say(f"pannier: {error.message}")
        if error.advice:
            _say(error.advice)
        _say_request_id(error)
        return FAILED
    except PannierError as error:
        _say(f"pannier: {error}")
        _say_request_id(error)
        return FAILED
    except KeyboardInterrupt:
        _say("pannier: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough of it; keep the interpreter from writing more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return status


def _say_request_id(error: PannierError) -> None:
    """Where the words are a service's: by what the request is found in its log."""
    told = error if hasattr(error, "request_id") else error.__context__
    request_id = getattr(told, "request_id", "")
    if request_id and str(told) in str(error):
        _say(f"request id {request_id}")


def _with_settings(given: list[str], parsers: Mapping[str, _Parser]) -> list[str]:
    """A command line with the settings of file and environment in front of what was typed."""
    command = given[0] if given else ""
    if command not in _COMMANDS or command in _WITHOUT_SETTINGS:
        return given
    known = settings(_COMMANDS)
    parsers[command].settings = known
    options = parsers[command]._option_string_actions  # noqa: SLF001  # argparse has no public list
    return [command, *arguments_of(command, options, known), *given[1:]]


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
