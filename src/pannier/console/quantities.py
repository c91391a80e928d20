"""Numbers and sizes as the pages write them."""

from typing import Final

from pannier.limits import KIB

_UNITS: Final = ("KiB", "MiB", "GiB", "TiB")
_WHOLE_FROM: Final = 100


def count_text(count: int) -> str:
    """A count: `1,000,000`."""
    return f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """A count with what is counted: `1 item`, `2 items`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size_text(size_bytes: int) -> str:
    """A size: `512 bytes`, `1.5 MiB`."""
    if size_bytes < KIB:
        return counted(size_bytes, "byte")
    size = size_bytes / KIB
    step = 0
    while size >= KIB and step < len(_UNITS) - 1:
        size /= KIB
        step += 1
    unit = _UNITS[step]
    return f"{size:,.0f} {unit}" if size >= _WHOLE_FROM else f"{size:,.1f} {unit}"


def units_text(units: float) -> str:
    """Capacity units, without needless zeros: `12.5`."""
    return f"{units:,.1f}".removesuffix(".0")
