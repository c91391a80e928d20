"""Values as they are typed: a type, and a text."""

from typing import Final

from pannier.errors import ServiceError, UserError
from pannier.model.attribute_value import AttributeValue, binary
from pannier.model.number import measure

VALUE_KINDS: Final = {
    "S": "S, text", "N": "N, number", "B": "B, base64", "BOOL": "BOOL", "NULL": "NULL",
}  # fmt: skip
_FLAGS: Final = {"true": True, "false": False}


def typed_value(kind: str, text: str) -> AttributeValue:
    """The value that a text is, as a type.

    Raises:
        UserError: it is none of that type.
    """
    match kind:
        case "N":
            return {"N": _number(text.strip())}
        case "B":
            return {"B": _binary(text.strip())}
        case "BOOL":
            flag = _FLAGS.get(text.strip().lower())
            if flag is None:
                raise UserError("This is true or false.")
            return {"BOOL": flag}
        case "NULL":
            return {"NULL": True}
    return {"S": text}


def typed_values(kind: str, text: str) -> list[AttributeValue]:
    """The values of a list with commas between them.

    Raises:
        UserError: one of them is none of that type.
    """
    return [typed_value(kind, each.strip()) for each in text.split(",")]


def _number(text: str) -> str:
    try:
        return measure(text)[0]
    except ServiceError:
        raise UserError("This is no number that DynamoDB has: 42, -0.5, 1e6.") from None


def _binary(text: str) -> str:
    try:
        return binary(text)[0]
    except ServiceError:
        raise UserError("This is no base64, such as SGVsbG8=.") from None
