"""A check of the reader's progress, step by step."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pannier.library.connecting import connect
from pannier.targets.resolve import resolve
from pannier.workshop.calls import calls_at
from pannier.workshop.evidence import Evidence, Nothing, items_of
from pannier.workshop.finding import Finding, State
from pannier.workshop.steps import Step, steps

_AWS: Final = "aws"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reader is.

    Attributes:
        target: what was looked at, in words.
        found: the steps, with what was found of each.
    """

    target: str
    found: list[tuple[Step, Finding]]

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do, as far as it can be seen."""
        return self.next is None

    @property
    def next(self) -> Step | None:
        """The first step that is not done."""
        return next((step for step, finding in self.found if finding.is_open), None)

    def count(self, state: State) -> int:
        """How many steps are so far."""
        return sum(finding.state is state for _, finding in self.found)

    def to_json(self) -> dict[str, Any]:
        """The progress as plain values."""
        step = self.next
        return {
            "target": self.target,
            "done": self.count(State.DONE),
            "of": len(self.found),
            "next": step.number if step is not None else None,
            "steps": [
                {
                    "step": step.number,
                    "title": step.title,
                    "state": finding.state.value,
                    "evidence": finding.evidence,
                    "todo": step.todo if finding.is_open else None,
                }
                for step, finding in self.found
            ],
        }


def check(name: str | None, folder: Path, wanted: str | None) -> Progress:
    """Look how far the reader is.

    Args:
        name: of the target; None for the environment's.
        folder: where the reader's files are.
        wanted: the number of a step or exercise; None for all.

    Raises:
        UserError: there is no such step, no target, or no table on it.
    """
    looked_at = list(steps(wanted))
    target = resolve(name)
    with connect(target) as connection:
        items = items_of(connection)
    url = getattr(target, "url", None)
    is_aws = name == _AWS
    counts = calls_at(url, is_aws=is_aws)
    evidence = Evidence(folder, items, counts if counts is not None else Nothing(), is_late=is_aws)
    return Progress(target.name, [(step, step.check(evidence)) for step in looked_at])
