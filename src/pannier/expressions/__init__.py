"""DynamoDB's expression language: text -> tokens -> tree -> bound tree -> evaluation. Pure.

A request makes one `Placeholders`, checks it, reads its expressions in AWS's order (update, filter,
projection, key condition, condition), and asks it at the end what was not used. Every error is a
`ValidationException` with AWS's text.

    tokens -> grammar, condition_grammar, update_grammar -> tree     what a text says (cached)
    placeholders, paths -> binding                                   with a request's names, values
    compare, arithmetic -> evaluation, change, rebuild               against an item
    projection, condition, key_condition, update                     the four languages
"""

from pannier.expressions.condition import Condition, parse_condition
from pannier.expressions.key_condition import (
    BoundKeyCondition,
    KeyCondition,
    SortCondition,
    bind_key_condition,
    parse_key_condition,
)
from pannier.expressions.paths import project_paths
from pannier.expressions.placeholders import Placeholders
from pannier.expressions.projection import Projection, parse_projection
from pannier.expressions.update import Update, UpdateResult, parse_update

__all__ = [
    "BoundKeyCondition",
    "Condition",
    "KeyCondition",
    "Placeholders",
    "Projection",
    "SortCondition",
    "Update",
    "UpdateResult",
    "bind_key_condition",
    "parse_condition",
    "parse_key_condition",
    "parse_projection",
    "parse_update",
    "project_paths",
]
