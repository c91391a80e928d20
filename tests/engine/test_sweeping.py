"""Work behind requests, on a disk that refuses: it waits, says so once, and goes on."""

import logging
import threading
from collections.abc import Callable

import pytest

from pannier.engine import index_builder
from pannier.engine.index_builder import IndexBuilder
from pannier.engine.sweeping import Sweeper
from pannier.errors import InternalServerError

_PATIENCE_S = 30.0


class Step:
    """Fails three times, succeeds, fails again, and succeeds from then on."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._calls = 0

    def __call__(self) -> bool:
        self._calls += 1
        if self._calls in (1, 2, 3, 5):
            raise InternalServerError("The disk refused a write: it is full")
        if self._calls >= 6:
            self.over.set()
        return self._calls < 6


def _sweep(step: Step) -> Callable[[], None]:
    sweeper = Sweeper(step, 0.001)
    sweeper.start()
    return sweeper.close


def _build(step: Step) -> Callable[[], None]:
    builder = IndexBuilder(step)
    builder.wake()
    return builder.close


@pytest.mark.parametrize("begin", [_sweep, _build])
def test_a_full_disk_is_said_once_each_time_and_without_a_traceback(
    begin: Callable[[Step], Callable[[], None]],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_builder, "_RETRY_S", 0.001)
    step = Step()
    with caplog.at_level(logging.WARNING):
        close = begin(step)
        assert step.over.wait(_PATIENCE_S)
        close()
    assert len(caplog.records) == 2
    assert all("it is full" in record.getMessage() for record in caplog.records)
    assert not any(record.exc_info for record in caplog.records)
