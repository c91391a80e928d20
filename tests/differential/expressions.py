"""Random expressions with their placeholders; mostly right, sometimes not."""

import random
from typing import Any

from tests.differential.values import Values

PATHS = (
    "a",
    "b",
    "c",
    "n",
    "s",
    "#m",
    "#m.x",
    "#m.y.a",
    "l",
    "l[0]",
    "l[1].x",
    "#name",
    "d",
    "l[9]",
)
NAMES = {"#m": "m", "#name": "name", "#k": "PK"}


class Expressions:
    """Expressions of one request; `names` and `values` gather what they use."""

    def __init__(self, chance: random.Random, values: Values) -> None:
        self.chance = chance
        self._values = values
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def add_to(self, request: dict[str, Any]) -> None:
        """Give the request the placeholders; now and then one too many or too few."""
        roll = self.chance.random()
        if roll < 0.01:
            self.names["#unused"] = "u"
        elif roll < 0.02:
            self.values[":unused"] = {"S": "u"}
        elif roll < 0.03 and self.names:
            self.names.pop(next(iter(self.names)))
        elif roll < 0.04 and self.values:
            self.values.pop(next(iter(self.values)))
        if self.names:
            request["ExpressionAttributeNames"] = self.names
        if self.values:
            request["ExpressionAttributeValues"] = self.values

    def path(self) -> str:
        """A document path."""
        path = self.chance.choice(PATHS)
        root = path.split(".")[0].split("[")[0]
        if root in NAMES:
            self.names[root] = NAMES[root]
        if self.chance.random() < 0.01:
            return "name"  # a reserved word
        return path

    def placeholder(self, value: dict[str, Any] | None = None) -> str:
        """A new `:value`."""
        name = f":v{len(self.values)}"
        self.values[name] = self._values.value() if value is None else value
        return name

    def operand(self) -> str:
        """A path, a value, or a size."""
        roll = self.chance.random()
        if roll < 0.45:
            return self.path()
        if roll < 0.9:
            return self.placeholder()
        return f"size({self.path()})"

    def condition(self, depth: int = 0) -> str:
        """A condition or filter."""
        c = self.chance
        roll = c.random()
        if depth < 2 and roll < 0.25:
            joiner = c.choice(["AND", "OR", "and"])
            left, right = self.condition(depth + 1), self.condition(depth + 1)
            return f"({left}) {joiner} {right}" if c.random() < 0.5 else f"{left} {joiner} {right}"
        if depth < 2 and roll < 0.32:
            return f"NOT {self.condition(depth + 1)}"
        if roll < 0.6:
            sign = c.choice(["=", "<>", "<", "<=", ">", ">="])
            return f"{self.operand()} {sign} {self.operand()}"
        if roll < 0.68:
            return f"{self.path()} BETWEEN {self.placeholder()} AND {self.placeholder()}"
        if roll < 0.75:
            options = ", ".join(self.placeholder() for _ in range(c.randint(1, 3)))
            return f"{self.path()} IN ({options})"
        function = c.choice(["attribute_exists", "attribute_not_exists", "begins_with", "contains"])
        if function.startswith("attribute"):
            return f"{function}({self.path()})"
        if roll > 0.97:
            kind = c.choice(["S", "N", "SS", "M", "X"])
            return f"attribute_type({self.path()}, {self.placeholder({'S': kind})})"
        return f"{function}({self.path()}, {self.operand()})"

    def projection(self) -> str:
        """A projection."""
        return ", ".join(self.path() for _ in range(self.chance.randint(1, 3)))

    def update(self) -> str:
        """An update."""
        c = self.chance
        clauses = []
        if c.random() < 0.7:
            actions = ", ".join(self._set() for _ in range(c.randint(1, 2)))
            clauses.append(f"SET {actions}")
        if c.random() < 0.3:
            clauses.append(f"REMOVE {self.path()}")
        if c.random() < 0.25:
            added = c.choice([{"N": "1"}, {"SS": ["q"]}, {"NS": ["7"]}, self._values.value()])
            clauses.append(f"ADD {self.path()} {self.placeholder(added)}")
        if c.random() < 0.15:
            clauses.append(f"DELETE {self.path()} {self.placeholder({'SS': ['a', 'b']})}")
        c.shuffle(clauses)
        return " ".join(clauses) or "SET a = a"

    def _set(self) -> str:
        c = self.chance
        roll = c.random()
        path = self.path()
        if roll < 0.5:
            return f"{path} = {self.operand() if roll < 0.05 else self.placeholder()}"
        if roll < 0.65:
            number = self.placeholder({"N": c.choice(["1", "-2", "0.5"])})
            return f"{path} = {self.path()} {c.choice('+-')} {number}"
        if roll < 0.8:
            return f"{path} = if_not_exists({self.path()}, {self.placeholder()})"
        if roll < 0.9:
            added = self.placeholder({"L": [self._values.value(1)]})
            return f"{path} = list_append({self.path()}, {added})"
        return f"{path} = {self.path()}"
