"""Tokens -> nodes, for statements, which are terms of the expression grammar.

    select ::= SELECT (* | items) FROM source [WHERE e] [ORDER BY e [ASC | DESC], ...]
    insert ::= INSERT INTO path VALUE e
    update ::= UPDATE path ((SET path = e [, ...]) | (REMOVE path))... [WHERE e] [RETURNING r]
    delete ::= DELETE FROM path [WHERE e] [RETURNING r]

What PartiQL has and DynamoDB has not is read too, as far as its refusal has a text of its own:
aliases, joins, GROUP BY, HAVING, LIMIT. The first of them is kept as the node's `refused`.
"""

from pannier.partiql import messages, tokens
from pannier.partiql.expression_grammar import ExpressionGrammar, malformed
from pannier.partiql.nodes import (
    Node,
    Order,
    PathNode,
    Place,
    RemoveNode,
    SchemaNode,
    SelectNode,
    SetNode,
    Wildcard,
    WriteNode,
)

_JOIN_PREFIXES = ("inner", "left", "right", "outer", "full", "cross")


def read_statement(text: str) -> tuple[Node, int]:
    """The node of a statement, and how many parameters it has.

    Raises:
        ValidationException: the text breaks the grammar.
    """
    grammar = StatementGrammar(text)
    node = grammar.expression()
    if grammar.accept(";") and grammar.current.kind != tokens.END:
        raise malformed(messages.AFTER_SEMICOLON)
    if grammar.current.kind != tokens.END:
        raise malformed(messages.AFTER_EXPRESSION)
    return node, grammar.parameter_count


