"""The comparison as a picture, by matplotlib: an extra.

Why matplotlib: `docs/decisions/0013-charts-and-made-up-items.md`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pannier.comparing.comparison import (
    BATCH,
    PROJECTED,
    SIDE_BY_SIDE,
    SINGLE,
    Comparison,
    Measured,
)
from pannier.errors import UserError

_ENDINGS: Final = frozenset({".png", ".svg"})
_MS: Final = 1000
_KIB: Final = 1024
_WORDS: Final = {
    SINGLE: "single",
    BATCH: "batch",
    SIDE_BY_SIDE: "side by side",
    PROJECTED: "projected",
}
_COLOURS: Final = {
    SINGLE: "#b5492e",
    BATCH: "#2e6f8e",
    SIDE_BY_SIDE: "#1b4965",
    PROJECTED: "#62a87c",
}
_PANELS: Final[Mapping[str, Callable[[Measured], float]]] = {
    "calls": lambda each: each.calls,
    "time, ms": lambda each: each.seconds * _MS,
    "p50 of a call, ms": lambda each: each.latency_s(50) * _MS,
    "units": lambda each: each.units,
    "received, KB": lambda each: each.received_bytes / _KIB,
}


def check_chart(path: Path) -> None:
    """See to it that a chart can be drawn, before anything is measured.

    Raises:
        UserError: it can't.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise UserError(f"{path} is no place for a chart", "Name a file that ends in .png or .svg.")
    if not path.absolute().parent.is_dir():
        raise UserError(f"there is no folder {path.parent}", "Make it, or name another.")
    _figure()


def draw(comparison: Comparison, path: Path) -> None:
    """Draw a comparison.

    Raises:
        UserError: matplotlib is not installed, or the file can't be written.
    """
    rows = [
        (title, ways)
        for title, ways in (("writes", comparison.writes), ("reads", comparison.reads))
        if ways
    ]
    figure = _figure()(figsize=(2.6 * len(_PANELS), 2.7 * len(rows)), layout="constrained")
    figure.suptitle(
        f"{comparison.items:,} items, medians of {comparison.rounds} rounds, {comparison.target}",
        fontsize=10,
    )
    grid = figure.subplots(len(rows), len(_PANELS), squeeze=False)
    for (title, ways), axes in zip(rows, grid, strict=True):
        for (name, value), each in zip(_PANELS.items(), axes, strict=True):
            _panel(each, f"{title}: {name}", {way: value(ways[way]) for way in ways})
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror}") from None


def _panel(axes: Any, title: str, values: Mapping[str, float]) -> None:
    bars = axes.bar(
        [_WORDS[way] for way in values],
        list(values.values()),
        color=[_COLOURS[way] for way in values],
    )
    axes.bar_label(bars, fmt="{:,.3g}", fontsize=7, padding=1)
    axes.set_title(title, fontsize=9)
    axes.tick_params(axis="x", labelsize=7, rotation=20)
    axes.tick_params(axis="y", labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.15)


def _figure() -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise UserError(
            "charts need matplotlib, which is not installed",
            "Install it with: pip install 'pannier[charts]'",
        ) from None
    return Figure
