"""How the tests ask: one expression, one item, and the answer or the text of the error."""

from pannier.errors import ValidationException
from pannier.expressions import (
    KeyCondition,
    Placeholders,
    parse_condition,
    parse_key_condition,
    parse_projection,
    parse_update,
)

ITEM = {
    "pk": {"S": "a"},
    "sk": {"N": "1"},
    "n": {"N": "5"},
    "s": {"S": "abc"},
    "b": {"B": "YWJj"},
    "bo": {"BOOL": True},
    "nu": {"NULL": True},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2"]},
    "bs": {"BS": ["YQ==", "Yg=="]},
    "l": {"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}, {"M": {"x": {"S": "y"}}}]},
    "m": {"M": {"x": {"N": "1"}, "y": {"M": {"z": {"S": "q"}}}}},
}

VALUES = {
    ":v": {"S": "x"},
    ":w": {"S": "y"},
    ":abc": {"S": "abc"},
    ":a": {"S": "a"},
    ":ab": {"S": "ab"},
    ":e": {"S": ""},
    ":t": {"S": "S"},
    ":n": {"N": "1"},
    ":two": {"N": "2"},
    ":three": {"N": "3"},
    ":four": {"N": "4"},
    ":five": {"N": "5"},
    ":m": {"N": "9"},
    ":b": {"B": "YQ=="},
    ":bc": {"B": "YmM="},
    ":bo": {"BOOL": True},
    ":nu": {"NULL": True},
    ":l": {"L": [{"S": "new"}]},
    ":ma": {"M": {"k": {"N": "1"}}},
    ":map": {"M": {"y": {"M": {"z": {"S": "q"}}}, "x": {"N": "1"}}},
    ":ss": {"SS": ["c", "a"]},
    ":ba": {"SS": ["b", "a"]},
    ":ns": {"NS": ["1", "7"]},
    ":bs": {"BS": ["YQ=="]},
}


def placeholders(names=None, values=VALUES):
    return Placeholders(names, values)


def project(text, item=ITEM, names=None):
    return parse_projection(text, placeholders(names)).apply(item)


def matches(text, item=ITEM, names=None, values=VALUES):
    return condition(text, names, values).matches(item)


def condition(text, names=None, values=VALUES):
    return parse_condition(text, placeholders(names, values), kind="FilterExpression")


def key_condition(text, names=None, values=VALUES, sort_kind="N") -> KeyCondition:
    return parse_key_condition(
        text, placeholders(names, values), partition=[("pk", "S")], sort=[("sk", sort_kind)]
    )


def updated(text, item=ITEM, names=None, values=VALUES):
    return parse_update(text, placeholders(names, values)).apply(item).item


def changes(text, item=ITEM, names=None, values=VALUES):
    """The attributes that an update changed, and None for those it removed."""
    new = updated(text, item, names, values)
    return {name: new.get(name) for name in (*item, *new) if item.get(name) != new.get(name)}


def error(ask, *arguments, **named):
    """The text of the error that a question is answered with."""
    try:
        answer = ask(*arguments, **named)
    except ValidationException as refused:
        return refused.message
    raise AssertionError(f"{arguments[0]!r} was accepted: {answer!r}")


def complaint(ask, *arguments, **named):
    """The text of the error without `Invalid …Expression: `."""
    prefix, _, text = error(ask, *arguments, **named).partition(": ")
    assert prefix.startswith("Invalid ")
    assert prefix.endswith("Expression")
    return text
