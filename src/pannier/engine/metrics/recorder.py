"""What every request adds to the metrics."""

from typing import Any

from pannier.engine.usage import Usage
from pannier.errors import ServiceError


class Recorder:
    """Takes note of requests."""

    def record(
        self,
        operation: str,
        request: dict[str, Any],
        usage: Usage,
        elapsed_s: float,
        error: ServiceError | None,
    ) -> None:
        """Note one request that is over.

        Args:
            operation: its name in the API.
            request: the request; empty if it could not be read.
            usage: what it used.
            elapsed_s: how long it took inside the engine.
            error: what it was answered, or None if it succeeded.
        """
