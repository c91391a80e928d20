"""BatchExecuteStatement: up to 25 PartiQL statements, each with an answer or error of its own.

Rules (service model; captured answers and DynamoDB Local for what the texts say):

* all of them read or all write; mixed ones fail the request. So do two that touch one item;
* a read names one whole key and nothing else, and no index (captured);
* an answer names its table, unless the statement was not understood; a missing item is absent;
* what is wrong with one statement is its own `Error`, and the others are carried out. Writes that
  succeed go into one atomic group;
* metered as that many GetItems or single writes, in one entry a table.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.engine import constraints
from pannier.engine import messages as engine_messages
from pannier.engine.capacity import Consumed, wanted_level
from pannier.engine.catalog import Table
from pannier.engine.item_writes import stage
from pannier.engine.rows import row_size
from pannier.engine.statements.single_reads import SingleRead, compile_read
from pannier.engine.statements.writing import StatementWrite, compile_write
from pannier.engine.writing import save_counts
from pannier.errors import ServiceError, ValidationException
from pannier.model.units import read_units
from pannier.partiql import Exists, Prepared, Select, messages, parse_statement

if TYPE_CHECKING:
    from pannier.engine.database import Database

_CODES: Final = {
    "ThrottlingException": "ThrottlingError",
    "ValidationException": "ValidationError",
}


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Run a batch of statements."""
    constraints.check("BatchExecuteStatement", request)
    batch = [_Entry(each) for each in request["Statements"]]
    if len({entry.prepared.is_read for entry in batch if entry.prepared is not None}) > 1:
        raise ValidationException(messages.BATCH_MIXED)
    for entry in batch:
        entry.compile(database)
    row_keys = [entry.action_key for entry in batch if entry.action_key is not None]
    if len(set(row_keys)) != len(row_keys):
        raise ValidationException(engine_messages.DUPLICATE_KEYS)
    consumed = _carried_out(database, batch)
    answer: dict[str, Any] = {"Responses": [entry.response for entry in batch]}
    level = wanted_level(request)
    if level:
        answer["ConsumedCapacity"] = [spent.to_api(level) for spent in consumed.values()]
    return answer


class _Entry:
    """One statement of the batch, and how far it has come."""

    __slots__ = ("prepared", "read", "request", "response", "write")

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.request = request
        self.response: dict[str, Any] = {}
        self.prepared: Prepared | None = None
        self.read: SingleRead | None = None
        self.write: StatementWrite | None = None
        try:
            self.prepared = parse_statement(request["Statement"])
        except ValidationException as error:
            self.fail(error)

    @property
    def action_key(self) -> tuple[Table, bytes] | None:
        """The item that the statement is about, once that is known."""
        action = self.read or (self.write.write if self.write is not None else None)
        return (action.table, action.row_key) if action is not None else None

    def compile(self, database: "Database") -> None:
        """Find what the statement reads or writes, or what is wrong with it."""
        if self.prepared is None:
            return
        try:
            statement = self.prepared.bind(self.request.get("Parameters") or ())
            if isinstance(statement, Exists):
                raise ValidationException(messages.EXISTS_OUTSIDE)
            if isinstance(statement, Select):
                self.read = compile_read(database, statement, messages.BATCH_KEY)
            else:
                self.write = compile_write(database, statement)
        except ServiceError as error:
            self.fail(error)

    def fail(self, error: ServiceError, table: Table | None = None) -> None:
        """Answer the statement with an error; `table` once the statement has got so far."""
        code = _CODES.get(error.code, error.code.removesuffix("Exception"))
        shown: dict[str, Any] = {"Code": code, "Message": error.message}
        wants_item = self.request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        if wants_item and "Item" in error.fields:
            shown["Item"] = error.fields["Item"]
        self.response = {"Error": shown}
        if table is not None:
            self.response["TableName"] = table.name


def _carried_out(database: "Database", batch: list[_Entry]) -> dict[Table, Consumed]:
    consumed: dict[Table, Consumed] = {}
    reads = [(entry, entry.read) for entry in batch if entry.read is not None]
    rows = database.store.get_many([read.row_key for _, read in reads])
    for (entry, read), row in zip(reads, rows, strict=True):
        spent = consumed.get(read.table)
        if spent is None:
            spent = consumed[read.table] = database.usage.reads(read.table)
        size_bytes = row_size(row) if row is not None else 0
        units = read_units(size_bytes, consistent=entry.request.get("ConsistentRead") is True)
        if not database.admission.admits_read(spent, read.row_key, {}, units):
            entry.fail(database.admission.item_refusal(), read.table)
            continue
        entry.response = {"TableName": read.table.name}
        if row is not None:
            entry.response["Item"] = read.shown(row)
    group = database.store.new_group()
    changed = set()
    for entry in batch:
        if entry.write is None:
            continue
        write = entry.write.write
        spent = consumed.get(write.table)
        if spent is None:
            spent = consumed[write.table] = database.usage.writes(write.table)
        try:
            written = stage(database, write, group, spent, wants_old=entry.write.wants_old)
        except ServiceError as error:
            entry.fail(error, write.table)
            continue
        changed.add(write.table)
        items = entry.write.shown(written)
        entry.response = {"TableName": write.table.name, **({"Item": items[0]} if items else {})}
    for table in changed:
        save_counts(table, group)
    if changed:
        database.write(group)
    return consumed
