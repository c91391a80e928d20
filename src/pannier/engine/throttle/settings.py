"""What is throttled, and how."""

from dataclasses import dataclass
from typing import Final

from pannier.errors import UserError

BURST_S: Final = 300.0  # Developer Guide, "Burst capacity": up to five minutes of unused capacity


@dataclass(frozen=True, slots=True)
class Throttling:
    """What is throttled, and how.

    Attributes:
        tables: whether tables and indexes are held to their throughput.
        partitions: whether partitions are held to 1,000 write and 3,000 read units a second.
        burst_s: how many seconds of unused provisioned capacity are kept. A new table has them all.
    """

    tables: bool = False
    partitions: bool = False
    burst_s: float = BURST_S

    @property
    def on(self) -> bool:
        """Whether anything is throttled."""
        return self.tables or self.partitions

    @property
    def name(self) -> str:
        """The setting in a word, as `named` takes it."""
        return "on" if self.partitions else "tables" if self.tables else "off"


OFF: Final = Throttling()
ON: Final = Throttling(tables=True, partitions=True)


def named(name: str, burst_s: float = BURST_S) -> Throttling:
    """The setting of that name: `off`, `on`, or `tables`, which leaves partitions alone.

    Raises:
        UserError: there is no such setting, or the burst is out of range.
    """
    if name not in ("off", "on", "tables"):
        raise UserError(f"there is no throttling {name!r}", "Use on, off or tables.")
    if not 0 <= burst_s <= BURST_S:
        raise UserError(
            f"a burst of {burst_s:g} s is not possible", "Use 0 to 300 seconds; DynamoDB has 300."
        )
    return Throttling(tables=name != "off", partitions=name == "on", burst_s=burst_s)
