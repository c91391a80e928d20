"""What the server itself has to say, through the standard library's `logging`, in the log's form.

Any module says it as usual, `_LOG.warning("...")`. What belongs to it apart from the words goes
along as `extra=told(port=8000)`.
"""

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from pannier.service.observing.log_lines import Fields

LEVELS: Final[Mapping[str, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_TOLD: Final = "told"
_TEXT_CHARACTERS_MAX: Final = 4000
_FORMATTER: Final = logging.Formatter()

Say: TypeAlias = Callable[[Fields], None]


def told(**fields: Any) -> dict[str, Any]:
    """The `extra` of a call of `logging` that carries fields."""
    return {_TOLD: fields}


def to_stderr() -> None:
    """Without a log: warnings on standard error, as the command's own words."""
    logging.basicConfig(level=logging.WARNING, format="pannier: %(message)s", stream=sys.stderr)


class LogHandler(logging.Handler):
    """Hands records of `logging` to the log.

    Args:
        say: takes what there is to say.
    """

    def __init__(self, say: Say) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Say one."""
        try:
            fields: dict[str, Any] = {
                "time": record.created,
                "level": record.levelname.lower(),
                "event": record.getMessage()[:_TEXT_CHARACTERS_MAX],
                **getattr(record, _TOLD, {}),
            }
            if record.exc_info:
                trace = _FORMATTER.formatException(record.exc_info)
                fields["trace"] = trace[-_TEXT_CHARACTERS_MAX:]
            self._say(fields)
        except Exception:
            self.handleError(record)


def listen(say: Say, level: str) -> Callable[[], None]:
    """Have everything that is said at a level or above it written; returns what ends that."""
    handler = LogHandler(say)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(LEVELS[level])

    def end() -> None:
        root.removeHandler(handler)
        root.setLevel(before)

    return end
