"""botocore under a manual clock: what its clients would wait moves the clock.

Its backoff between retries and the pauses of its waiters are `time.sleep` inside of botocore, which
offers no way to give it another. Two places are changed, of each client on its own and of nothing
else in the process: the events that its endpoint asks "is this to be retried, and after how long?",
and its `get_waiter`. The answers, the number of retries and the quota stay botocore's.

`retries = {"mode": "adaptive"}` also waits before it sends, on a lock: that wait stays real.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from botocore import xform_name
from botocore.hooks import first_non_none_response
from botocore.waiter import NormalizedOperationMethod, Waiter

Wait: TypeAlias = Callable[[float], None]
"""Lets so many seconds pass."""

_NEEDS_RETRY: Final = "needs-retry."


def waiting_by(wait: Wait) -> Callable[..., None]:
    """A handler of `creating-client-class` that makes the clients of a session wait so."""

    class WaitsByTheClock:
        """Goes in front of botocore's client; the event is botocore's own way to add bases."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            endpoint = self._endpoint  # type: ignore[attr-defined]
            endpoint._event_emitter = _RetryEvents(endpoint._event_emitter, wait)  # noqa: SLF001

        def get_waiter(self, waiter_name: str) -> Any:
            """As botocore's."""
            waiter = super().get_waiter(waiter_name)  # type: ignore[misc]
            waiter.wait = _wait_of(waiter, self, wait)
            return waiter

    def add_base(base_classes: list[type], **_: Any) -> None:
        base_classes.insert(0, WaitsByTheClock)

    return add_base


class _RetryEvents:
    """A client's events as its endpoint sees them: every retry is due at once."""

    def __init__(self, events: Any, wait: Wait) -> None:
        self._events = events
        self._wait = wait

    def __getattr__(self, name: str) -> Any:
        return getattr(self._events, name)

    def emit(self, event_name: str, **kwargs: Any) -> Any:
        responses = self._events.emit(event_name, **kwargs)
        if not event_name.startswith(_NEEDS_RETRY):
            return responses
        delay_s = first_non_none_response(responses)
        if delay_s is None or delay_s is False:
            return responses
        self._wait(delay_s)
        return [(None, 0)]


def _wait_of(waiter: Any, client: Any, wait: Wait) -> Callable[..., None]:
    """A waiter's `wait` that lets its pauses pass."""
    operation = NormalizedOperationMethod(getattr(client, xform_name(waiter.config.operation)))

    def wait_until(**kwargs: Any) -> None:
        settings = dict(kwargs.pop("WaiterConfig", None) or {})
        delay_s = settings.get("Delay", waiter.config.delay)
        asked = False

        def ask(**arguments: Any) -> Any:
            nonlocal asked
            if asked:
                wait(delay_s)
            asked = True
            return operation(**arguments)

        settings["Delay"] = 0
        Waiter(waiter.name, waiter.config, ask).wait(WaiterConfig=settings, **kwargs)

    return wait_until
