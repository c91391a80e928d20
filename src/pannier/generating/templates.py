"""Attributes by a template: JSON that says of each attribute how its values are made.

| template | value |
|---|---|
| `"text"`, `5`, `true`, `null` | always this |
| `{"format": "ORDER#{n:06}"}` | text with the item's number, partition `p`, place in it `s` |
| `{"number": [0, 100], "decimals": 2}` | a number between both, evenly |
| `{"choice": ["a", "b"], "weights": [9, 1]}` | one of these |
| `{"words": 3}`, `{"words": [2, 8]}` | words |
| `{"text": [10, 200]}` | letters, so many |
| `{"bytes": [8, 64]}` | binary, so many bytes |
| `{"bool": 0.9}` | true, so often |
| `{"timestamp": ["2025-01-01", "2026-01-01"]}` | an ISO time; with `"epoch": true` as seconds |
| `{"uuid": true}` | a UUID |
| `{"list": T, "size": [1, 3]}`, `{"set": T, "size": 2}` | several values of template T |
| `{"map": {"name": T, ...}}` | a map |
| `{"faker": "name", "locale": "de_DE"}` | what `faker` makes, an extra |

`"share": 0.3` beside any of them: only so many items have the attribute.
"""

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from pannier.errors import UserError

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
WORDS: Final = (
    "amber", "basket", "bicycle", "canvas", "copper", "courier", "crate", "delta",
    "ember", "field", "forest", "garden", "harbour", "hollow", "island", "kettle",
    "ladder", "lantern", "market", "meadow", "mirror", "mountain", "needle", "ocean",
    "orchard", "pannier", "paper", "pebble", "pocket", "quarry", "ribbon", "river",
    "saddle", "silver", "socket", "spindle", "summer", "timber", "tunnel", "velvet",
    "violet", "wagon", "willow", "window", "winter", "yellow",
)  # fmt: skip
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Place:
    """An item's place.

    Attributes:
        number: from 0.
        partition: the number of its partition.
        position: its place in the partition.
    """

    number: int
    partition: int
    position: int


Make: TypeAlias = Callable[[Place, random.Random], Any]


class Template:
    """How the attributes of an item are made.

    Args:
        attributes: the template of each.

    Raises:
        UserError: a template is none.
    """

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self._makers = {
            name: compiled(template, f"attribute {name!r}") for name, template in attributes.items()
        }

    @property
    def names(self) -> frozenset[str]:
        """Of the attributes that it makes."""
        return frozenset(self._makers)

    def make(self, place: Place, chance: random.Random) -> dict[str, Any]:
        """The attributes of an item as plain Python values."""
        values = {name: make(place, chance) for name, make in self._makers.items()}
        return {name: value for name, value in values.items() if value is not _ABSENT}


def compiled(template: Any, where: str) -> Make:
    """What makes the values of one template.

    Raises:
        UserError: it is none; `where` says which one.
    """
    if not isinstance(template, dict):
        if isinstance(template, list):
            raise UserError(f'{where}: a list; write {{"choice": [...]}} or {{"list": ...}}')
        constant = Decimal(str(template)) if isinstance(template, float) else template
        return lambda _place, _chance: constant
    rest = dict(template)
    share = rest.pop("share", 1)
    kinds = rest.keys() & _KINDS.keys()
    if len(kinds) != 1:
        raise UserError(
            f"{where}: {template} has {'no' if not kinds else 'more than one'} way to be made",
            f"Name one of: {', '.join(sorted(_KINDS))}.",
        )
    (kind,) = kinds
    try:
        make = _KINDS[kind](rest.pop(kind), rest, where)
    except (TypeError, ValueError, IndexError) as error:
        raise UserError(f"{where}: {template} can't be used: {error}") from None
    if rest:
        raise UserError(f"{where}: {template} has an unknown member {min(rest)}")
    if share == 1:
        return make
    return lambda place, chance: make(place, chance) if chance.random() < share else _ABSENT


def _range(value: Any) -> tuple[int, int]:
    low, high = value if isinstance(value, list) else (value, value)
    if not 0 <= int(low) <= int(high):
        raise ValueError(f"{value} is no range of sizes")
    return int(low), int(high)


def _format(text: Any, _: dict[str, Any], where: str) -> Make:
    def make(place: Place, _chance: random.Random) -> str:
        return str(text).format(n=place.number, p=place.partition, s=place.position)

    try:
        make(Place(0, 0, 0), random.Random(0))
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise UserError(
            f"{where}: {text!r} can't be formatted: {error}",
            "It may hold {n}, {p} and {s}, with a format such as {n:06}.",
        ) from None
    return make


