"""What is wrong with an expression, before it is known which parameter the expression stood in."""

from pannier.errors import ParameterException, ValidationException
from pannier.expressions import messages


class ExpressionError(Exception):
    """A rule of the expression language that a text breaks; `text` is AWS's own.

    It never leaves this package: `as_validation` puts the parameter's name in front.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def as_validation(self, kind: str) -> ValidationException:
        """The error that the API answers; `kind` is e.g. `FilterExpression`."""
        kind_of_error = ValidationException if self.text == messages.EMPTY else ParameterException
        return kind_of_error(f"Invalid {kind}: {self.text}")
