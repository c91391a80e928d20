"""One database: its store, its tables, and the way a request takes through them.

`submit` applies a request and returns at once with an answer and the ticket of its group; the
answer may leave once `durable` has reached the ticket. `execute` waits for that. Requests are
applied one after another, so each sees all that were applied before it.

A read does not wait for the disk: it may show a write whose own answer is still on its way there.
"""

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from traceback import clear_frames
from typing import Any, Final, Literal, Self

import orjson

from pannier.clock import Clock
from pannier.engine import backfill, messages, ttl
from pannier.engine.admission import Admission
from pannier.engine.answers import LOST, Answer, decoded, error_answer, no_such_operation
from pannier.engine.backpressure import Backpressure
from pannier.engine.backups import remove_unfinished
from pannier.engine.catalog import Catalog
from pannier.engine.checkpoints import Checkpoints
from pannier.engine.cloudwatch import CloudWatch
from pannier.engine.faults import Faults
from pannier.engine.idempotency import TokenExpiries
from pannier.engine.index_builder import IndexBuilder
from pannier.engine.metrics import Metrics
from pannier.engine.operations import OPERATIONS, Run
from pannier.engine.operations.batch_write_item import CheckedWrite, run_checked
from pannier.engine.streams import registry
from pannier.engine.sweeping import Sweeper
from pannier.engine.throttle import OFF, Throttle, Throttling
from pannier.engine.usage import Usage
from pannier.errors import (
    InternalServerError,
    RequestEntityTooLargeException,
    ServiceError,
    StorageError,
    ThrottlingException,
)
from pannier.limits import REQUEST_BYTES_MAX
from pannier.model.key_schema import KeySchema
from pannier.storage.damage import DamagedStoreError, damage, damaged_file
from pannier.storage.folder import DatabaseFolder
from pannier.storage.group_commit import GroupCommit
from pannier.storage.memory import MemoryStore
from pannier.storage.rocks import RocksStore
from pannier.storage.store import Group, Store

_LOG: Final = logging.getLogger(__name__)

_SWEEP_S: Final = 5.0
_SWEEP_ITEMS: Final = 100  # a group's, which holds up requests while it is written
_WRITE_METRICS_S: Final = 60.0
_SWEEP_STEPS_MAX: Final = 1000  # of one pass; the next goes on
_SMALL_ANSWER_BYTES: Final = 4096  # is held back without being counted

Durability = Literal["synced", "relaxed"]