def _number(bounds: Any, rest: dict[str, Any], _: str) -> Make:
    low, high = (Decimal(str(each)) for each in bounds)
    step = Decimal(1).scaleb(-int(rest.pop("decimals", 0)))
    first, last = round(low / step), round(high / step)
    if first > last:
        raise ValueError("the first bound is above the second")
    return lambda _place, chance: chance.randint(first, last) * step


def _choice(values: Any, rest: dict[str, Any], _: str) -> Make:
    weights = rest.pop("weights", None)
    if not values or (weights is not None and len(weights) != len(values)):
        raise ValueError("it needs values, and as many weights")
    constants = [Decimal(str(each)) if isinstance(each, float) else each for each in values]
    return lambda _place, chance: chance.choices(constants, weights)[0]


def _words(count: Any, _: dict[str, Any], __: str) -> Make:
    low, high = _range(count)
    return lambda _place, chance: " ".join(chance.choices(WORDS, k=chance.randint(low, high)))


def _text(size: Any, _: dict[str, Any], __: str) -> Make:
    low, high = _range(size)
    return lambda _place, chance: "".join(chance.choices(LETTERS, k=chance.randint(low, high)))


def _bytes(size: Any, _: dict[str, Any], __: str) -> Make:
    low, high = _range(size)
    return lambda _place, chance: chance.randbytes(chance.randint(low, high))


def _bool(share: Any, _: dict[str, Any], __: str) -> Make:
    bound = float(share)
    return lambda _place, chance: chance.random() < bound


def _timestamp(bounds: Any, rest: dict[str, Any], _: str) -> Make:
    first, last = (datetime.fromisoformat(each) for each in bounds)
    first, last = (each if each.tzinfo else each.replace(tzinfo=UTC) for each in (first, last))
    seconds = int((last - first).total_seconds())
    if seconds < 0:
        raise ValueError("the first time is after the second")
    is_epoch = bool(rest.pop("epoch", False))

    def make(_: Place, chance: random.Random) -> Any:
        time = first + timedelta(seconds=chance.randint(0, seconds))
        return int(time.timestamp()) if is_epoch else time.isoformat().replace("+00:00", "Z")

    return make


def _uuid(_: Any, __: dict[str, Any], ___: str) -> Make:
    return lambda _place, chance: str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _several(kind: Callable[[Any], Any]) -> Callable[[Any, dict[str, Any], str], Make]:
    def compile_several(template: Any, rest: dict[str, Any], where: str) -> Make:
        low, high = _range(rest.pop("size", [1, 3]))
        make = compiled(template, f"{where}, each")

        def several(place: Place, chance: random.Random) -> Any:
            made = kind(make(place, chance) for _ in range(chance.randint(low, high)))
            return made or _ABSENT

        return several

    return compile_several


def _map(attributes: Any, _: dict[str, Any], where: str) -> Make:
    makers = {name: compiled(each, f"{where}, {name!r}") for name, each in attributes.items()}

    def make(place: Place, chance: random.Random) -> dict[str, Any]:
        values = {name: make(place, chance) for name, make in makers.items()}
        return {name: value for name, value in values.items() if value is not _ABSENT}

    return make


def _faker(method: Any, rest: dict[str, Any], where: str) -> Make:
    try:
        from faker import Faker
    except ImportError:
        raise UserError(
            f"{where}: faker is not installed", "Install it with: pip install 'pannier[faker]'"
        ) from None
    fake = Faker(rest.pop("locale", None))
    function = getattr(fake, str(method), None)
    if not callable(function):
        raise UserError(
            f"{where}: faker makes no {method!r}", "Its documentation lists what it does."
        )
    arguments = rest.pop("arguments", {})

    def make(_: Place, chance: random.Random) -> Any:
        fake.seed_instance(chance.getrandbits(64))
        made = function(**arguments)
        return Decimal(str(made)) if isinstance(made, float) else made

    return make


_KINDS: Final[Mapping[str, Callable[[Any, dict[str, Any], str], Make]]] = {
    "format": _format,
    "number": _number,
    "choice": _choice,
    "words": _words,
    "text": _text,
    "bytes": _bytes,
    "bool": _bool,
    "timestamp": _timestamp,
    "uuid": _uuid,
    "list": _several(list),
    "set": _several(set),
    "map": _map,
    "faker": _faker,
}
