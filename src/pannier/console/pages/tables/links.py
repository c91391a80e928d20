"""Where else a table can be looked at."""

from typing import Final
from urllib.parse import urlencode

from pannier.console.frame import BATCH, CAPACITY, EXPLORE, METRICS, TABLES, Place

OTHER_PLACES: Final = (EXPLORE, METRICS, BATCH, CAPACITY)


def place_of(place: Place, table: str) -> str:
    """The address of a page, for a table."""
    return f"{place.path}?{urlencode({'table': table})}"


def details_of(table: str) -> str:
    """The address of a table's details."""
    return place_of(TABLES, table)
