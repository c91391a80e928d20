"""A price table of the user's own, in TOML or JSON.

region = "eu-central-1"
read_on = "2026-11"
write_million_usd = 0.7625
read_million_usd = 0.1525
write_unit_hour_usd = 0.000793
read_unit_hour_usd = 0.0001586
storage_gb_month_usd = 0.306
"""

import json
import math
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from pannier.cost.prices import Prices
from pannier.errors import UserError


def prices_of_file(path: Path) -> Prices:
    """Read a price table.

    Raises:
        UserError: there is none, or a price is missing or no number.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text") from None
    try:
        given = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{path} is neither TOML nor JSON: {error}") from None
    return _prices(given, path)


def _prices(given: dict[str, Any], path: Path) -> Prices:
    names = [each.name for each in fields(Prices)]
    missing = [name for name in names if name not in given]
    unknown = sorted(given.keys() - set(names))
    if missing or unknown:
        words = [f"has no {name}" for name in missing] + [f"has an unknown {n}" for n in unknown]
        raise UserError(f"{path} {', '.join(words)}", f"It needs: {', '.join(names)}.")
    for name in names:
        value = given[name]
        if name in ("region", "read_on"):
            given[name] = str(value)
        elif isinstance(value, bool) or not isinstance(value, int | float) or not _is_price(value):
            raise UserError(f"{path}: {name} is {value!r}, which is no price in US dollars")
    return Prices(**given)


def _is_price(value: float) -> bool:
    return math.isfinite(value) and value >= 0
