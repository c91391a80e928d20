"""The parameters that DynamoDB had before expressions, and still takes.

They are translated, not evaluated: conditions become bound trees of the expression language,
updates become actions of it, and both run on `pannier.expressions`. What this package adds is
their own rules, their own texts, and that no request may mix them with expressions.

    mixing                       old and new parameters in one request
    conditions                   one condition: its rules, its tree
    expected, filters            Expected; QueryFilter and ScanFilter; ConditionalOperator
    key_conditions               KeyConditions
    updates                      AttributeUpdates

`AttributesToGet` is in `engine.projecting`, beside what replaced it.

Order of checks. Mixing comes first, then the placeholders of expressions, then these parameters,
before any table is looked up; in each map, attribute by attribute in the order of the request.
ConditionalOperator is looked at when its conditions are right.

Where DynamoDB Local 1.25 differs (some 19,000 generated requests were compared), and why it is not
followed:

| Local | here | why |
|---|---|---|
| looks the table up first | last | the service, as for every other check |
| a DELETE alone makes an item where there is none | it makes none | Developer Guide |
| Exists, Value and ComparisonOperator: bare texts | "1 validation error detected: " | captured |
| condition without operator: "Comparison type does not exist" | the constraint's text | model |
| unknown ConditionalOperator: status 500; bare texts on Action | the constraint's text | model |
| "ADD action is not supported for the type STRING" | "… type S" | pasted from the service |
| "Cannot have two attributes with the same name" | its own text in BatchGetItem | known |
| an empty AttributesToGet: an own text, or nothing | the constraint's text | model |
| DeleteItem, UpdateItem: Expected before the key's values | after them | as PutItem does |
| NE on a sort key: status 500; NULL: "Only scalar types …" | "… indexable operation" | inferred |
"""

from pannier.engine.legacy.expected import compile_expected
from pannier.engine.legacy.filters import compile_filter
from pannier.engine.legacy.key_conditions import KeyConditions
from pannier.engine.legacy.mixing import check_mixing
from pannier.engine.legacy.updates import AttributeUpdates, compile_updates

__all__ = [
    "AttributeUpdates",
    "KeyConditions",
    "check_mixing",
    "compile_expected",
    "compile_filter",
    "compile_updates",
]
