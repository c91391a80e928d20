"""Checks of the members of a rule, and the error that says which is wrong and what is allowed."""

import math
from typing import Any

from pannier.errors import UserError


class RuleError(UserError):
    """A rule that can't be: which member is wrong, and what is allowed.

    Args:
        problem: what is wrong, e.g. `'probability' can't be 2`.
        allowed: what to do, e.g. `Give a number from 0 to 1.`
        where: which rule, e.g. `faults.toml, rule 2`.
    """

    def __init__(self, problem: str, allowed: str, where: str = "fault rule") -> None:
        super().__init__(f"{where}: {problem}", allowed)
        self.problem = problem
        self.allowed = allowed

    def within(self, where: str) -> "RuleError":
        """The same error, of a rule that is named."""
        return RuleError(self.problem, self.allowed, where)


def check_number(
    member: str, value: Any, least: float = 0.0, most: float = math.inf, unit: str = ""
) -> None:
    """Refuse what is no number from `least` to `most`.

    Raises:
        RuleError: it is none.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not least <= value <= most:
        span = f"from {least:g} to {most:g}" if math.isfinite(most) else f"of {least:g} or more"
        raise RuleError(f"{member!r} can't be {value!r}", f"Give a number {span}{unit}.")


def check_whole(member: str, value: Any, least: int = 0) -> None:
    """Refuse what is no whole number of `least` or more.

    Raises:
        RuleError: it is none.
    """
    if type(value) is not int or value < least:
        raise RuleError(f"{member!r} can't be {value!r}", f"Give a whole number from {least} up.")


def check_flag(member: str, value: Any) -> None:
    """Refuse what is neither true nor false.

    Raises:
        RuleError: it is neither.
    """
    if type(value) is not bool:
        raise RuleError(f"{member!r} can't be {value!r}", "Give true or false.")


def check_texts(member: str, value: Any) -> None:
    """Refuse what is no sequence of texts that say something.

    Raises:
        RuleError: it is none.
    """
    if not isinstance(value, tuple | list) or not all(isinstance(each, str) for each in value):
        raise RuleError(f"{member!r} can't be {value!r}", "Give a text or a list of texts.")
    if not all(value):
        raise RuleError(f"{member!r} has an empty text", "Leave it out to mean all.")
