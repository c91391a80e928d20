"""The rules in force, and what a request meets of them.

What rules are made of is loaded when the first one is added: most databases never have any.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pannier.clock import Clock
from pannier.engine.faults.injection import Injection, Leaves
from pannier.engine.faults.tally import Injected, Tally
from pannier.errors import UserError

if TYPE_CHECKING:
    from pannier.engine.faults.rule import Rule
    from pannier.engine.faults.rule_in_force import RuleInForce

__all__ = ["Faults", "GivenRule", "Injection", "Leaves"]

GivenRule: TypeAlias = "Rule | Mapping[str, Any]"
"""A rule, or an object that describes one as files do."""

RULES_MAX: Final = 1000


class Faults:
    """The rules in force. Safe to share between threads.

    Args:
        clock: tells the time, for rules that begin or end.
        seed: of all chance.
    """

    def __init__(self, clock: Clock = time.time, seed: int = 0) -> None:
        self._clock = clock
        self._seed = seed
        self._lock = threading.RLock()
        self._rules: tuple[RuleInForce, ...] = ()
        self._injected = Injected()

    @property
    def active(self) -> bool:
        """Whether there is any rule."""
        return bool(self._rules)

    @property
    def seed(self) -> int:
        """The seed of the chance of rules that are added from now on."""
        return self._seed

    @property
    def rules(self) -> "dict[str, Rule]":
        """The rules in force, by name."""
        return {each.name: each.rule for each in self._rules}

    @property
    def counts(self) -> dict[str, Any]:
        """What was injected: by `rules` in force, and `injected` in all, by effect.

        Of each rule how many requests it `matched` and `struck`, and how many `items` it left
        unprocessed.
        """
        with self._lock:
            return {
                "rules": {each.name: each.counts.to_dict() for each in self._rules},
                "injected": self._injected.to_dict(),
            }

    def describe(self) -> dict[str, Any]:
        """The seed, the rules as files have them, each with its name and counts, and the sums."""
        from pannier.engine.faults.reading import show_rule

        with self._lock:
            return {
                "seed": self._seed,
                "rules": [
                    {"name": each.name, **show_rule(each.rule), "counts": each.counts.to_dict()}
                    for each in self._rules
                ],
                "injected": self._injected.to_dict(),
            }

    def add(self, *rules: GivenRule) -> list[str]:
        """Put rules in force; returns their names.

        Raises:
            RuleError: one of them can't be; none is in force then.
            UserError: a name is taken.
        """
        return [each.name for each in self._add(rules)]

    def replace(self, rules: Iterable[GivenRule], seed: int | None = None) -> list[str]:
        """Put rules in force instead of all others, with chance from its beginning.

        Args:
            rules: the rules.
            seed: of all chance; None leaves it.

        Raises:
            RuleError: one of them can't be; everything stays as it is then.
            UserError: two of them have the same name.
        """
        with self._lock:
            before, seed_before = self._rules, self._seed
            self._rules = ()
            if seed is not None:
                self._seed = seed
            try:
                return self.add(*rules)
            except BaseException:
                self._rules, self._seed = before, seed_before
                raise

    def remove(self, *names: str) -> None:
        """Take rules out of force.

        Raises:
            UserError: there is none of such a name; all stay then.
        """
        with self._lock:
            known = {each.name: each for each in self._rules}
            for name in names:
                if name not in known:
                    there_are = ", ".join(known) or "none"
                    raise UserError(f"there is no fault rule {name!r}", f"There are: {there_are}.")
            self._take_away([known[name] for name in names])

    def clear(self) -> None:
        """Take all rules out of force."""
        with self._lock:
            self._rules = ()

    @contextmanager
    def during(self, *rules: GivenRule) -> Iterator[Tally]:
        """Have rules in force inside a `with`; gives their counts, which may be read afterwards.

        Raises:
            RuleError: one of them can't be.
        """
        added = self._add(rules)
        try:
            yield Tally([each.counts for each in added])
        finally:
            with self._lock:
                self._take_away(added)

    def inject(self, operation: str, request: dict[str, Any]) -> Injection | None:
        """Decide what a request meets. Called once for each request, in their order."""
        from pannier.engine.faults.striking import injection

        with self._lock:
            return injection(operation, request, self._rules, self._clock(), self._injected)

    def _add(self, given: Iterable[GivenRule]) -> "list[RuleInForce]":
        from pannier.engine.faults.reading import read_rule
        from pannier.engine.faults.rule_in_force import RuleInForce

        rules = [read_rule(each, f"rule {place}") for place, each in enumerate(given, 1)]
        with self._lock:
            if len(self._rules) + len(rules) > RULES_MAX:
                raise UserError(
                    f"there can't be more than {RULES_MAX} fault rules", "Remove some first."
                )
            added: list[RuleInForce] = []
            names = {each.name for each in self._rules} | {each.name for each in rules}
            taken = {each.name for each in self._rules}
            positions = {each.position for each in self._rules}
            for rule in rules:
                if rule.name in taken:
                    raise UserError(
                        f"there is a fault rule {rule.name!r} already",
                        "Give another name, or remove it first.",
                    )
                position = _first_free(positions)
                name = rule.name or _free_name(names, position)
                for used in (names, taken):
                    used.add(name)
                positions.add(position)
                now_s = self._clock()
                added.append(RuleInForce(rule, name, position, self._seed, now_s))
            self._rules = (*self._rules, *added)
            return added

    def _take_away(self, gone: "Sequence[RuleInForce]") -> None:
        self._rules = tuple(each for each in self._rules if each not in gone)


def _first_free(positions: set[int]) -> int:
    """The lowest free place, so that a rule gets the same chance each time it is added."""
    return next(place for place in range(RULES_MAX + 1) if place not in positions)


def _free_name(names: set[str], position: int) -> str:
    return next(
        name
        for number in range(position + 1, position + RULES_MAX + 2)
        if (name := f"rule-{number}") not in names
    )
