"""Rules as files and the admin API have them: JSON or TOML objects.

```toml
seed = 7

[[rules]]
operations = "BatchWriteItem"
tables = ["orders-*"]
key = { PK = "USER#*" }
probability = 0.5
leave = { share = 0.4, pass_one = true }
```

Each rule has one of `leave`, `throttle`, `error`, `slow`, `drop`. `docs/faults.md` has them all.
"""

import difflib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final

from pannier.engine.faults.checks import RuleError, check_number, check_texts, check_whole
from pannier.engine.faults.effects import EFFECTS, Drop, Effect, Error, Leave, Slow, Throttle
from pannier.engine.faults.injector import RULES_MAX
from pannier.engine.faults.key_pattern import read_key_pattern
from pannier.engine.faults.latency import DISTRIBUTIONS, Latency
from pannier.engine.faults.rule import Rule

_PLAIN: Final = ("probability", "skip", "times", "begins_after_s", "ends_after_s", "name")
_MOMENTS: Final = ("begins", "ends")
_MEMBERS: Final = ("operations", "tables", "key", *_PLAIN, *_MOMENTS, *EFFECTS)
_MS_PER_S: Final = 1000
_DEFAULT_DISTRIBUTION: Final = "fixed"


@dataclass(frozen=True, slots=True)
class Plan:
    """Rules and the seed of their chance; None where nobody named one."""

    rules: tuple[Rule, ...]
    seed: int | None = None


def read_plan(raw: Any, where: str = "") -> Plan:
    """The rules of a file.

    Args:
        raw: an object with `rules` and perhaps `seed`, or the list of rules alone.
        where: what it came from, for errors.

    Raises:
        RuleError: which rule and which member is wrong, and what is allowed.
    """
    content: Any = {"rules": raw} if isinstance(raw, list) else raw
    shown = where or "faults"
    if not isinstance(content, Mapping):
        raise RuleError(f"it can't be {raw!r}", 'Give {"seed": 1, "rules": [...]}.', shown)
    try:
        _refuse_unknown(content, ("seed", "rules"))
        seed: Any = content.get("seed")
        if seed is not None:
            check_whole("seed", seed)
        rules = content.get("rules")
        if not isinstance(rules, Sequence) or isinstance(rules, str):
            problem = "'rules' is missing" if rules is None else f"'rules' can't be {rules!r}"
            raise RuleError(problem, "Give a list of rules; it may be empty.")
        if len(rules) > RULES_MAX:
            raise RuleError(f"{len(rules)} rules are too many", f"Give at most {RULES_MAX}.")
    except RuleError as error:
        raise error.within(shown) from None
    prefix = f"{where}, " if where else ""
    read = [read_rule(each, f"{prefix}rule {place}") for place, each in enumerate(rules, 1)]
    names = Counter(each.name for each in read if each.name)
    for name, count in names.items():
        if count > 1:
            raise RuleError(f"{count} rules have the name {name!r}", "Give each its own.", shown)
    return Plan(tuple(read), seed)


def read_rule(raw: Any, where: str = "fault rule") -> Rule:
    """One rule.

    Args:
        raw: the object that describes it, or a `Rule`, which stays as it is.
        where: which one it is, for errors.

    Raises:
        RuleError: which member is wrong, and what is allowed.
    """
    if isinstance(raw, Rule):
        return raw
    if not isinstance(raw, Mapping):
        raise RuleError(f"it can't be {raw!r}", "Give an object, e.g. {leave = 0.5}.", where)
    name = raw.get("name")
    shown = f"{where} ({name})" if isinstance(name, str) and name else where
    try:
        return _rule(raw)
    except RuleError as error:
        raise error.within(shown) from None


def show_rule(rule: Rule) -> dict[str, Any]:
    """A rule as files have it; `read_rule` makes the same rule of it."""
    shown: dict[str, Any] = {}
    for member in ("operations", "tables"):
        if getattr(rule, member):
            shown[member] = list(getattr(rule, member))
    if rule.key:
        shown["key"] = {each.attribute: {each.kind: each.text} for each in rule.key}
    defaults = {field.name: field.default for field in fields(Rule)}
    for member in _PLAIN:
        if getattr(rule, member) != defaults[member]:
            shown[member] = getattr(rule, member)
    for member in _MOMENTS:
        seconds = getattr(rule, f"{member}_s")
        if seconds is not None:
            shown[member] = seconds
    for name, kind in EFFECTS.items():
        if isinstance(rule.effect, kind):
            shown[name] = _show_effect(rule.effect)
    return shown


