"""The files of the exercises: the requests that the chapter has its readers type, and two programs.

They are for those who would rather not type. What a reader has changed is theirs: it is not written
over unless they say so.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

from pannier.errors import UserError
from pannier.workshop.chapter import (
    HEADSET,
    KEYBOARD,
    LAPTOP,
    LARGE,
    MOUSE,
    PRODUCTS,
    RESTOCK,
    TABLE,
    Item,
    key_of,
)

_PROGRAMS: Final = Path(__file__).parent / "programs"
_WIDTH: Final = 76
_DAY_S: Final = 86400


def _puts(items: Iterable[Item]) -> list[Any]:
    return [{"PutRequest": {"Item": item}} for item in items]


def _metric(name: str, metric: str, statistic: str, **dimensions: str | None) -> dict[str, Any]:
    """A query of CloudWatch; of the table, unless another dimension says otherwise."""
    places = {"TableName": TABLE, **dimensions}
    return {
        "Id": name,
        "Label": metric,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/DynamoDB",
                "MetricName": metric,
                "Dimensions": [
                    {"Name": each, "Value": value} for each, value in places.items() if value
                ],
            },
            "Period": _DAY_S,
            "Stat": statistic,
        },
    }


REQUESTS: Final[Mapping[str, Any]] = {
    "batch-products.json": {TABLE: _puts(PRODUCTS)},
    "batch-get.json": {TABLE: {"Keys": [key_of(item) for item in PRODUCTS]}},
    "mixed-batch.json": {
        TABLE: [*_puts([HEADSET]), {"DeleteRequest": {"Key": key_of(MOUSE)}}],
    },
    "large-batch.json": {TABLE: _puts(LARGE)},
    "batch-get-projection.json": {
        TABLE: {
            "Keys": [key_of(item) for item in (LAPTOP, KEYBOARD, HEADSET)],
            "ProjectionExpression": "PK, SK, #n, price, stock",
            "ExpressionAttributeNames": {"#n": "name"},
        }
    },
    "batch-get-full.json": {
        TABLE: {"Keys": [key_of(item) for item in (LAPTOP, KEYBOARD, HEADSET)]}
    },
    "restock.json": {TABLE: _puts(RESTOCK)},
    "metric-queries.json": [
        _metric("requests", "SuccessfulRequestLatency", "SampleCount", Operation="BatchWriteItem"),
        _metric("units", "ConsumedWriteCapacityUnits", "Sum"),
        _metric("throttled", "WriteThrottleEvents", "Sum"),
        _metric("refused", "UserErrors", "Sum", TableName=None),
    ],
}
PROGRAMS: Final = ("retry_loop.py", "batch_processor.py")
NAMES: Final = (*REQUESTS, *PROGRAMS)

Outcome = Literal["written", "there already", "kept"]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a file: written, there already, or kept because its reader changed it."""

    name: str
    outcome: Outcome


def text_of(name: str) -> str:
    """A file's content.

    Raises:
        UserError: the workshop has no such file.
    """
    if name in REQUESTS:
        return _pretty(REQUESTS[name]) + "\n"
    if name in PROGRAMS:
        return (_PROGRAMS / name).read_text()
    raise UserError(f"the workshop has no file {name!r}", f"It has: {', '.join(NAMES)}.")


def is_as_made(path: Path) -> bool:
    """Whether a file says what the workshop's file of that name says, however it is laid out."""
    name = path.name
    if name not in NAMES:
        return False
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError):
        return False
    if name in PROGRAMS:
        return text == text_of(name)
    try:
        return bool(json.loads(text) == REQUESTS[name])
    except ValueError:
        return False


def fingerprint(text: str) -> str:
    """By which a file is recognised as the one that was written."""
    return sha256(text.encode()).hexdigest()


def write_files(
    folder: Path,
    names: Iterable[str],
    known: Mapping[str, str],
    *,
    force: bool,
    note: Callable[[str, str], None],
) -> list[Written]:
    """Write files of the workshop into a folder.

    Args:
        folder: where.
        names: which.
        known: the fingerprints of those that were written before, by name.
        force: write over what its reader has changed, too.
        note: told the name and fingerprint of each file that was written.

    Raises:
        UserError: there is no such file, or it can't be written.
    """
    texts = {name: text_of(name) for name in names}
    outcomes = []
    for name, text in texts.items():
        path = folder / name
        if not os.path.lexists(path):
            outcome: Outcome = "written"
        elif is_as_made(path):
            outcome = "there already"
        else:
            outcome = "written" if force or _is_old(path, known.get(name)) else "kept"
        if outcome == "written":
            try:
                path.write_text(text)
            except OSError as error:
                raise UserError(
                    f"{path} can't be written: {error.strerror}", "Move away what is in its place."
                ) from None
            note(name, fingerprint(text))
        outcomes.append(Written(name, outcome))
    return outcomes


def _is_old(path: Path, known: str | None) -> bool:
    """Whether a file is as an earlier version wrote it."""
    try:
        return known is not None and fingerprint(path.read_text()) == known
    except (OSError, UnicodeDecodeError):
        return False


def _pretty(value: Any, indent: str = "") -> str:
    """JSON in which an attribute stays on a line with its type."""
    short = json.dumps(value)
    is_attribute = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    if not isinstance(value, dict | list) or (is_attribute and len(indent + short) <= _WIDTH):
        return short
    deeper = indent + "  "
    if isinstance(value, list):
        parts = [_pretty(each, deeper) for each in value]
        opening, closing = "[", "]"
    else:
        parts = [f"{json.dumps(name)}: {_pretty(each, deeper)}" for name, each in value.items()]
        opening, closing = "{", "}"
    lines = ",\n".join(deeper + part for part in parts)
    return f"{opening}\n{lines}\n{indent}{closing}"