class StatementGrammar(ExpressionGrammar):
    """A parser of one statement."""

    def keyword_term(self) -> Node:
        """A statement; the places where it may stand are found later."""
        token = self.current
        match token.kind:
            case "select":
                self.take()
                return self._select(token.place)
            case "update":
                self.take()
                return self._update(token.place)
            case "delete":
                self.take()
                return self._delete(token.place)
            case "insert" if self.following.kind == "into":
                self.take()
                self.take()
                return self._insert(token.place)
            case "set" | "remove":
                self._changes()
                return SchemaNode("DataManipulation", token.place)
            case "from":
                # The older form of writes, which begins with FROM: `SELCT * FROM t` ends here too.
                self.take()
                self.expression()
                if self.accept("where"):
                    self.expression()
                self._changes()
                return SchemaNode("DataManipulation", token.place)
            case "create" | "drop":
                self.take()
                return self._schema(token.kind, token.place)
        raise malformed(messages.KEYWORD)

    def _select(self, place: Place) -> Node:
        refused: list[str] = []
        if self.accept("distinct"):
            refused.append(messages.SELECT_DISTINCT)
        else:
            self.accept("all")
        items: list[Node] = []
        if self.current.kind == "value":
            self.take()
            refused.append(messages.SELECT_VALUE)
            items.append(self.expression())
        else:
            items.append(self._item(refused))
            while self.accept(","):
                items.append(self._item(refused))
        if len(items) > 1 and any(isinstance(item, Wildcard) for item in items):
            raise malformed(messages.ASTERISK_NOT_ALONE)
        if not self.accept("from"):
            raise malformed(messages.MISSING_FROM)
        source = self._source(refused)
        if self.accept("let"):
            refused.append(messages.unsupported_clause("LET"))
            self._item([])
            while self.accept(","):
                self._item([])
        where = self.expression() if self.accept("where") else None
        order = self._tail(refused)
        return SelectNode(
            tuple(items), source, where, tuple(order), refused[0] if refused else None, place
        )

    def _tail(self, refused: list[str]) -> list[Order]:
        """The clauses behind WHERE, of which DynamoDB takes ORDER BY alone."""
        order: list[Order] = []
        if self.accept("group"):
            self._expect_word("by")
            refused.append(messages.unsupported_clause("GROUP BY"))
            self._item([])
            while self.accept(","):
                self._item([])
        if self.accept("having"):
            refused.append(messages.unsupported_clause("HAVING", self.expression().place))
        if self.accept("order"):
            self._expect_word("by")
            order.append(self._order())
            while self.accept(","):
                order.append(self._order())
        if self.accept("limit"):
            refused.append(messages.unsupported_clause("LIMIT", self.expression().place))
        return order

    def _order(self) -> Order:
        node = self.expression()
        if self.accept("desc"):
            return Order(node, descending=True)
        self.accept("asc")
        return Order(node, descending=False)

    def _item(self, refused: list[str]) -> Node:
        token = self.current
        if self.accept("*"):
            return Wildcard(token.place)
        node = self.expression()
        if isinstance(node, PathNode):
            _check_wildcards(node)
        self._alias(refused)
        return node

    def _source(self, refused: list[str]) -> Node:
        self.accept("@")
        source = self.expression()
        self._alias(refused, "at", "by")
        while self.current.kind == "," or self._at_join():
            refused.append(messages.FROM_SEVERAL)
            needs_on = self._join()
            self.accept("@")
            self.expression()
            self._alias(refused, "at", "by")
            if needs_on:
                if not self.accept("on"):
                    raise malformed(messages.JOIN_ON)
                self.expression()
        return source

    def _at_join(self) -> bool:
        return self.current.kind == "join" or self.current.kind in _JOIN_PREFIXES

    def _join(self) -> bool:
        """Take a comma or the words of a join; whether it must say ON."""
        if self.accept(","):
            return False
        is_cross = False
        while self.current.kind in _JOIN_PREFIXES:
            is_cross = self.take().kind == "cross" or is_cross
        if not self.accept("join"):
            raise malformed(messages.expected("JOIN"))
        return not is_cross

    def _alias(self, refused: list[str], *words: str) -> None:
        """Take the aliases behind an expression: AS may be left out, other words may not."""
        is_named = self.accept("as")
        if is_named or self.current.kind in (tokens.NAME, tokens.QUOTED):
            self._alias_name("AS")
            refused.append(messages.ALIAS)
        for word in words:
            if self.accept(word):
                self._alias_name(word.upper())
                refused.append(messages.ALIAS)

    def _alias_name(self, word: str) -> None:
        if self.take().kind not in (tokens.NAME, tokens.QUOTED):
            raise malformed(messages.expected(f"identifier for {word}-alias"))

    def _insert(self, place: Place) -> Node:
        source = self.simple_path()
        if not self.accept("value"):
            if self.accept("values") and self.current.kind != "(":
                raise malformed(messages.ROW_VALUES)
            self.expression()
            return SchemaNode("InsertOp", place)
        value = self.expression()
        refused = []
        if self.accept("at"):
            self.expression()
            refused.append(messages.insert_at(place))
        if self._returning(refused) is not None:
            refused.append(messages.INSERT_RETURNING)
        return WriteNode(
            "INSERT", source, value, (), None, None, refused[0] if refused else None, place
        )

    def _update(self, place: Place) -> Node:
        source = self.simple_path()
        refused: list[str] = []
        self._alias(refused, "at", "by")
        changes = self._changes()
        where = self.expression() if self.accept("where") else None
        returning = self._returning(refused)
        return WriteNode(
            "UPDATE", source, None, changes, where, returning,
            refused[0] if refused else None, place,
        )  # fmt: skip

    def _delete(self, place: Place) -> Node:
        if not self.accept("from"):
            raise malformed(messages.DELETE_FROM)
        source = self.simple_path()
        refused: list[str] = []
        self._alias(refused, "at", "by")
        where = self.expression() if self.accept("where") else None
        returning = self._returning(refused)
        return WriteNode(
            "DELETE", source, None, (), where, returning, refused[0] if refused else None, place
        )

    def _changes(self) -> tuple[SetNode | RemoveNode, ...]:
        changes: list[SetNode | RemoveNode] = []
        while True:
            if self.accept("set"):
                changes.append(self._assignment())
                while self.accept(","):
                    changes.append(self._assignment())
            elif self.accept("remove"):
                changes.append(RemoveNode(self.simple_path()))
            elif changes:
                return tuple(changes)
            else:
                raise malformed(messages.DATA_MANIPULATION)

    def _assignment(self) -> SetNode:
        target = self.simple_path()
        if not self.accept("="):
            raise malformed(messages.ASSIGNMENT)
        return SetNode(target, self.expression())

    def _returning(self, refused: list[str]) -> str | None:
        if not self.accept("returning"):
            return None
        first = self._returned(refused)
        while self.accept(","):
            refused.append(messages.RETURNING_SEVERAL)
            self._returned(refused)
        return first

    def _returned(self, refused: list[str]) -> str:
        extent, state = self.take().kind, self.take().kind
        if extent not in ("modified", "all") or state not in ("new", "old"):
            raise malformed(messages.RETURNING)
        if not self.accept("*"):
            self.path()
            refused.append(messages.RETURNING_STAR)
        return f"{extent.upper()} {state.upper()}"

    def _schema(self, verb: str, place: Place) -> Node:
        if not self.accept("table"):
            raise malformed(f"Unexpected token following {verb.upper()}")
        if self.take().kind not in (tokens.NAME, tokens.QUOTED):
            raise malformed("Expected identifier!")
        return SchemaNode(f"{verb.capitalize()}Table", place)

    def _expect_word(self, word: str) -> None:
        if not self.accept(word):
            raise malformed(messages.expected(word.upper()))


def _check_wildcards(path: PathNode) -> None:
    """Check that a `*` in a selected path is its last step, behind a dot."""
    last = len(path.steps) - 1
    for position, step in enumerate(path.steps):
        if isinstance(step, Wildcard) and (step.in_brackets or position < last):
            raise malformed(messages.WILDCARD_IN_LIST)
