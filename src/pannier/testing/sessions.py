"""botocore sessions whose clients talk to a database of this process.

A request is answered in botocore's event `before-send`, which is made for it: the handler's answer
is taken, and nothing is sent. It is registered on a session of our own, so every client of it has
it, and it answers or raises, always. docs/decisions/0011-testing.md compares it with other ways.

Sessions are cheap because what they all have in common is made once in a process: the service
models and the table of botocore's own event handlers. Neither the user's profile nor files under
`~/.aws` are looked at, so a test is the same on every machine.
"""

import copy
import os
import threading
from typing import TYPE_CHECKING, Any, Final

import botocore.handlers
import botocore.session
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader, create_loader

from pannier.errors import UserError
from pannier.testing import aws_requests
from pannier.testing.environment import ACCESS_KEY, REGION, SECRET_KEY
from pannier.testing.manual_time import Wait, waiting_by
from pannier.testing.wire import Wire

if TYPE_CHECKING:
    import boto3

ENDPOINT_URL: Final = "http://pannier.invalid"
"""What clients say they talk to: a name that never resolves (RFC 6761)."""

SERVICES: Final = ("dynamodb", "dynamodbstreams", "cloudwatch")
_NOTHING: Final = (None, None, os.devnull, None)
_SESSION_VARIABLES: Final = {
    "profile": (None, None, None, None),
    "config_file": _NOTHING,
    "credentials_file": _NOTHING,
}


class _Shared:
    """What the sessions of a process have in common."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loader: Loader | None = None
        self._handlers: list[Any] = []
        self._events: Any = None

    def loader(self) -> Loader:
        """Loads service models, each once."""
        with self._lock:
            if self._loader is None:
                self._loader = create_loader()
            # Every boto3.Session adds its own folder, again and again.
            paths = self._loader.search_paths
            paths[:] = dict.fromkeys(paths)
            return self._loader

    def events(self) -> Any:
        """An emitter with botocore's own handlers, and those of mocks that have added theirs."""
        with self._lock:
            if self._handlers != botocore.handlers.BUILTIN_HANDLERS:
                self._handlers = list(botocore.handlers.BUILTIN_HANDLERS)
                self._events = HierarchicalEmitter()
                botocore.session.Session(event_hooks=self._events)
            return copy.copy(self._events)


_SHARED: Final = _Shared()


def plain_session() -> Any:
    """A session of botocore that takes credentials and region from the environment alone."""
    session = botocore.session.Session(
        _SESSION_VARIABLES, _SHARED.events(), include_builtin_handlers=False
    )
    session.register_component("data_loader", _SHARED.loader())
    return session


def in_process_session(wire: Wire, wait: Wait | None) -> Any:
    """A session of botocore whose clients talk to a database of this process.

    Args:
        wire: leads to it.
        wait: how its clients wait; None for really.
    """
    session = plain_session()
    session.set_credentials(ACCESS_KEY, SECRET_KEY)
    session.set_config_variable("region", REGION)
    in_process = _InProcess(wire)
    session.register("request-created", in_process.note_patience)
    session.get_component("event_emitter").register_first("before-send", in_process.answer)
    if wait is not None:
        session.register("creating-client-class", waiting_by(wait))
    return session


def boto3_session(session: Any) -> "boto3.Session":
    """A session of boto3 around one of botocore.

    Raises:
        UserError: boto3 is not installed.
    """
    try:
        import boto3
    except ImportError:
        raise UserError(
            "boto3 is not installed",
            "Run: pip install boto3. Without it, `client` gives clients of botocore.",
        ) from None
    return boto3.Session(botocore_session=session)


def check_service(name: str) -> None:
    """Refuse a service that is not answered.

    Raises:
        UserError: it is none of Pannier's.
    """
    if name not in SERVICES:
        raise UserError(f"Pannier does not answer {name}", f"It answers {', '.join(SERVICES)}.")


class _InProcess:
    """Answers the requests of a session's clients."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._of_thread = threading.local()

    def note_patience(self, request: Any, **_: Any) -> None:
        """Called when a request is made, right before it is sent, on the same thread.

        Only here does every version of botocore say which client the request is of.
        """
        self._of_thread.patience_s = aws_requests.patience_s(request.context)

    def answer(self, request: Any, **_: Any) -> Any:
        """Called before a request is sent; what it returns is the answer."""
        patience_s = getattr(self._of_thread, "patience_s", aws_requests.PATIENCE_S)
        return aws_requests.answer(self._wire, request, patience_s)
