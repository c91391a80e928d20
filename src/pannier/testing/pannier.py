"""`Pannier`: a fresh database for one test, and everything that a test wants of it."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias, get_args

from pannier.clock import Clock, ManualClock
from pannier.engine.database import Database
from pannier.engine.faults import GivenRule, Tally
from pannier.engine.throttle import BURST_S, Throttling, named
from pannier.errors import UserError
from pannier.testing import environment, metrics, tables
from pannier.testing.loop_thread import LoopThread
from pannier.testing.metrics import Statistic
from pannier.testing.serving import Server
from pannier.testing.tables import Table
from pannier.testing.waiting import wait
from pannier.testing.wire import Wire

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

    from pannier.library.connection import Connection

ThrottleName: TypeAlias = Literal["off", "on", "tables"]
Others: TypeAlias = Literal["refuse", "leave"]

_CLOCK_ADVICE: Final = (
    "Make it with a clock that a test can move: Pannier(clock=ManualClock()); with pytest, ask for "
    "the fixture pannier_clock."
)


class Pannier:
    """A database of this process, for one test. Open from the beginning until `close`.

    Args:
        throttle: what is held to its throughput: `off`; `on` for tables, indexes and partitions;
            `tables` for all but partitions.
        burst_s: how many seconds of unused provisioned capacity are kept, from 0 to 300. A new
            table has them all; with 0 it has one second's capacity.
        clock: tells the time; `time.time` if None. With a `ManualClock` nothing waits: see
            `clock`.
        seed: of all chance in faults.
        path: the folder of the database; in memory if None.
        table_delay_s: how long tables and indexes are CREATING, UPDATING and DELETING.

    Raises:
        UserError: an argument is out of range, or the folder can't be had.
    """

    def __init__(
        self,
        *,
        throttle: ThrottleName = "off",
        burst_s: float = BURST_S,
        clock: Clock | None = None,
        seed: int = 0,
        path: str | os.PathLike[str] | None = None,
        table_delay_s: float = 0.0,
    ) -> None:
        self._burst_s = burst_s
        throttling = named(throttle, burst_s)
        settings: dict[str, Any] = {
            "clock": time.time if clock is None else clock,
            "throttling": throttling,
            "table_delay_s": table_delay_s,
        }
        self.database = (
            Database.in_memory(**settings)
            if path is None
            else Database.open(Path(path), **settings)
        )
        self.database.faults.replace((), seed=seed)
        self.faults = Faults(self.database)
        self._thread = LoopThread()
        self._wire = Wire(self.database, self._thread)
        self._server: Server | None = None
        self._session: Any = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server, if there is one, and the database. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._wire.close()
        if self._server is not None:
            self._server.close()
            self._server = None
        self._thread.close()
        self.database.close()

    # Clients

    def client(self, service: str = "dynamodb", *, config: "Config | None" = None) -> Any:
        """A client of botocore, as `boto3.client` gives it, that needs no socket.

        Args:
            service: `dynamodb`, `dynamodbstreams` or `cloudwatch`.
            config: retries, timeouts and whatever else the code under test would set.

        Raises:
            UserError: Pannier does not answer the service.
        """
        from pannier.testing import sessions

        sessions.check_service(service)
        return self._botocore().create_client(
            service, endpoint_url=sessions.ENDPOINT_URL, config=config
        )

    def resource(self, service: str = "dynamodb", *, config: "Config | None" = None) -> Any:
        """A resource of boto3, e.g. for `resource("dynamodb").Table("shop")`.

        Raises:
            UserError: Pannier does not answer the service, or boto3 is missing.
        """
        from pannier.testing import sessions

        sessions.check_service(service)
        return sessions.boto3_session(self._botocore()).resource(
            service, endpoint_url=sessions.ENDPOINT_URL, config=config
        )

    def session(self) -> "boto3.Session":
        """A session of boto3 of its own, for code that makes its clients itself.

        Raises:
            UserError: boto3 is missing.
        """
        from pannier.testing import sessions

        return sessions.boto3_session(sessions.in_process_session(self._wire, self._client_wait()))

    def connection(self) -> "Connection":
        """A connection of Pannier's own library, as `pannier.connect` gives it; to be closed."""
        from pannier.library.connection import Connection
        from pannier.targets.in_process import InProcessTarget

        return Connection(InProcessTarget(self.database, "pannier.testing", owned=False))

    # Everything that is not Python, or not in this process

    @property
    def url(self) -> str:
        """Where a real server answers, on loopback; it starts when this is first asked for."""
        if self._closed:
            raise UserError("this Pannier is closed", "Ask for its server inside the `with` block.")
        if self._server is None:
            self._server = Server(self.database, self._thread)
        return self._server.url

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment for a subprocess whose AWS tools and SDKs talk to `url`.

        Args:
            base: what it is added to; `os.environ` if None. Of it, all that leads to AWS is left
                out: profiles, credentials, endpoints. With `{}` there is only what Pannier adds.
        """
        inherited = environment.cleaned(os.environ if base is None else base)
        return {**inherited, **environment.settings(self.url)}

    @contextmanager
    def patch(self, *, sleep: bool = False, others: Others = "refuse") -> Iterator[Self]:
        """Lead every client of botocore in this process here, inside a `with`.

        See `pannier.testing.patching`.

        Args:
            sleep: whether `time.sleep` and `asyncio.sleep` move the manual clock too.
            others: what becomes of requests to other services. `refuse` leads subprocesses with
                such requests here too, to be refused; `leave` leaves their addresses alone, for a
                mock beside Pannier. What reaches the network is refused either way.

        Raises:
            UserError: `sleep` without a manual clock, or no such `others`.
        """
        from pannier.testing import patching

        if others not in get_args(Others):
            raise UserError(f"others can't be {others!r}", 'Use "refuse" or "leave".')
        manual = self.clock if sleep else self._manual_clock()
        with patching.patched(self._wire, self.url, manual, sleep=sleep, others=others):
            yield self

    # What a test arranges

    def table(
        self,
        name: str = "items",
        key: str = tables.DEFAULT_KEY,
        *,
        indexes: Mapping[str, str] | None = None,
        read_units: int | None = None,
        write_units: int | None = None,
        index_read_units: int | None = None,
        index_write_units: int | None = None,
        **more: Any,
    ) -> Table:
        """Make a table; it is on demand unless any units are given.

        Args:
            name: its name.
            key: names and types of its key: `PK`, `PK,SK` or `PK:S,SK:N`.
            indexes: keys of global indexes by their names, e.g. `{"GSI1": "GSI1PK,GSI1SK"}`.
            read_units: read units a second; plenty, if only others are given.
            write_units: write units a second; likewise.
            index_read_units: read units of each index; as the table, if None.
            index_write_units: write units of each index; likewise.
            more: any other parameters of CreateTable; they come last.

        Raises:
            UserError: a key can't be read, or the engine refuses the table.
        """
        request = tables.request_of(
            name,
            key,
            indexes or {},
            (read_units, write_units),
            (index_read_units, index_write_units),
        )
        return tables.create(self.database, {**request, **more})

    @property
    def clock(self) -> ManualClock:
        """The manual clock.

        Advancing it lets time pass: capacity comes back, items expire, minutes of metrics end. The
        backoff of botocore's retries, its waiters and injected delays advance it by themselves.

        Raises:
            UserError: this Pannier has none.
        """
        clock = self._manual_clock()
        if clock is None:
            raise UserError("this Pannier goes by the machine's clock", _CLOCK_ADVICE)
        return clock

    def sleep(self, seconds: float) -> None:
        """Wait by the clock: what to give to code that takes its `sleep` as an argument."""
        wait(self.database.clock, seconds)

    def throttle(self, name: ThrottleName, burst_s: float | None = None) -> "Restoring":
        """Change what is throttled, from the next request on.

        Args:
            name: `off`, `on` or `tables`.
            burst_s: seconds of unused capacity that are kept; as before, if None.

        Returns:
            What restores the settings at the end of a `with`; it need not be used.
        """
        before = self.database.throttling
        burst = before.burst_s if burst_s is None else burst_s
        self.database.throttle(named(name, burst))
        return Restoring(self.database, before)

    def metrics(
        self,
        name: str,
        table: str | None = None,
        *,
        index: str | None = None,
        operation: str | None = None,
        statistic: Statistic = "Sum",
    ) -> float:
        """What CloudWatch has of a metric of AWS/DynamoDB, over all time; 0 where it has nothing.

        Raises:
            UserError: there is no such metric or table, or a dimension of it is missing.
        """
        return metrics.metric(
            self.database, name, table, index=index, operation=operation, statistic=statistic
        )

    def settle(self) -> None:
        """Do now what the engine does in the background: fill indexes, remove what has expired."""
        while self.database.build_indexes():
            pass
        self.database.sweep()

    def _manual_clock(self) -> ManualClock | None:
        clock = self.database.clock
        return clock if isinstance(clock, ManualClock) else None

    def _client_wait(self) -> Any:
        return None if self._manual_clock() is None else self.sleep

    def _botocore(self) -> Any:
        from pannier.testing import sessions

        if self._session is None:
            self._session = sessions.in_process_session(self._wire, self._client_wait())
        return self._session


class Faults:
    """The faults of a Pannier. Call it with rules for the time of a `with`."""

    def __init__(self, database: Database) -> None:
        self._faults = database.faults

    @contextmanager
    def __call__(self, *rules: GivenRule) -> Iterator[Tally]:
        """Have rules in force inside a `with`.

        Args:
            rules: as `pannier.engine.faults.Rule`, or as files have them, e.g.
                `{"operations": "BatchWriteItem", "leave": 0.5}`.

        Yields:
            What they have injected: `matched` and `struck` requests, `items` left unprocessed.

        Raises:
            RuleError: a rule can't be; the text says why.
        """
        with self._faults.during(*rules) as tally:
            yield tally

    @property
    def counts(self) -> dict[str, Any]:
        """What was injected so far: by `rules` in force, and `injected` in all, by effect."""
        return self._faults.counts

    def add(self, *rules: GivenRule) -> list[str]:
        """Put rules in force until they are removed; returns their names."""
        return self._faults.add(*rules)

    def remove(self, *names: str) -> None:
        """Take rules out of force."""
        self._faults.remove(*names)

    def clear(self) -> None:
        """Take all rules out of force."""
        self._faults.clear()


class Restoring:
    """Restores how things are throttled at the end of a `with`."""

    def __init__(self, database: Database, before: Throttling) -> None:
        self._database = database
        self._before = before

    def __enter__(self) -> None:
        """Nothing to do: the change is made."""

    def __exit__(self, *_: object) -> None:
        self._database.throttle(self._before)
