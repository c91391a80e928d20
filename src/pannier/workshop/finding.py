"""What a check found of a step."""

from dataclasses import dataclass
from enum import Enum
from typing import Any


class State(Enum):
    """How far a step is."""

    DONE = "done"
    NOT_YET = "not yet"
    WRONG = "wrong"
    UNSEEN = "can't be seen here"


@dataclass(frozen=True, slots=True)
class Finding:
    """How far a step is, and by what that is known."""

    state: State
    evidence: str

    @property
    def is_open(self) -> bool:
        """Whether there is something left to do."""
        return self.state in (State.NOT_YET, State.WRONG)


def done(evidence: str) -> Finding:
    """The step is done."""
    return Finding(State.DONE, evidence)


def not_yet(evidence: str) -> Finding:
    """The step has not been taken."""
    return Finding(State.NOT_YET, evidence)


def wrong(evidence: str) -> Finding:
    """The step was taken, and something came out otherwise."""
    return Finding(State.WRONG, evidence)


def unseen(evidence: str) -> Finding:
    """Whether the step was taken, this place does not tell."""
    return Finding(State.UNSEEN, evidence)


def difference(wanted: Any, found: Any, place: str = "") -> str | None:
    """The first place in which a JSON value is not as it should be, in words; None if it is.

    Args:
        wanted: as it should be.
        found: as it is.
        place: where in the document they stand.
    """
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in (*wanted, *(name for name in found if name not in wanted)):
            inner = f"{place}.{name}" if place else name
            if name not in found:
                return f"{inner} is missing"
            if name not in wanted:
                return f"{inner} should not be there"
            told = difference(wanted[name], found[name], inner)
            if told is not None:
                return told
        return None
    if isinstance(wanted, list) and isinstance(found, list):
        for position, (each, other) in enumerate(zip(wanted, found, strict=False)):
            told = difference(each, other, f"{place}[{position}]")
            if told is not None:
                return told
        if len(wanted) != len(found):
            return f"{place} has {len(found)} elements instead of {len(wanted)}"
        return None
    if type(wanted) is not type(found) or wanted != found:
        return f"{place} is {found!r} instead of {wanted!r}"
    return None
