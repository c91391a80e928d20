"""PartiQL as DynamoDB takes it: text -> tokens -> nodes -> the expression language's trees. Pure.

    tokens, keywords -> expression_grammar, statement_grammar -> nodes    what a text says (cached)
    literals, paths, conditions, changes                                  nodes -> DynamoDB's own
    statements                                                            a statement, whole

There is no second evaluator: conditions, updates and paths become those of `expressions`.
"""

from pannier.partiql.statements import (
    Change,
    Exists,
    Insert,
    Prepared,
    Select,
    Statement,
    parse_statement,
)

__all__ = ["Change", "Exists", "Insert", "Prepared", "Select", "Statement", "parse_statement"]
