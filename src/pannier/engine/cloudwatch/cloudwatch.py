"""CloudWatch over the metrics of a database: requests as the API has them, in and out as dicts.

Times are seconds since 1970. No protocol here: `service/cloudwatch` has those.
"""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.metrics import Metrics
from pannier.engine.metrics.space import ALARM_PREFIX, after

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.alarms import Alarms

_LOG: Final = logging.getLogger(__name__)


class CloudWatch:
    """CloudWatch's operations on the metrics of one database. Safe to share between threads.

    What they need is imported when the first is called: most databases are never asked.

    Args:
        metrics: the database's.
        wake: called when there is an alarm, which somebody has to evaluate every minute.
    """

    def __init__(self, metrics: Metrics, wake: Callable[[], None]) -> None:
        self.metrics = metrics
        self._wake = wake
        self._alarms: Alarms | None = None

    @property
    def alarms(self) -> "Alarms":
        """All alarms."""
        if self._alarms is None:
            from pannier.engine.cloudwatch.alarms import Alarms

            with self.metrics.archive.lock:
                if self._alarms is None:  # another thread may have been first
                    self._alarms = Alarms(self.metrics, self._wake)
        return self._alarms

    def execute(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request.

        Args:
            operation: its name in the API.
            request: its members, of the types that the service model says; times in seconds.

        Raises:
            CloudWatchError: what the API answers instead.
        """
        from pannier.engine.cloudwatch import constraints, errors, messages, model
        from pannier.engine.cloudwatch.operations import OPERATIONS

        run = OPERATIONS.get(operation)
        if run is None:
            known = operation in model.operations()
            text = messages.UNSUPPORTED if known else messages.NO_OPERATION
            raise errors.UnknownOperationError(text.format(operation=operation))
        constraints.check(operation, request)
        try:
            return run(self, request)
        except errors.CloudWatchError:
            raise
        except Exception:
            _LOG.exception("%s failed", operation)
            raise errors.InternalServiceError(messages.INTERNAL) from None

    def tick(self) -> None:
        """What is due every minute: metrics are written, alarms evaluated."""
        self.metrics.flush()
        if self._alarms is not None or self._has_alarms():
            self.alarms.evaluate()

    def _has_alarms(self) -> bool:
        archive = self.metrics.archive
        with archive.lock:
            return next(archive.store.range(ALARM_PREFIX, after(ALARM_PREFIX)), None) is not None
