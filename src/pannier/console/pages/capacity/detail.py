"""One table with its indexes: every bucket, and its partitions."""

from collections.abc import Sequence

from nicegui import ui

from pannier.console.elements import heading, note
from pannier.console.pages.capacity.meters import Heat, Meter, tag
from pannier.console.pages.capacity.state import Spending


class Detail:
    """The buckets and partitions of one table, filled in as figures arrive."""

    def __init__(self) -> None:
        self._place = ui.element("div").classes("pn-detail")
        self._shape: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
        self._parts: list[_Part] = []

    def show(self, spendings: Sequence[Spending]) -> None:
        """Show a table and its indexes."""
        shape = [
            (
                each.name,
                tuple(level.limit for level in each.levels["read"]),
                tuple(level.limit for level in each.levels["write"]),
            )
            for each in spendings
        ]
        if shape != self._shape:
            self._shape = shape
            self._place.clear()
            with self._place:
                self._parts = [_Part(each) for each in spendings]
        for part, spending in zip(self._parts, spendings, strict=True):
            part.show(spending)


class _Part:
    def __init__(self, spending: Spending) -> None:
        self._meters: dict[str, list[Meter]] = {}
        self._gains: dict[str, list[ui.label]] = {}
        self._heats: dict[str, Heat] = {}
        with ui.element("div").classes("pn-part"):
            heading(f"Index {spending.index}" if spending.index else "The table itself", 3)
            for kind in ("read", "write"):
                with ui.element("div").classes("pn-kind"):
                    tag("div", f"{kind.capitalize()}s", "pn-kind-name")
                    self._meters[kind], self._gains[kind] = [], []
                    for level in spending.levels[kind]:
                        label = f"{kind.capitalize()} units of {spending.name}, {level.meaning}"
                        self._meters[kind].append(Meter(label))
                        self._gains[kind].append(note(""))
                    self._heats[kind] = Heat(kind)

    def show(self, spending: Spending) -> None:
        for kind in ("read", "write"):
            for meter, gain, level in zip(
                self._meters[kind], self._gains[kind], spending.levels[kind], strict=True
            ):
                meter.show(level)
                text = f"{level.meaning}: gains {level.units_per_s:,.0f} a second"
                if gain.text != text:
                    gain.text = text
            self._heats[kind].show(spending.partitions[kind])