def _rule(raw: Mapping[str, Any]) -> Rule:
    _refuse_unknown(raw, _MEMBERS)
    named = [name for name in EFFECTS if name in raw]
    if len(named) != 1:
        found = " and ".join(named) or "none"
        raise RuleError(f"it needs one effect, and has {found}", f"Give one of {_list(EFFECTS)}.")
    given: dict[str, Any] = {member: raw[member] for member in _PLAIN if member in raw}
    for member in ("operations", "tables"):
        if member in raw:
            texts = [raw[member]] if isinstance(raw[member], str) else raw[member]
            check_texts(member, texts)
            given[member] = tuple(texts)
    for member in _MOMENTS:
        if member in raw:
            given[f"{member}_s"] = _moment_s(member, raw[member])
    key = raw.get("key", {})
    if not isinstance(key, Mapping):
        raise RuleError(f"'key' can't be {key!r}", 'Give patterns by attribute: {PK = "USER#*"}.')
    given["key"] = tuple(read_key_pattern(name, pattern) for name, pattern in key.items())
    return Rule(effect=_effect(named[0], raw[named[0]]), **given)


def _effect(name: str, raw: Any) -> Effect:
    if name == "throttle":
        if raw is not True:
            raise RuleError(f"'throttle' can't be {raw!r}", "Give true, or leave it out.")
        return Throttle()
    if name == "drop":
        return Drop(raw)
    if name == "slow":
        return _slow(raw)
    kind, main = (Leave, "share") if name == "leave" else (Error, "name")
    made: Effect = _made(kind, raw if isinstance(raw, Mapping) else {main: raw}, name)
    return made


def _slow(raw: Any) -> Slow:
    if not isinstance(raw, Mapping):
        raise RuleError(
            f"'slow' can't be {raw!r}", "Say the unit: {delay_ms = 200} or {delay_s = 0.2}."
        )
    given = {_in_seconds(name): _seconds(name, value) for name, value in raw.items()}
    if len(given) < len(raw):
        raise RuleError("'slow' gives a time twice, in ms and in s", "Give it once.")
    distribution = given.pop("distribution", _DEFAULT_DISTRIBUTION)
    if distribution not in DISTRIBUTIONS:
        raise RuleError(
            f"'slow.distribution' can't be {distribution!r}", f"Give one of {_list(DISTRIBUTIONS)}."
        )
    maximum = {"max_s": given.pop("max_s")} if "max_s" in given else {}
    kind = DISTRIBUTIONS[distribution]
    _refuse_unknown(given, ("distribution", "max_s", *(each.name for each in fields(kind))), "slow")
    latency: Latency = _made(kind, given, "slow")
    return Slow(latency, **maximum)


def _made(kind: Any, raw: Mapping[str, Any], effect: str) -> Any:
    """A dataclass of its members, all of which are known and none missing."""
    members = [field.name for field in fields(kind)]
    _refuse_unknown(raw, members, effect)
    for field in fields(kind):
        if field.name not in raw and field.default is MISSING and field.default_factory is MISSING:
            also = f" (or {field.name[:-2]}_ms)" if field.name.endswith("_s") else ""
            raise RuleError(f"'{effect}.{field.name}' is missing", f"Give {field.name}{also}.")
    return kind(**raw)


def _in_seconds(name: str) -> str:
    return f"{name.removesuffix('_ms')}_s" if name.endswith("_ms") else name


def _seconds(name: str, value: Any) -> Any:
    if not name.endswith("_ms"):
        return value
    check_number(f"slow.{name}", value, unit=" milliseconds")
    return value / _MS_PER_S


def _moment_s(member: str, raw: Any) -> float:
    """Seconds since 1970, of a number, a text, or a moment as TOML has it."""
    moment = raw
    if isinstance(raw, str):
        try:
            moment = datetime.fromisoformat(raw)
        except ValueError:
            moment = None
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    if isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw):
        return float(raw)
    raise RuleError(
        f"{member!r} can't be {raw!r}",
        "Give a moment, e.g. 2026-07-01T12:00:00Z, or seconds since 1970.",
    )


def _refuse_unknown(raw: Mapping[str, Any], known: Iterable[str], effect: str = "") -> None:
    names = list(known)
    for member in raw:
        if member not in names:
            shown = f"{effect}.{member}" if effect else str(member)
            close = difflib.get_close_matches(str(member), names, 1, 0.6)
            hint = f"Did you mean {close[0]}? " if close else ""
            raise RuleError(f"there is no {shown!r}", f"{hint}There are {_list(names)}.")


def _show_effect(effect: Effect) -> Any:
    if isinstance(effect, Throttle):
        return True
    if isinstance(effect, Drop):
        return effect.when
    if isinstance(effect, Slow):
        distribution = next(
            name for name, kind in DISTRIBUTIONS.items() if type(effect.latency) is kind
        )
        times = {each.name: getattr(effect.latency, each.name) for each in fields(effect.latency)}
        return {"distribution": distribution, **times, "max_s": effect.max_s}
    return {
        each.name: getattr(effect, each.name)
        for each in fields(effect)
        if getattr(effect, each.name) not in (None, {})
    }


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