class Database:
    """A DynamoDB-compatible database. Safe to share between threads.

    Args:
        store: where the rows lie; closed with the database.
        clock: seconds since 1970.
        timer: measures latencies, in seconds from anywhere.
        throttling: what is throttled, and how; nothing by default.
        durability: `synced` answers a write once it is on disk, `relaxed` once it is with the
            operating system.
        folder: the folder to let go of at the end, if any.
        sweep_interval_s: how often expired items and trimmed stream records are removed; None
            leaves that to calls of `sweep`, and new indexes to calls of `build_indexes`.
        table_delay_s: how long tables and indexes are CREATING, UPDATING, DELETING.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock = time.time,
        timer: Clock = time.perf_counter,
        throttling: Throttling = OFF,
        durability: Durability = "synced",
        folder: DatabaseFolder | None = None,
        sweep_interval_s: float | None = _SWEEP_S,
        table_delay_s: float = 0.0,
    ) -> None:
        self.store = store
        self.clock = clock
        self.timer = timer
        self.folder = folder
        self.checkpoints = Checkpoints(store, folder)
        self.table_delay_s = table_delay_s
        remove_unfinished(store)
        self.catalog = self._load_catalog()
        self.usage = Usage()  # of the request that is being applied
        self.faults = Faults(clock)
        self.admission = Admission(Throttle(clock, throttling))
        self._lock = threading.Lock()
        self.metrics = Metrics(store, clock, self._lock, lambda: self.catalog)
        self.recorder = self.metrics.recorder
        self.cloudwatch = CloudWatch(self.metrics, lambda: self._metrics_writer.start())
        self._commits = None
        if durability == "synced" and not isinstance(store, MemoryStore):
            self._commits = GroupCommit(store.sync)
        self.token_expiries = TokenExpiries()
        self.backpressure = Backpressure(store, self._commits)
        self._ticket = 0
        self._refusal: str | None = None
        self._closed = False
        self._builder = None if sweep_interval_s is None else IndexBuilder(self.build_indexes)
        self.wake()
        self._sweeper = Sweeper(self.sweep, sweep_interval_s)
        if self.catalog.streams or self.catalog.expiring():
            self.start_sweeping()
        writing_s = None if sweep_interval_s is None else _WRITE_METRICS_S
        self._metrics_writer = Sweeper(self.cloudwatch.tick, writing_s, "metrics")
        if not self.metrics.archive.in_memory:
            self._metrics_writer.start()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Clock = time.time,
        throttling: Throttling = OFF,
        durability: Durability = "synced",
        table_delay_s: float = 0.0,
    ) -> Self:
        """Open the database in a folder, which is made if there is none.

        Raises:
            FolderHeldError: another process holds it.
            DamagedStoreError: files are damaged or missing.
            StorageError: it can't be used; the message says why and what to do.
        """
        folder = DatabaseFolder(path)
        store = None
        try:
            store = RocksStore(folder.data)
            return cls(
                store,
                clock=clock,
                throttling=throttling,
                durability=durability,
                folder=folder,
                table_delay_s=table_delay_s,
            )
        except BaseException as error:
            if store is not None:
                clear_frames(error.__traceback__)  # cursors in them would keep RocksDB's lock
                store.close()
            folder.close()
            damaged = damage(error)
            if damaged is not None and not isinstance(error, StorageError):
                raise DamagedStoreError(f"the database in {path} is damaged: {damaged}") from error
            raise

    @classmethod
    def in_memory(
        cls,
        *,
        clock: Clock = time.time,
        throttling: Throttling = OFF,
        sweep_interval_s: float | None = _SWEEP_S,
        table_delay_s: float = 0.0,
    ) -> Self:
        """A database that ends with the process."""
        return cls(
            MemoryStore(),
            clock=clock,
            throttling=throttling,
            sweep_interval_s=sweep_interval_s,
            table_delay_s=table_delay_s,
        )

    def submit(self, operation: str, body: bytes) -> Answer:
        """Apply a request. Never raises for a bad one: its error is the answer.

        Args:
            operation: the operation's name in the API, e.g. `BatchWriteItem`.
            body: the request as JSON.
        """
        try:
            run = OPERATIONS.get(operation)
            if run is None:
                raise no_such_operation(operation)
            if len(body) > REQUEST_BYTES_MAX:
                raise RequestEntityTooLargeException(messages.REQUEST_TOO_LARGE)
            request = decoded(body)
        except ServiceError as error:
            with self._lock:
                self.recorder.record(operation, {}, Usage(), 0.0, error)
            return error_answer(error)
        with self._lock:
            return self._apply(operation, run, request)

    def submit_checked(
        self, writes: list[CheckedWrite], schemas: Mapping[str, KeySchema], level: str
    ) -> Answer | None:
        """Apply a BatchWriteItem whose writes a caller in this process has checked.

        Args:
            writes: at most 25, no key twice.
            schemas: by which their keys were made.
            level: of the consumed capacity that is answered: `NONE`, `TOTAL` or `INDEXES`.

        Returns:
            None if it has to be sent as JSON: a table has another schema by now, or faults, which
            look at requests, are injected.
        """
        by_table: dict[str, list[CheckedWrite]] = {}
        for write in writes:
            by_table.setdefault(write.name, []).append(write)
        with self._lock:
            if self.faults.active:
                return None
            for name in by_table:
                table = self.catalog.find(name)
                if table is not None and table.schema.attributes != schemas[name].attributes:
                    return None
            request = {"RequestItems": by_table, "ReturnConsumedCapacity": level}

            return self._apply("BatchWriteItem", run_checked, request)

    def execute(self, operation: str, body: bytes) -> Answer:
        """Apply a request and wait until it is durable."""
        return self._durable(self.submit(operation, body))

    def execute_aside(self, operation: str, request: dict[str, Any]) -> Answer:
        """Apply a request past throttling, faults and metrics, for tests that arrange and look.

        Args:
            operation: the operation's name in the API.
            request: the request, decoded.
        """
        with self._lock:
            throttle, before = self.admission.throttle, self._ticket
            settings = throttle.settings
            throttle.configure(OFF)
            self.usage = Usage()
            self.admission.begin(self.usage, None)
            try:
                body = OPERATIONS[operation](self, request)
                text = body if isinstance(body, bytes) else orjson.dumps(body)
                answer = Answer(200, text, self._ticket if self._ticket != before else 0)
            except ServiceError as error:
                answer = error_answer(error)
            finally:
                throttle.configure(settings)
        return self._durable(answer)

    @property
    def commits(self) -> GroupCommit | None:
        """What makes answers durable; None where there is nothing to wait for."""
        return self._commits

    def write(self, group: Group) -> None:
        """Write an operation's group. Only operations call this.

        Raises:
            InternalServerError: the disk refused; nothing of the group is there.
        """
        commits = self._commits
        if commits is not None and commits.failure is not None:
            raise InternalServerError(str(commits.failure))
        size_bytes = 0 if commits is None else group.size_bytes
        try:
            self.store.write(group)
        except Exception as error:
            # Tables and counts were moved ahead of the group.
            self.catalog = self._load_catalog()
            self.token_expiries = TokenExpiries()
            if self._refusal is None:
                _LOG.error("the disk refused a write: %s", error)
            self._refusal = str(error)
            raise InternalServerError(messages.disk_refused(error)) from error
        if self._refusal is not None:
            self._taken_again()
        if commits is not None:
            self._ticket = commits.wrote(size_bytes)

    @property
    def refusal(self) -> str | None:
        """Why the disk refused the last write, or None if it took it."""
        return self._refusal

    def ask_disk_again(self) -> None:
        """Look whether the disk takes writes again after a refusal. Waits for nobody.

        A group with nothing in it is written: what refuses everything refuses that.
        """
        if self._refusal is None or not self._lock.acquire(blocking=False):
            return
        try:
            if not self._closed:
                self.store.write(self.store.new_group())
                self._taken_again()
        except Exception as error:
            self._refusal = str(error)
        finally:
            self._lock.release()

    @property
    def throttling(self) -> Throttling:
        """What is throttled."""
        return self.admission.throttle.settings

    def throttle(self, settings: Throttling) -> None:
        """Change what is throttled, from the next request on. What has gathered stays."""
        with self._lock:
            self.admission.throttle.configure(settings)

    def describe_throttle(self) -> list[dict[str, Any]]:
        """What every table, global index and partition has to spend at this moment, in units."""
        with self._lock:
            return self.admission.throttle.describe(self.catalog)

    def wake(self) -> None:
        """Go on with indexes that are not complete, in the background."""
        if self._builder is not None and self.catalog.building():
            self._builder.wake()

    def build_indexes(self) -> bool:
        """Take one step towards complete indexes, of a bounded size.

        Returns:
            Whether there is more to do.
        """
        with self._lock:
            if self._closed:
                return False
            return self.backpressure.is_behind or backfill.sweep(self)

    def checkpoint(self) -> str:
        """Take a checkpoint; returns its name. `checkpoints.remove` removes it.

        Raises:
            StorageError: the database lies in memory or is closed, or the disk refuses.
        """
        with self._lock:
            if self._closed:
                raise StorageError("the database is closed", "Open it again.")
            return self.checkpoints.take()

    def start_sweeping(self) -> None:
        """Begin to sweep in the background, once there is work for it."""
        self._sweeper.start()

    def sweep(self) -> int:
        """Delete expired items and remove what streams no longer show, in small steps.

        Requests go on between the steps.

        Returns:
            How many items were deleted.
        """
        deleted = 0
        with self._lock:
            if not self._closed:
                registry.sweep(self)
        for _ in range(_SWEEP_STEPS_MAX):
            with self._lock:
                if self._closed or self.backpressure.is_behind:
                    break
                more = ttl.backfill(self, ttl.BACKFILL_ROWS)
                step = ttl.sweep(self, self.clock(), _SWEEP_ITEMS)
            deleted += step
            if step < _SWEEP_ITEMS and not more:
                break
        return deleted

    def close(self) -> None:
        """Make everything durable and let go of the folder. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        parts = (self._sweeper, self._metrics_writer, self.metrics, self._builder, self._commits)
        with ExitStack() as closing:  # in this order, and each whatever another meets
            for each in reversed((*parts, self.store, self.folder)):
                if each is not None:
                    closing.callback(each.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _durable(self, answer: Answer) -> Answer:
        """An answer, once its write is on disk."""
        if answer.ticket and self._commits is not None:
            try:
                self._commits.wait(answer.ticket)
            except StorageError as error:
                return error_answer(InternalServerError(str(error)))
        return answer

    def _taken_again(self) -> None:
        self._refusal = None
        _LOG.warning("the disk takes writes again")

    def _load_catalog(self) -> Catalog:
        return Catalog(self.store, self.clock, self.start_sweeping)

    def _apply(self, operation: str, run: Run, request: dict[str, Any]) -> Answer:
        """Apply a request, meet the faults that await it, and note what it used."""
        started_s = self.timer()
        usage = self.usage = Usage()
        leaves = None
        injection = self.faults.inject(operation, request) if self.faults.active else None
        before = self._ticket
        error: ServiceError | None = None
        try:
            if self._closed:
                raise InternalServerError("The database is closed")
            if self.backpressure.refuses(operation, request):
                raise ThrottlingException(messages.DISK_BEHIND)
            if injection is not None:
                if injection.lost_before:
                    return replace(LOST, delay_s=injection.delay_s)
                if injection.error is not None:
                    raise injection.error
                leaves = injection.leaves
            self.admission.begin(usage, leaves)
            if injection is not None and injection.throttled:
                tables = [(self.catalog.table(name), of) for name, of in injection.throttled]
                raise self.admission.refusal_of_all(tables)
            body = run(self, request)
            if not isinstance(body, bytes):
                body = orjson.dumps(body)
            answer = Answer(200, body, self._ticket if self._ticket != before else 0)
            if len(body) > _SMALL_ANSWER_BYTES and answer.ticket and self._commits is not None:
                self._commits.holding(len(body))
        except ServiceError as refused:
            error = refused
            answer = error_answer(error)
        except Exception as failure:
            damaged = damage(failure)
            if damaged is None:
                _LOG.exception("%s failed", operation)
                error = InternalServerError(messages.INTERNAL)
            else:
                _LOG.error("%s failed: the database is damaged: %s", operation, damaged)
                error = InternalServerError(messages.DAMAGED.format(what=damaged_file(damaged)))
            with suppress(Exception):  # counts may have been moved ahead of a group that never was
                self.catalog = self._load_catalog()
            answer = error_answer(error)
        elapsed_s = self.timer() - started_s
        if injection is not None:
            elapsed_s += injection.delay_s
            answer = replace(answer, delay_s=injection.delay_s, lost=injection.lost_after)
            if injection.page is not None and error is injection.error:
                answer = replace(answer, body=injection.page, html=True)
        self.recorder.record(operation, request, usage, elapsed_s, error)
        return answer
