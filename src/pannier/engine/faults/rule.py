"""A rule: which requests it strikes, how often, when, and what happens to them."""

import difflib
import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pannier.engine import service_model
from pannier.engine.faults.checks import RuleError, check_number, check_texts, check_whole
from pannier.engine.faults.effects import Effect, Leave, Throttle
from pannier.engine.faults.key_pattern import KeyPattern

BATCHES: Final = frozenset({"BatchWriteItem", "BatchGetItem"})
"""The operations that leave items unprocessed."""

_GLOB_SIGNS: Final = frozenset("*?[")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{0,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of faults.

    A request is *matched* if all of `operations`, `tables` and `key` fit; of those, chance picks
    the ones that are *struck*.

    Attributes:
        effect: what happens.
        operations: names, or patterns with `*` and `?`; none means all.
        tables: names, or patterns with `*` and `?`; none means all, and requests without a table.
        key: of the items or keys that the request names, one has to fit all of these; in a batch
            that leaves items unprocessed, each item for itself.
        probability: of a matched request to be struck, from 0 to 1.
        skip: so many matched requests are let through first.
        times: it strikes at most so often; None for no limit.
        begins_s: it strikes from this time on, in seconds since 1970.
        ends_s: it strikes before this time, in seconds since 1970.
        begins_after_s: as `begins_s`, in seconds after the rule was put in force.
        ends_after_s: as `ends_s`, in seconds after the rule was put in force.
        name: what counters call it; empty for one by its place.

    Raises:
        RuleError: a member is out of range; the text says which, and what is allowed.
    """

    effect: Effect
    operations: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    key: tuple[KeyPattern, ...] = ()
    probability: float = 1.0
    skip: int = 0
    times: int | None = None
    begins_s: float | None = None
    ends_s: float | None = None
    begins_after_s: float | None = None
    ends_after_s: float | None = None
    name: str = ""

    def __post_init__(self) -> None:
        for member in ("operations", "tables"):
            given = getattr(self, member)
            texts = (given,) if isinstance(given, str) else given
            check_texts(member, texts)
            object.__setattr__(self, member, tuple(texts))
        check_number("probability", self.probability, 0.0, 1.0)
        check_whole("skip", self.skip)
        if self.times is not None:
            check_whole("times", self.times, 1)
        if not _NAME.fullmatch(str(self.name)):
            raise RuleError(
                f"'name' can't be {self.name!r}", "Give letters, digits and -_. up to 100 of them."
            )
        _check_window(self)
        named_operations(self)

    def window(self, since_s: float) -> tuple[float, float]:
        """From when to before when it strikes, in seconds since 1970.

        Args:
            since_s: when the rule was put in force.
        """
        begins_s, ends_s = self.begins_s, self.ends_s
        if self.begins_after_s is not None:
            begins_s = since_s + self.begins_after_s
        if self.ends_after_s is not None:
            ends_s = since_s + self.ends_after_s
        return (
            float("-inf") if begins_s is None else begins_s,
            float("inf") if ends_s is None else ends_s,
        )


def named_operations(rule: Rule) -> frozenset[str]:
    """The operations that a rule can strike.

    Raises:
        RuleError: there is none of such a name, or none that the effect is possible for.
    """
    known = service_model.operation_names() | service_model.STREAMS_OPERATIONS
    named: set[str] = set() if rule.operations else set(known)
    for pattern in rule.operations:
        found = fnmatch.filter(known, pattern)
        if not found:
            raise RuleError(f"there is no operation {pattern!r}", _advice(pattern, known))
        named.update(found)
    if isinstance(rule.effect, Leave):
        return _possible(named, BATCHES, "leave", "Items are left unprocessed by")
    if isinstance(rule.effect, Throttle):
        able = service_model.operations_with_error("ProvisionedThroughputExceededException")
        return _possible(named, able, "throttle", "Capacity is used by")
    return frozenset(named)


def _possible(named: set[str], able: frozenset[str], effect: str, why: str) -> frozenset[str]:
    possible = able & named
    if not possible:
        shown = ", ".join(sorted(named)[:3])
        raise RuleError(
            f"{effect!r} is not possible for {shown}", f"{why}: {', '.join(sorted(able))}."
        )
    return possible


def _advice(pattern: str, known: Iterable[str]) -> str:
    if not _GLOB_SIGNS & set(pattern):
        close = difflib.get_close_matches(pattern, known, 1, 0.5)
        if close:
            return f"Did you mean {close[0]}?"
    return "Give names as the API has them, e.g. BatchWriteItem, or patterns, e.g. Batch*."


def _check_window(rule: Rule) -> None:
    for member in ("begins_s", "ends_s", "begins_after_s", "ends_after_s"):
        value = getattr(rule, member)
        if value is not None:
            check_number(member, value, unit=" seconds")
    for member in ("begins", "ends"):
        if None not in (getattr(rule, f"{member}_s"), getattr(rule, f"{member}_after_s")):
            raise RuleError(f"'{member}_s' and '{member}_after_s' are both given", "Give one.")
    for begins, ends in (
        (rule.begins_s, rule.ends_s),
        (rule.begins_after_s, rule.ends_after_s),
    ):
        if begins is not None and ends is not None and begins >= ends:
            raise RuleError("it ends before it begins", "Give an end after the beginning.")
