"""What an expression's tree evaluates to."""

from collections.abc import Callable, Mapping

from pannier.engine.cloudwatch.expressions import functions
from pannier.engine.cloudwatch.expressions.expression_error import ExpressionError
from pannier.engine.cloudwatch.expressions.tree import (
    Array,
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Text,
)
from pannier.engine.cloudwatch.expressions.values import (
    Scope,
    TimeSeries,
    Value,
    combine,
    map_values,
)


class Evaluation:
    """Evaluates one expression.

    Args:
        scope: what it can see.
        names: what each id stands for, metrics and other expressions alike.
    """

    def __init__(self, scope: Scope, names: Mapping[str, Callable[[], Value]]) -> None:
        self._scope = scope
        self._names = names

    def result(self, node: Node) -> list[TimeSeries] | TimeSeries:
        """The time series that an expression stands for.

        Raises:
            ExpressionError: it can't be evaluated, or stands for a number.
        """
        try:
            value = self.value(node)
        except RecursionError:
            raise ExpressionError("nested too deeply") from None
        if isinstance(value, float):
            raise ExpressionError(
                "its result is a number; it must be a time series, see TIME_SERIES()"
            )
        return value

    def value(self, node: Node) -> Value:
        """What a part of the expression stands for.

        Raises:
            ExpressionError: it can't be evaluated.
        """
        match node:
            case Number(value):
                return value
            case Name(name):
                return self._named(name)
            case Minus(operand):
                return map_values(self.value(operand), lambda each: -each)
            case Binary(operator, left, right):
                return combine(operator, self.value(left), self.value(right))
            case Array(members):
                return self._array(members)
            case Call(function, arguments):
                return self._call(function, arguments)
            case Text(text):
                raise ExpressionError(f"a text can't stand here: {text!r}")

    def _named(self, name: str) -> Value:
        lookup = self._names.get(name)
        if lookup is None:
            raise ExpressionError(f"there is no metric or expression with the id {name!r}")
        return lookup()

    def _array(self, members: tuple[Node, ...]) -> list[TimeSeries]:
        array: list[TimeSeries] = []
        for member in members:
            value = self.value(member)
            if isinstance(value, float):
                raise ExpressionError("an array has time series only, no numbers")
            array += value if isinstance(value, list) else [value]
        return array

    def _call(self, function: str, arguments: tuple[Node, ...]) -> Value:
        found = functions.FUNCTIONS.get(function)
        if found is None:
            raise ExpressionError(functions.unknown(function))
        low, high = found.arguments
        if not low <= len(arguments) <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise ExpressionError(f"{function} takes {wanted} arguments, not {len(arguments)}")
        return found.run(self._scope, [self._argument(each, found) for each in arguments])

    def _argument(self, node: Node, function: functions.Function) -> functions.Argument:
        """A value; or a text or one of the function's words as it stands."""
        if isinstance(node, Text):
            return node.text
        if isinstance(node, Name) and node.name in function.words and node.name not in self._names:
            return node.name
        return self.value(node)
