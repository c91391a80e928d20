"""`pannier faults`: the faults that a running server injects."""

import argparse
from pathlib import Path
from typing import Any, Final

import orjson

from pannier.cli import options as shared
from pannier.cli.running_server import add_server, columns, open_server, show
from pannier.cli.status import DONE
from pannier.engine.faults import Plan, read_file, read_plan
from pannier.engine.faults.reading import show_rule
from pannier.errors import UserError
from pannier.targets.admin import AdminClient

_EXAMPLES: Final = """\
  pannier faults                            the rules in force, and what they did
  pannier faults set faults.toml --seed 7   these rules instead of all others
  pannier faults add '{"operations": "BatchWriteItem", "leave": 0.4}'
  pannier faults add '{"error": "InternalServerError", "times": 3}'
  pannier faults clear                      none any more
  pannier faults clear rule-2

What rules may say: docs/faults.md.
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "action",
        nargs="?",
        choices=("show", "set", "add", "clear"),
        default="show",
        help="what to do (default %(default)s)",
    )
    parser.add_argument(
        "values",
        nargs="*",
        metavar="FILE|JSON|NAME",
        help="of set and add: a file of rules, TOML or JSON, or JSON itself; of clear: names",
    )
    parser.add_argument(
        "--seed",
        type=shared.whole,
        metavar="N",
        help="of set: the seed of all chance (default: the file's, else as it was)",
    )
    add_server(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show or change."""
    action, values = options.action, options.values
    if options.seed is not None and action != "set":
        raise UserError("--seed goes with set", "Use: pannier faults set FILE --seed N")
    if action in ("set", "add"):
        if len(values) != 1:
            raise UserError(
                f"{action} takes one file, or JSON", f"Use: pannier faults {action} FILE"
            )
        plan = _plan(values[0])
        answer = _change(open_server(options), action, plan, options.seed)
    elif action == "clear":
        answer = _clear(open_server(options), values)
    elif values:
        raise UserError(f"show takes no {values[0]!r}", "Use: pannier faults")
    else:
        answer = open_server(options).get("faults")
    show(options, answer, _lines(answer))
    return DONE


def _change(server: AdminClient, action: str, plan: Plan, seed: int | None) -> dict[str, Any]:
    rules = [show_rule(rule) for rule in plan.rules]
    if action == "add":
        return server.post("faults", {"rules": rules})
    seed = plan.seed if seed is None else seed
    return server.put("faults", {"rules": rules, "seed": seed})


def _clear(server: AdminClient, names: list[str]) -> dict[str, Any]:
    if not names:
        return server.delete("faults")
    for name in names:
        answer = server.delete("faults", name)
    return answer


def _plan(text: str) -> Plan:
    """Rules from a file, or from JSON on the command line."""
    if not text.lstrip().startswith(("{", "[")):
        return read_file(Path(text))
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UserError(f"this is no JSON: {error}", "Quote it for the shell: '...'") from None
    alone = isinstance(content, dict) and "rules" not in content
    return read_plan([content] if alone else content)


def _lines(answer: dict[str, Any]) -> list[str]:
    if not answer["rules"]:
        lines = ["no fault rules"]
    else:
        rows = [("NAME", "MATCHED", "STRUCK", "ITEMS", "RULE")]
        for rule in answer["rules"]:
            said = {member: rule[member] for member in rule if member not in ("name", "counts")}
            counts = [str(rule["counts"][each]) for each in ("matched", "struck", "items")]
            rows.append((rule["name"], *counts, orjson.dumps(said).decode()))
        lines = [f"seed {answer['seed']}", *columns(rows)]
    injected = ", ".join(f"{name} {count}" for name, count in answer["injected"].items() if count)
    return [*lines, f"injected so far: {injected or 'nothing'}"]
