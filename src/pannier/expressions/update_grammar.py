"""Tokens -> actions, for UpdateExpression.

    update  ::= clause+
    clause  ::= SET set ("," set)* | REMOVE path ("," path)*
              | ADD path :value ("," …)* | DELETE path :value ("," …)*
    set     ::= path "=" value
    value   ::= operand | operand ("+" | "-") operand | "(" value ")"
    operand ::= path | :value | function | "(" operand ")"

Each clause may stand once; that is complained of after reserved names and functions (Local).
"""

from functools import lru_cache
from typing import Final

from pannier.expressions import messages, tokens
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.grammar import FunctionRules, Grammar
from pannier.expressions.tree import Action, Arithmetic, Call, NewValue, Operand, Placeholder

_RULES: Final = FunctionRules(
    where="an update",
    allowed=frozenset({"if_not_exists", "list_append"}),
    nestable=frozenset({"if_not_exists"}),
)
_CLAUSES: Final = ("SET", "REMOVE", "ADD", "DELETE")
_SIGNS: Final = frozenset({"+", "-"})
_CACHED_TREES_MAX: Final = 1024


@lru_cache(maxsize=_CACHED_TREES_MAX)
def read_update(text: str) -> tuple[Action, ...]:
    """The actions of an update of at most 4 KB, in the order of its text.

    Raises:
        ExpressionError: the text breaks a rule that needs neither names nor values.
    """
    return _UpdateGrammar(text, _RULES).actions()


class _UpdateGrammar(Grammar):
    def actions(self) -> tuple[Action, ...]:
        clauses: list[str] = []
        actions: list[Action] = []
        while not clauses or self.stream.current.kind != tokens.END:
            clause = self.stream.current.kind
            if clause not in _CLAUSES:
                raise self.stream.syntax_error()
            self.stream.take()
            clauses.append(clause)
            actions.append(self._action(clause))
            while self.stream.accept(","):
                actions.append(self._action(clause))
        self.complain()
        for clause in _CLAUSES:
            if clauses.count(clause) > 1:
                raise ExpressionError(messages.clause_twice(clause))
        return tuple(actions)

    def _action(self, clause: str) -> Action:
        path = self.path()
        if clause == "REMOVE":
            return Action(clause, path, None)
        if clause == "SET":
            self.stream.expect("=")
            return Action(clause, path, self._new_value())
        return Action(clause, path, Placeholder(self.stream.expect(tokens.VALUE_PLACEHOLDER).text))

    def _new_value(self) -> NewValue:
        depth = 0
        while self.stream.accept("("):
            depth += 1
        operand = self.operand()
        value: NewValue = operand
        in_parentheses = False
        while True:
            sign = self.stream.current.kind
            if sign in _SIGNS and value is operand:
                self.stream.take()
                value = Arithmetic(sign, operand, self.operand())
                self._check_arithmetic(value.left, value.right)
                in_parentheses = False
            if not depth:
                return value
            self.close_parenthesis(is_redundant=in_parentheses)
            in_parentheses = True
            depth -= 1

    def _check_arithmetic(self, *operands: Operand) -> None:
        for operand in operands:
            if isinstance(operand, Call) and operand.function == "list_append":
                self.flaw(operand.position, messages.function_misplaced(operand.function))
