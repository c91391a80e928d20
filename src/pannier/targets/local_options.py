"""Options of a database of this process, as a target's name or the command line has them.

`local:PATH?throttle=on&burst=0&faults=FILE&seed=1`: each is left out or given once. `%` begins a
hexadecimal code, as in a URL.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from pannier.engine.throttle import BURST_S, OFF, Throttling, named
from pannier.errors import UserError

if TYPE_CHECKING:
    from pannier.engine.database import Database
    from pannier.engine.faults import Rule

_NAMES: Final = ("throttle", "burst", "faults", "seed")
_EXAMPLE: Final = "local?throttle=on&burst=0&faults=faults.toml&seed=1"


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """What is on in a database from its beginning.

    Attributes:
        throttling: what is throttled.
        rules: of faults.
        seed: of the chance of faults; None for 0.
    """

    throttling: Throttling = OFF
    rules: "tuple[Rule, ...]" = ()
    seed: int | None = None

    @property
    def words(self) -> list[str]:
        """What is on, to be shown to the user."""
        words = []
        if self.throttling.on:
            only_tables = "" if self.throttling.partitions else " of tables"
            burst = self.throttling.burst_s
            words.append(f"throttling{only_tables} on" + _burst(burst))
        if self.rules:
            words.append(
                "1 fault rule" if len(self.rules) == 1 else f"{len(self.rules)} fault rules"
            )
        return words

    def put_in_force(self, database: "Database") -> None:
        """Have them in a database that was just opened."""
        database.throttle(self.throttling)
        if self.rules or self.seed is not None:
            database.faults.replace(self.rules, self.seed)


NO_OPTIONS: Final = LocalOptions()


def local_options(
    throttle: str = "off",
    burst_s: float = BURST_S,
    faults: Path | None = None,
    seed: int | None = None,
) -> LocalOptions:
    """Options by their values.

    Args:
        throttle: `on`, `tables` or `off`.
        burst_s: how many seconds of unused provisioned capacity are kept, 0 to 300.
        faults: a file of rules.
        seed: of the chance of faults, before the file's own.

    Raises:
        UserError: one of them can't be; the text says which, and what to do.
    """
    throttling = named(throttle, burst_s)
    if faults is None:
        return LocalOptions(throttling, (), seed)
    from pannier.engine.faults import read_file

    plan = read_file(faults)
    return LocalOptions(throttling, plan.rules, plan.seed if seed is None else seed)


def read_options(query: str, name: str) -> LocalOptions:
    """Options as a target's name has them after its `?`.

    Args:
        query: what follows the `?`.
        name: the whole name, for errors.

    Raises:
        UserError: there is no such option, or it can't have that value.
    """
    given: dict[str, str] = {}
    for part in query.split("&"):
        option, equals, value = part.partition("=")
        if option not in _NAMES or not equals:
            raise UserError(
                f"the target {name!r} has an option {part!r}, which there is not",
                f"There are {', '.join(_NAMES)}: {_EXAMPLE}",
            )
        if option in given:
            raise UserError(f"the target {name!r} names {option} twice", "Name it once.")
        given[option] = unquote(value)
    return local_options(
        given.get("throttle", "off"),
        _number(given.get("burst"), BURST_S, "burst", name),
        Path(given["faults"]) if "faults" in given else None,
        _seed(given.get("seed"), name),
    )


def _number(text: str | None, default: float, option: str, name: str) -> float:
    try:
        return default if text is None else float(text)
    except ValueError:
        raise UserError(
            f"{option} can't be {text!r} in the target {name!r}", "Give a number of seconds."
        ) from None


def _seed(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise UserError(
            f"seed can't be {text!r} in the target {name!r}", "Give a whole number from 0 up."
        )
    return int(text)


def _burst(burst_s: float) -> str:
    return "" if burst_s == BURST_S else f" with {burst_s:g} s of burst"
