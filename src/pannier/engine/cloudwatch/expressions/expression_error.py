"""What is wrong with an expression."""


class ExpressionError(Exception):
    """An expression that can't be evaluated; the text says why.

    Attributes:
        position: where its text goes wrong, counted from 1; None where the text is right.
    """

    def __init__(self, what: str, position: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.position = position
