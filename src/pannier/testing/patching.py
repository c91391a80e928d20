"""Every client of botocore in this process, led to one database for a while.

For code that makes its clients itself. Three things are changed, and put back at the end:

- The one place where botocore's clients and credential providers reach the network, `send` of its
  HTTP session (and aiobotocore's, if that is installed). So it does not matter when a client was
  made, by which session, for which endpoint: a client that a module made when it was imported is
  led here too. A hook on sessions would miss those, an environment variable would miss endpoints
  that are spelled out.
- The environment: dummy credentials and a region, so that clients can be made, and the addresses of
  a real server for subprocesses and for clients that are not botocore's.
- boto3's default session, so that no client outlives the test in it.

Requests to other services are refused. What goes to loopback on purpose (another stand-in, a local
object store) is let through.

With a manual clock, botocore's pauses between retries and of waiters move it, as they do for the
clients that `Pannier.client` gives.
"""

import asyncio
import importlib
import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import botocore.endpoint
import botocore.waiter
from botocore.httpsession import URLLib3Session

from pannier.clock import ManualClock
from pannier.testing import aws_requests, environment, sessions
from pannier.testing.wire import Wire

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ASYNC_SESSIONS: Final = (
    ("aiobotocore.httpsession", "AIOHTTPSession"),
    ("aiobotocore.httpxsession", "HttpxSession"),
)
_ASYNC_WAITING: Final = ("aiobotocore.endpoint", "aiobotocore.waiter")
_REAL_SLEEP: Final = time.sleep
_REAL_ASYNC_SLEEP: Final = asyncio.sleep


@contextmanager
def patched(
    wire: Wire, url: str, clock: ManualClock | None, *, sleep: bool, others: str
) -> Iterator[None]:
    """Lead all clients to a database, inside a `with`. May be nested; the innermost counts.

    Args:
        wire: leads to the database.
        url: where it is served.
        clock: what pauses move; None to wait really.
        sleep: whether `time.sleep` and `asyncio.sleep` move it too.
        others: `refuse` or `leave`; see `Pannier.patch`.
    """
    with ExitStack() as stack:
        stack.enter_context(_environment(url, everything=others == "refuse"))
        stack.enter_context(_replaced(URLLib3Session, "send", _send(wire, url)))
        for module, name in _ASYNC_SESSIONS:
            session = getattr(_imported(module), name, None)
            if session is not None:
                stack.enter_context(_replaced(session, "send", _async_send(session.send, url)))
        boto3 = _imported("boto3")
        if boto3 is not None:
            own = boto3.Session(botocore_session=sessions.plain_session())
            stack.enter_context(_replaced(boto3, "DEFAULT_SESSION", own))
        if clock is not None:
            _move_clock(stack, clock, everywhere=sleep)
        yield


def _send(wire: Wire, url: str) -> Callable[..., Any]:
    """What takes the place of `URLLib3Session.send`."""
    real: Any = URLLib3Session.send

    def send(session: Any, request: Any) -> Any:
        service = aws_requests.service_of(request)
        if service is None:
            context = getattr(request, "context", None)
            if context is None:  # an older botocore: its session alone knows
                timeout = getattr(session, "_timeout", None)
                patience_s = getattr(timeout, "read_timeout", timeout)
            else:
                patience_s = aws_requests.patience_s(context)
            return aws_requests.answer(wire, request, patience_s)
        if _may_pass(request.url, url):
            return real(session, request)
        raise aws_requests.refusal(service, request.url)

    return send


def _async_send(real: Any, url: str) -> Callable[..., Any]:
    """What takes the place of `send` in aiobotocore: it goes to the server, over a socket."""

    async def send(session: Any, request: Any) -> Any:
        service = aws_requests.service_of(request)
        if service is None:
            parts = urlsplit(request.url)
            request.url = f"{url}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
        elif not _may_pass(request.url, url):
            raise aws_requests.refusal(service, request.url)
        return await real(session, request)

    return send


def _may_pass(url: str, own_url: str) -> bool:
    """Whether a request to another service stays on this machine, and is not for Pannier."""
    return urlsplit(url).hostname in _LOOPBACK and not url.startswith(own_url)


def _move_clock(stack: ExitStack, clock: ManualClock, *, everywhere: bool) -> None:
    """Let pauses move a clock: botocore's own, or those of the whole process."""

    def sleep(seconds: float) -> None:
        clock.advance(seconds)
        _REAL_SLEEP(0)  # other threads may be what is waited for

    async def async_sleep(delay: float, result: Any = None) -> Any:
        clock.advance(max(delay, 0.0))
        await _REAL_ASYNC_SLEEP(0)
        return result

    if everywhere:
        stack.enter_context(_replaced(time, "sleep", sleep))
        stack.enter_context(_replaced(asyncio, "sleep", async_sleep))
        return
    for module in (botocore.endpoint, botocore.waiter):
        stack.enter_context(_replaced(module, "time", _Changed(time, sleep=sleep)))
    for name in _ASYNC_WAITING:
        found = _imported(name)
        if found is not None:
            stack.enter_context(_replaced(found, "asyncio", _Changed(asyncio, sleep=async_sleep)))


class _Changed:
    """A module as one other module sees it, with a function of its own."""

    def __init__(self, module: Any, **own: Any) -> None:
        self._module = module
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def _environment(url: str, *, everything: bool) -> Iterator[None]:
    own = environment.settings(url, everything=everything)
    kept = environment.cleaned(os.environ)
    touched = {*own, *(name for name in os.environ if name not in kept)}
    before = {name: os.environ.get(name) for name in touched}
    for name in touched:
        os.environ.pop(name, None)
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _imported(name: str) -> Any:
    """A module, if it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
