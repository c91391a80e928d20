"""ExecuteStatement: one PartiQL statement.

Order of checks (DynamoDB Local): types and constraints; the statement's grammar; what DynamoDB does
not have of PartiQL; the number of parameters; values; the table; keys; then as the read or write
that the statement is. Writes ignore what only reads have: Limit, ConsistentRead, NextToken.
"""

from typing import TYPE_CHECKING, Any

from pannier.engine import constraints
from pannier.engine.item_writes import write_one
from pannier.engine.statements.reading import read_page
from pannier.engine.statements.writing import compile_write
from pannier.errors import ValidationException
from pannier.partiql import Exists, Select, messages, parse_statement

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Run a statement."""
    constraints.check("ExecuteStatement", request)
    statement = parse_statement(request["Statement"]).bind(request.get("Parameters") or ())
    if isinstance(statement, Exists):
        raise ValidationException(messages.EXISTS_OUTSIDE)
    if isinstance(statement, Select):
        return read_page(database, request, statement)
    write = compile_write(database, statement)
    written, answer = write_one(database, write.write, request, wants_old=write.wants_old)
    return {"Items": write.shown(written), **answer}
