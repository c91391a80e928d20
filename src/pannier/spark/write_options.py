"""What a user asks of a write, beside what is common to both ways (see `options`).

| option | meaning |
|---|---|
| `writeUnits` | a budget over all tasks: units a second, or a share such as `50%` |
| `items` | `columns`, or `json`: whole items as texts of DynamoDB JSON in the column `item` |
| `kind` | `put` whole rows, or `delete` the items that have the rows' keys |
| `deleteColumn` | a column of booleans: true deletes the row's key; it is not stored itself |
| `nulls` | what a null becomes: `absent`, `null`, or `text` for an empty text |
| `everyWrite` | `true` to send every row of a key, not only the last of those that wait |
| `failures` | a folder or URI for the rows that did not get through |
| `report` | a file or URI for the report of the whole job, as JSON |
| `onFailures` | `error`: the job fails at its end if rows did; or `report`: the report says so |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self, cast

from pannier.batch.options import Options
from pannier.errors import UserError
from pannier.files.source import Empty
from pannier.spark.options import COMMON, Given, Items

WriteKind = Literal["put", "delete"]
OnFailures = Literal["error", "report"]

_WRITE: Final[Mapping[str, str]] = {
    **COMMON,
    "writeUnits": "a budget over all tasks: units a second, or a share such as 50%",
    "items": "columns, or json for whole items in the column item",
    "kind": "put, or delete by the rows' keys",
    "deleteColumn": "a column of booleans: true deletes the row's key",
    "nulls": "what a null becomes: absent, null or text",
    "everyWrite": "true to send every row of a key, not only the last",
    "failures": "a folder or URI for the rows that did not get through",
    "report": "a file or URI for the report as JSON",
    "onFailures": "error or report: whether the job fails at its end if rows did",
}
_PARALLEL: Final = 16  # in each task; several run on a machine
_SECRETS: Final = ("secret", "accesskey", "access_key", "sessiontoken", "session_token", "password")


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a table is written.

    Attributes:
        table: the table's name.
        target: as given; None for the environment's.
        region: for signatures; None for the environment's.
        write_units: the budget over all tasks: units a second, or a share such as `50%`.
        concurrent_tasks: how many tasks run at the same time; None for what the session told.
        parallel: calls in flight at most, in each task.
        give_up_after_s: seconds without progress after which a task gives up.
        items: what rows are: an attribute a column, or whole items as DynamoDB JSON.
        kind: what is done with rows.
        delete_column: a column of booleans that says of each row whether it is a delete.
        nulls: what a null becomes.
        every_write: send every row of a key.
        failures: the folder of the rows that did not get through; None for no folder.
        report: the file of the report; None for none.
        on_failures: what rows that did not get through mean for the job.
    """

    table: str
    target: str | None = None
    region: str | None = None
    write_units: str | None = None
    concurrent_tasks: int | None = None
    parallel: int = _PARALLEL
    give_up_after_s: float = 300.0
    items: Items = "columns"
    kind: WriteKind = "put"
    delete_column: str | None = None
    nulls: Empty = "absent"
    every_write: bool = False
    failures: str | None = None
    report: str | None = None
    on_failures: OnFailures = "error"

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        """The options of a write.

        Raises:
            UserError: one that there is not, a value that is none, or two that exclude each other.
        """
        _check_no_secrets(options)
        given = Given(options, _WRITE, "writing")
        write_units = given.text("writeUnits")
        Options(write_units=write_units)  # says what is wrong with a budget
        kind = cast("WriteKind", given.choice("kind", ("put", "delete")))
        delete_column = given.text("deleteColumn")
        if kind == "delete" and delete_column:
            raise UserError(
                "kind delete and deleteColumn exclude each other",
                "Leave out kind: each row's column says whether it is a delete.",
            )
        items = cast("Items", given.choice("items", ("columns", "json")))
        if items == "json":
            given.refuse(("nulls",), "items=json", "each item is written as it is")
        return cls(
            given.table(),
            given.text("target"),
            given.text("region"),
            write_units,
            given.whole("concurrentTasks", 1, 1_000_000),
            given.whole("parallel", 1, 10_000) or _PARALLEL,
            given.number("giveUpAfter", 0.001) or 300.0,
            items,
            kind,
            delete_column,
            cast("Empty", given.choice("nulls", ("absent", "null", "text"))),
            given.flag("everyWrite"),
            given.text("failures"),
            given.text("report"),
            cast("OnFailures", given.choice("onFailures", ("error", "report"))),
        )


def _check_no_secrets(options: Mapping[str, str]) -> None:
    for name in options:
        plain = name.lower().replace("-", "_").replace(".", "_")
        if any(word in plain for word in _SECRETS):
            raise UserError(
                f"credentials are no options: {name} would stand in Spark's plans and logs",
                "Leave it out. Each executor finds its own by AWS's usual chain: an instance role "
                "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment.",
            )
