"""What the admin API refuses."""

from pannier.errors import UserError


class RefusedError(UserError):
    """A request that is refused.

    Args:
        status: the HTTP status.
        message: what is wrong.
        advice: what to do.
        allow: the methods that there are, where it is the method that is wrong.
    """

    def __init__(self, status: int, message: str, advice: str = "", allow: str = "") -> None:
        super().__init__(message, advice)
        self.status = status
        self.allow = allow
