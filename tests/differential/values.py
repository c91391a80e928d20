"""Random attribute values, items and keys: few names and few values, so that things meet."""

import random
from typing import Any

NAMES = ("a", "b", "c", "d", "n", "s", "m", "l", "name", "GK", "GS", "LS")
TEXTS = ("", "x", "y", "xy", "xyz", "é", "x" * 40, "2024", "0")
NUMBERS = (
    "0", "1", "2", "-1", "10", "1.5", "1e3", "1000", "-0.001", "12345678901234567890",
    "99999999999999999999999999999999999999", "1E-130", "9.9E125",
)  # fmt: skip
BAD_NUMBERS = ("", "abc", "1" * 39, "1e126", "1e-131", "0x1", "NaN")
BINARIES = ("", "AA==", "AAE=", "eHl6")


class Values:
    """Values from a seeded generator."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def value(self, depth: int = 0) -> dict[str, Any]:
        """Any value; now and then an illegal one."""
        c = self.chance
        kinds = ["S", "S", "N", "N", "B", "BOOL", "NULL", "SS", "NS", "BS"]
        if depth < 3:
            kinds += ["M", "L"]
        kind = c.choice(kinds)
        if c.random() < 0.02:
            return c.choice(
                [
                    {},
                    {"S": "a", "N": "1"},
                    {"N": c.choice(BAD_NUMBERS)},
                    {"NULL": False},
                    {"SS": []},
                    {"SS": ["a", "a"]},
                    {"NS": ["1", "1.0"]},
                    {"NS": ["x"]},
                ]
            )
        match kind:
            case "S":
                return {"S": c.choice(TEXTS)}
            case "N":
                return {"N": c.choice(NUMBERS)}
            case "B":
                return {"B": c.choice(BINARIES)}
            case "BOOL":
                return {"BOOL": c.random() < 0.5}
            case "NULL":
                return {"NULL": True}
            case "SS":
                return {"SS": sorted(c.sample(["a", "b", "x", "xy"], c.randint(1, 3)))}
            case "NS":
                return {"NS": sorted(c.sample(["1", "2", "3.5", "-1"], c.randint(1, 3)))}
            case "BS":
                return {"BS": sorted(c.sample(["AA==", "AQ==", "Ag=="], c.randint(1, 2)))}
            case "M":
                names = c.sample(["x", "y", "a"], c.randint(0, 2))
                return {"M": {name: self.value(depth + 1) for name in names}}
        return {"L": [self.value(depth + 1) for _ in range(c.randint(0, 3))]}

    def key(self, table: dict[str, str]) -> dict[str, Any]:
        """A key of a table, from few values; now and then not one."""
        c = self.chance
        key = {name: self.key_value(kind) for name, kind in table.items()}
        roll = c.random()
        if roll < 0.01:
            key.pop(next(iter(key)))
        elif roll < 0.02:
            key["extra"] = {"S": "x"}
        elif roll < 0.03:
            key[next(iter(key))] = {"BOOL": True}
        elif roll < 0.035:
            key[next(iter(key))] = {"S": ""}
        return key

    def key_value(self, kind: str) -> dict[str, Any]:
        """A value for a key attribute."""
        c = self.chance
        if kind == "S":
            return {"S": c.choice(["k1", "k2", "k3", "k"])}
        if kind == "N":
            return {"N": c.choice(["1", "2", "10", "-3", "2.5", "1e1"])}
        return {"B": c.choice(["AA==", "AQ==", "AQI="])}

    def item(self, table: dict[str, str]) -> dict[str, Any]:
        """An item for a table; its index attributes are mostly of the right type."""
        c = self.chance
        item = self.key(table)
        for name in c.sample(NAMES, c.randint(0, 5)):
            item[name] = self.value()
        for name, kind in (("GK", "S"), ("GS", "N"), ("LS", "S")):
            if name in item and c.random() < 0.95:
                item[name] = self.key_value(kind)
        return item
