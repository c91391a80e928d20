"""Capacity units: each item is rounded up by itself, and nothing is free."""

import pytest

from pannier.model.units import read_units, write_units


@pytest.mark.parametrize(
    ("size_bytes", "units"),
    [(0, 1), (1, 1), (1024, 1), (1025, 2), (2048, 2), (2049, 3), (400 * 1024, 400)],
)
def test_a_write_unit_is_a_kilobyte(size_bytes: int, units: int) -> None:
    assert write_units(size_bytes) == units


@pytest.mark.parametrize(
    ("size_bytes", "units"),
    [(0, 1), (1, 1), (4096, 1), (4097, 2), (8192, 2), (8193, 3), (400 * 1024, 100)],
)
def test_a_read_unit_is_four_kilobytes_and_half_as_much_if_eventual(
    size_bytes: int, units: int
) -> None:
    """A missing item (0 bytes) costs the minimum: 1 unit, or half of one."""
    assert read_units(size_bytes, consistent=True) == units
    assert read_units(size_bytes, consistent=False) == units / 2
