"""Tables of what the embedded engine has, out of its registry, the service model, the limits."""

import ast
import re
from pathlib import Path
from typing import Final

import pannier
from pannier import limits
from pannier.engine import service_model
from pannier.engine.cloudwatch.operations import OPERATIONS as CLOUDWATCH_OPERATIONS
from pannier.engine.operations import OPERATIONS

_LIMIT: Final = re.compile(r"^([A-Z_]+): Final = [^#\n]+(?:# (.+))?$")


def operations() -> str:
    """A table of the API's operations, those that the engine has first."""
    streams = sorted(set(OPERATIONS) & service_model.STREAMS_OPERATIONS)
    own = sorted(set(OPERATIONS) - set(streams))
    rows = [f"| {name} | {_parameters(name)} |" for name in own]
    rows += [f"| {name} (Streams) | {_parameters(name)} |" for name in streams]
    return "\n".join(["| operation | parameters |", "|---|---|", *rows])


def missing_operations() -> str:
    """The operations of the API that the engine refuses by name."""
    return ", ".join(sorted(service_model.operation_names() - OPERATIONS.keys())) + "."


def cloudwatch_operations() -> str:
    """The operations of CloudWatch that a server answers."""
    return ", ".join(sorted(CLOUDWATCH_OPERATIONS)) + "."


def refused_parameters(operation: str) -> frozenset[str]:
    """The parameters that an operation refuses: its module names them in a call of `refuse`."""
    tree = ast.parse(_source(OPERATIONS[operation].__module__))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return frozenset(
        each.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "refuse"
        for each in call.args
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )


def limit_table() -> str:
    """A table of the limits that the engine keeps, as `pannier.limits` has them."""
    lines = Path(limits.__file__).read_text().splitlines()
    rows = ["| limit | |", "|---|---|"]
    heading = ""
    for line in lines:
        found = _LIMIT.match(line)
        if found and heading:
            name, said = found.groups()
            of_what = f"{heading.split(':')[0].split(',')[0]}: {_words(name)}"
            rows.append(f"| {of_what}{f' ({said})' if said else ''} | {_value(name)} |")
        elif line.startswith("# "):
            heading = line.removeprefix("# ")
    return "\n".join(rows)


def _source(module: str) -> str:
    # Python's own way to a module's source does not find that of a compiled one.
    return (
        Path(pannier.__file__)
        .parent.parent.joinpath(*module.split("."))
        .with_suffix(".py")
        .read_text()
    )


def _parameters(operation: str) -> str:
    members = service_model.shape(service_model.input_shape(operation))["members"]
    refused = refused_parameters(operation)
    shown = [name for name in members if name not in refused]
    but = (
        f"; *refused*: {', '.join(name for name in members if name in refused)}" if refused else ""
    )
    return (", ".join(shown) or "none") + but


def _words(name: str) -> str:
    """`BATCH_GET_KEYS_MAX` as words: `batch get keys, at most`."""
    words = re.sub(r"_BYTES|_S$", "", name).lower().split("_")
    end = {"max": ", at most", "min": ", at least"}.get(words[-1])
    return " ".join(words) if end is None else " ".join(words[:-1]) + end


def _value(name: str) -> str:
    value: int = getattr(limits, name)
    if name.endswith("_S"):
        return f"{value} s"
    if "BYTES" not in name:
        return f"{value:,}"
    units = (("GB", 10**9), ("MiB", limits.MIB), ("KiB", limits.KIB))
    for unit, size in units:
        if value >= size and value % size == 0 and value > 4096:
            return f"{value // size} {unit}"
    return f"{value:,} bytes"
