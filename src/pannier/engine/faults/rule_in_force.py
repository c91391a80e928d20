"""A rule in force: its chance, its counts, and whether a request is struck.

The stream of chance depends on the seed, the rule's place and the requests that the rule matches,
and on nothing else: limits and other rules decide only what becomes of a draw, never whether one is
made.
Only `Random.random` is used, whose numbers are the same in every version of Python.
"""

import fnmatch
import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pannier.engine.faults.effects import Leave, Slow
from pannier.engine.faults.rule import Rule, named_operations
from pannier.engine.faults.subjects import Subject
from pannier.engine.faults.tally import Counts

_PRECISION: Final = 9  # decimal places of a number of items, which is a product of floats


@dataclass(frozen=True, slots=True)
class Strike:
    """A request that is struck.

    Attributes:
        by: the rule.
        matched: what of the request the rule is about.
        left: which of these stay unprocessed; empty for other effects.
        delay_s: by how much the answer is held back.
    """

    by: "RuleInForce"
    matched: Sequence[Subject]
    left: Sequence[Subject] = ()
    delay_s: float = 0.0


class RuleInForce:
    """One rule, from when it is added to when it is removed.

    Args:
        rule: the rule.
        name: what it is called.
        position: its place, from 0.
        seed: of all chance.
        since_s: when it was added, in seconds since 1970.
    """

    def __init__(self, rule: Rule, name: str, position: int, seed: int, since_s: float) -> None:
        self.rule = rule
        self.name = name
        self.position = position
        self.counts = Counts()
        self.operations = named_operations(rule)
        self._chance = random.Random(f"{seed}:{position}")
        self._begins_s, self._ends_s = rule.window(since_s)
        self._tables = [re.compile(fnmatch.translate(pattern)) for pattern in rule.tables]

    def strike(self, subjects: Sequence[Subject], now_s: float) -> Strike | None:
        """Decide whether a request is struck. Called once for each request of its operations.

        Args:
            subjects: what the request is about.
            now_s: the time, in seconds since 1970.
        """
        rule = self.rule
        matched = [each for each in subjects if self._matches(each)]
        if not matched and (rule.tables or rule.key or isinstance(rule.effect, Leave)):
            return None
        self.counts.matched += 1
        if self._chance.random() >= rule.probability:
            return None
        left = self._left(rule.effect, matched) if isinstance(rule.effect, Leave) else ()
        delay_s = rule.effect.delay_s(self._chance.random()) if isinstance(rule.effect, Slow) else 0
        if (
            self.counts.matched <= rule.skip
            or (rule.times is not None and self.counts.struck >= rule.times)
            or not self._begins_s <= now_s < self._ends_s
            or (isinstance(rule.effect, Leave) and not left)
        ):
            return None
        return Strike(self, matched, left, delay_s)

    def _matches(self, subject: Subject) -> bool:
        if self._tables and not any(each.fullmatch(subject.table) for each in self._tables):
            return False
        if not self.rule.key:
            return True
        attributes = subject.attributes
        return attributes is not None and all(each.matches(attributes) for each in self.rule.key)

    def _left(self, effect: Leave, matched: Sequence[Subject]) -> Sequence[Subject]:
        """A share of the items, drawn without favour."""
        draws = [(self._chance.random(), place) for place in range(len(matched))]
        exact = round(effect.share * len(matched), _PRECISION)
        count = math.floor(exact + self._chance.random())
        return [matched[place] for _, place in sorted(draws)[:count]]
