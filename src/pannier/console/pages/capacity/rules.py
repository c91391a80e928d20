"""Rules of faults (`docs/faults.md`): made from a form, read from text, and said in words."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from pannier.errors import UserError

RECIPES: Final = {
    "leave": "Leave items unprocessed",
    "throttle": "Throttle requests",
    "error": "Answer an error",
    "slow": "Answer slowly",
    "drop": "Drop the connection",
}
ERRORS: Final = (
    "InternalServerError",
    "ServiceUnavailable",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TransactionConflictException",
    "ConditionalCheckFailedException",
    "ResourceNotFoundException",
    "ValidationException",
    "AccessDeniedException",
    "ExpiredTokenException",
)
OPERATIONS: Final = (
    "BatchWriteItem",
    "BatchGetItem",
    "PutItem",
    "GetItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "Scan",
    "TransactWriteItems",
    "TransactGetItems",
    "ExecuteStatement",
    "BatchExecuteStatement",
    "Batch*",
)
_BATCHES: Final = ("BatchWriteItem", "BatchGetItem")
_PERCENT: Final = 100
_EXAMPLE: Final = 'Begin with {"operations": "BatchWriteItem", "leave": 0.4}, or with [[rules]].'


@dataclass(slots=True)
class Form:
    """What the form says.

    Attributes:
        effect: one of `RECIPES`.
        operations: names or patterns; none for all.
        tables: likewise.
        percent: of such requests, if not all.
        times: after which it is over; None for never.
        name: what counters call it; empty for the next free one.
        share_percent: of a batch's items that are left.
        pass_one: whether one item always gets through.
        error: the error's name.
        delay_ms: how slow.
        when: whether the connection is dropped `before` or `after` the effect.
    """

    effect: str = "leave"
    operations: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    percent: float | None = 100
    times: float | None = None
    name: str = ""
    share_percent: float | None = 40
    pass_one: bool = True
    error: str = ERRORS[0]
    delay_ms: float | None = 200
    when: str = "after"


def rule_of(form: Form) -> dict[str, Any]:
    """The rule that a form describes, as files have it.

    Raises:
        UserError: a field that the rule needs is empty.
    """
    rule: dict[str, Any] = {}
    if form.name.strip():
        rule["name"] = form.name.strip()
    operations = form.operations or (list(_BATCHES) if form.effect == "leave" else [])
    for member, texts in (("operations", operations), ("tables", form.tables)):
        if texts:
            rule[member] = texts[0] if len(texts) == 1 else list(texts)
    probability = _needed(form.percent, "How often") / _PERCENT
    if probability != 1:
        rule["probability"] = probability
    if form.times is not None:
        rule["times"] = _plain(form.times)
    rule[form.effect] = _effect(form)
    return rule


def read_text(text: str) -> dict[str, Any]:
    """Rules as JSON or TOML: one rule, a list, or a whole file.

    Returns:
        `rules`, and `seed` if it is named.

    Raises:
        UserError: it is neither; the text says where.
    """
    stripped = text.strip()
    if not stripped:
        raise UserError("there is nothing yet", _EXAMPLE)
    content: Any
    if stripped.startswith(("{", "[")) and not stripped.startswith("[["):
        try:
            content = orjson.loads(stripped)
        except orjson.JSONDecodeError as error:
            raise UserError(f"this is no JSON: {error}", _EXAMPLE) from None
    else:
        try:
            content = tomllib.loads(stripped)
        except tomllib.TOMLDecodeError as error:
            raise UserError(f"this is no TOML: {error}", _EXAMPLE) from None
    if isinstance(content, list):
        return {"rules": content}
    return content if "rules" in content else {"rules": [content]}


def bare(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rules without their counts, so that they can be put in force again."""
    return [
        {member: value for member, value in rule.items() if member != "counts"} for rule in rules
    ]


def in_words(rule: Mapping[str, Any]) -> str:
    """A rule in a sentence."""
    about = _listed(rule.get("operations"), "all requests")
    if "tables" in rule:
        about += f" of {_listed(rule['tables'], '')}"
    if "key" in rule:
        about += f", of the key {orjson.dumps(rule['key']).decode()}"
    parts = [f"{about}: {_effect_in_words(rule)}"]
    if "probability" in rule:
        parts.append(f"{rule['probability']:.4g} of the time")
    if rule.get("skip"):
        parts.append(f"after {rule['skip']:,}")
    if "times" in rule:
        parts.append(f"at most {rule['times']:,} times")
    for member, word in (("begins_after_s", "from"), ("ends_after_s", "until")):
        if rule.get(member):
            parts.append(f"{word} {rule[member]:g} s after it was put in force")
    for member, word in (("begins", "from"), ("ends", "until")):
        if rule.get(member):
            parts.append(f"{word} {rule[member]}")
    return ", ".join(parts)


def command(rule: Mapping[str, Any]) -> str:
    """The command line that adds a rule."""
    text = orjson.dumps(rule).decode().replace("'", "'\\''")
    return f"pannier faults add '{text}'"


def _effect(form: Form) -> Any:
    if form.effect == "leave":
        share = _needed(form.share_percent, "Share of the items") / _PERCENT
        return {"share": share, "pass_one": True} if form.pass_one else share
    if form.effect == "error":
        if not form.error.strip():
            raise UserError("the error has no name", f"Choose one, e.g. {ERRORS[0]}.")
        return form.error.strip()
    if form.effect == "slow":
        return {"delay_ms": _plain(_needed(form.delay_ms, "Delay"))}
    return form.when if form.effect == "drop" else True


def _needed(value: float | None, label: str) -> float:
    if value is None:
        raise UserError(f"{label!r} is empty", "Give a number.")
    return value


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value


def _listed(names: Any, otherwise: str) -> str:
    if not names:
        return otherwise
    return names if isinstance(names, str) else ", ".join(names)


def _effect_in_words(rule: Mapping[str, Any]) -> str:
    if "leave" in rule:
        leave = rule["leave"]
        share = leave["share"] if isinstance(leave, Mapping) else leave
        one = isinstance(leave, Mapping) and leave.get("pass_one")
        return f"{share:.4g} of the items are left" + (", one always passes" if one else "")
    if "throttle" in rule:
        return "throttled"
    if "error" in rule:
        error = rule["error"]
        return f"answered {error['name'] if isinstance(error, Mapping) else error}"
    if "slow" in rule:
        slow = rule["slow"]
        delay_s = slow.get("delay_s")
        if delay_s is not None:
            return f"held back for {delay_s * 1000:g} ms"
        return f"held back, {slow.get('distribution', 'fixed')}"
    return f"the connection is dropped {rule.get('drop', '')} the effect"
