"""What an estimate assumes, by name: the figures are as true as these are."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

About: TypeAlias = Literal["units", "calls", "time", "price", "storage"]


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption.

    Attributes:
        name: a short one, which stays the same.
        about: the figures that depend on it.
        text: what is assumed, and how to say it better.
    """

    name: str
    about: About
    text: str

    def to_json(self) -> dict[str, Any]:
        """The assumption as plain values."""
        return {"name": self.name, "about": self.about, "text": self.text}
