"""What a user asks of the source, out of Spark's options: texts by names whose case does not count.

| option | of | meaning |
|---|---|---|
| `table` (or the path) | both | the table |
| `target` | both | `aws`, or a URL; else that of the driver's environment |
| `region` | both | for signatures; else that of the driver's environment |
| `concurrentTasks` | both | how many tasks run at the same time, among which a budget is divided |
| `parallel` | both | calls in flight at most, in each task |
| `giveUpAfter` | both | seconds without progress after which a task gives up |
| `index` | read | the index that is read instead of the table |
| `segments` | read | into how many a scan is cut |
| `consistent` | read | `true` for consistent reads |
| `readUnits` | read | a budget over all tasks: units a second, or a share such as `50%` |
| `items` | read | `columns`, or `json`: whole items as texts of DynamoDB JSON, in a column `item` |
| `filter`, `project`, `values`, `names` | read | DynamoDB's own expressions: `own_expressions` |
| `mode` | read | `failfast`, or `permissive`: what does not fit its column is null |
| `sampleItems` | read | how many items a schema is inferred from |
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self, TypeVar, cast

from pannier.batch.options import Options
from pannier.errors import UserError
from pannier.limits import SCAN_SEGMENTS_MAX
from pannier.spark.pushdown.own_expressions import NONE, OwnExpressions, own_names, own_values

Mode = Literal["failfast", "permissive"]
Items = Literal["columns", "json"]

COMMON: Final[Mapping[str, str]] = {
    "table": "the table's name",
    "target": "aws, or a URL",
    "region": "the AWS region",
    "concurrentTasks": "how many tasks run at the same time",
    "parallel": "calls in flight at most, in each task",
    "giveUpAfter": "seconds without progress after which a task gives up",
}
_READ: Final[Mapping[str, str]] = {
    **COMMON,
    "index": "the index that is read instead of the table",
    "segments": "into how many a scan is cut",
    "consistent": "true for consistent reads",
    "readUnits": "a budget over all tasks: units a second, or a share such as 50%",
    "items": "columns, or json for whole items in a column item",
    "filter": "only items that meet this expression of DynamoDB",
    "project": "the attributes wanted, e.g. PK, price, tags[0]",
    "values": "what :placeholders mean, as JSON",
    "names": "what #placeholders mean, as JSON",
    "mode": "failfast, or permissive",
    "sampleItems": "how many items a schema is inferred from",
}
_PATH: Final = "path"  # Spark's name for what `load` and `save` are given
_Value = TypeVar("_Value")


class Given:
    """Options as they were given.

    Args:
        options: of Spark.
        known: those that there are, and what they say.
        doing: what they are for, `reading` or `writing`, for messages.

    Raises:
        UserError: one that there is not.
    """

    def __init__(self, options: Mapping[str, str], known: Mapping[str, str], doing: str) -> None:
        self._given = {name.lower(): value for name, value in options.items()}
        self._known = known
        names = {name.lower() for name in known} | {_PATH}
        unknown = sorted(name for name in self._given if name not in names)
        if unknown:
            raise UserError(
                f"{doing} has no option {unknown[0]!r}",
                "Options: " + "; ".join(f"{name} ({says})" for name, says in known.items()) + ".",
            )

    def text(self, name: str) -> str | None:
        """An option's text; None if it was not given, or is empty."""
        return self._given.get(name.lower()) or None

    def table(self) -> str:
        """The table's name, which may be given as the path.

        Raises:
            UserError: there is none, or two.
        """
        table, path = self.text("table"), self.text(_PATH)
        if table and path and table != path:
            raise UserError(f"two tables are given: {table} and {path}", "Give one.")
        if not (table or path):
            raise UserError("no table is given", 'Give it: .option("table", "Orders").')
        return cast("str", table or path)

    def refuse(self, names: tuple[str, ...], beside: str, why: str) -> None:
        """See to it that options are not given.

        Args:
            names: theirs.
            beside: what they do not go together with.
            why: in words that follow "Leave it out: ".

        Raises:
            UserError: one is given.
        """
        for name in names:
            if self.text(name):
                raise UserError(
                    f"the option {name} means nothing with {beside}", f"Leave it out: {why}."
                )

    def number(self, name: str, least: float, most: float = float("inf")) -> float | None:
        """A number; None if it was not given."""
        return self._of(name, float, lambda number: least <= number <= most, "a number")

    def whole(self, name: str, least: int, most: int) -> int | None:
        """A whole number; None if it was not given."""
        return self._of(name, int, lambda number: least <= number <= most, "a whole number")

    def flag(self, name: str) -> bool:
        """`true` or `false`, the latter if it was not given."""
        text = (self.text(name) or "false").lower()
        if text not in ("true", "false"):
            raise self._wrong(name, "true or false")
        return text == "true"

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of some words, the first if it was not given."""
        text = (self.text(name) or choices[0]).lower()
        if text not in choices:
            raise self._wrong(name, " or ".join(choices))
        return text

    def _of(
        self,
        name: str,
        convert: Callable[[str], _Value],
        fits: Callable[[_Value], bool],
        what: str,
    ) -> _Value | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            value = convert(text)
        except ValueError:
            raise self._wrong(name, what) from None
        if not fits(value):
            raise self._wrong(name, f"{what} in its range")
        return value

    def _wrong(self, name: str, wanted: str) -> UserError:
        return UserError(
            f"the option {name} is {self.text(name)!r}", f"Give {wanted}: {self._known[name]}."
        )


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a table is read.

    Attributes:
        table: the table's name.
        target: as given; None for the environment's.
        region: for signatures; None for the environment's.
        index: the index that is read instead.
        segments: of a scan; None for as many as the size of the table suggests.
        consistent: consistent reads.
        read_units: the budget over all tasks: units a second, or a share such as `50%`.
        concurrent_tasks: how many tasks run at the same time; None for what the session told.
        parallel: calls in flight at most, in each task.
        give_up_after_s: seconds without progress after which a task gives up.
        mode: what is done about a value that does not fit its column.
        sample_items: how many items a schema is inferred from.
        items: what rows are: an attribute a column, or whole items as DynamoDB JSON.
        own: the user's expressions.
    """

    table: str
    target: str | None = None
    region: str | None = None
    index: str | None = None
    segments: int | None = None
    consistent: bool = False
    read_units: str | None = None
    concurrent_tasks: int | None = None
    parallel: int = 32
    give_up_after_s: float = 300.0
    mode: Mode = "failfast"
    sample_items: int = 1000
    items: Items = "columns"
    own: OwnExpressions = NONE

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        """The options of a read.

        Raises:
            UserError: one that there is not, or a value that is none.
        """
        given = Given(options, _READ, "reading")
        read_units = given.text("readUnits")
        Options(read_units=read_units)  # says what is wrong with a budget
        items = cast("Items", given.choice("items", ("columns", "json")))
        if items == "json":
            given.refuse(("mode", "sampleItems"), "items=json", "items come as they are")
        return cls(
            given.table(),
            given.text("target"),
            given.text("region"),
            given.text("index"),
            given.whole("segments", 1, SCAN_SEGMENTS_MAX),
            given.flag("consistent"),
            read_units,
            given.whole("concurrentTasks", 1, 1_000_000),
            given.whole("parallel", 1, 10_000) or 32,
            given.number("giveUpAfter", 0.001) or 300.0,
            cast("Mode", given.choice("mode", ("failfast", "permissive"))),
            given.whole("sampleItems", 1, 1_000_000) or 1000,
            items,
            _own(given),
        )


def _own(given: Given) -> OwnExpressions:
    values, names = given.text("values"), given.text("names")
    own = OwnExpressions(
        given.text("filter"),
        given.text("project"),
        own_names(names) if names else {},
        own_values(values) if values else {},
    )
    if own.filter is None:
        given.refuse(("values",), "no filter", "nothing uses it")
    if not own:
        given.refuse(("names",), "no filter and no project", "nothing uses it")
    return own
