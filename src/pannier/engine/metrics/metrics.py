"""All metrics of a database: what is recorded, what is kept, and what is asked for."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from pannier.clock import Clock
from pannier.engine.catalog import Catalog
from pannier.engine.metrics.archive import Archive
from pannier.engine.metrics.minute import Minute
from pannier.engine.metrics.provisioned import Provisioned
from pannier.engine.metrics.recorder import Recorder
from pannier.engine.metrics.totals import Totals
from pannier.storage.memory import MemoryStore
from pannier.storage.store import Store

_LOG: Final = logging.getLogger(__name__)


class Metrics:
    """All metrics of a database.

    Args:
        store: the database's. Where that is memory, metrics have memory of their own.
        clock: seconds since 1970.
        lock: the database's; it is held while requests are applied and recorded.
        catalog: the tables as they are.

    Attributes:
        clock: seconds since 1970.
        recorder: takes note of requests.
        archive: keeps the points.
        provisioned: what was provisioned when.
    """

    def __init__(
        self, store: Store, clock: Clock, lock: threading.Lock, catalog: Callable[[], Catalog]
    ) -> None:
        self.clock = clock
        self.archive = Archive(None if isinstance(store, MemoryStore) else store)
        self.provisioned = Provisioned(self.archive, catalog)
        self.recorder = Recorder(clock, self._table_changed, self._overflow)
        self._database_lock = lock
        self._catalog = catalog
        self._collecting = threading.Lock()  # taken before the database's, never after it
        self._adding = threading.Lock()
        self._totals = Totals()

    def collect(self) -> None:
        """Bring everything that was recorded so far into the archive and the totals.

        The caller does not hold the database's lock; it is held for a moment only.
        """
        with self._collecting:
            with self._database_lock:
                minutes = self.recorder.take()
                self.provisioned.load(self.clock())
            self._absorb(minutes)

    def totals(self) -> Totals:
        """Everything since the database was opened; the caller's own."""
        self.collect()
        with self._adding:
            return self._totals.copy()

    def table_sizes(self) -> list[tuple[str, str, int, int]]:
        """Every table and index ("" for the table itself): items or entries, and their bytes."""
        with self._database_lock:
            catalog = self._catalog()
            tables = [table for name in catalog.names() if (table := catalog.find(name))]
            return [
                (table.name, name, space.item_count, space.size_bytes)
                for table in tables
                for name, space in (
                    ("", table.space),
                    *((index.name, index.space) for index in table.indexes),
                )
            ]

    def flush(self) -> None:
        """Write what waits, and remove what is too old."""
        self.collect()
        self.archive.flush()
        self.archive.trim(self.clock())

    def _table_changed(self, name: str, now_s: float) -> None:
        try:
            self.provisioned.note(name, now_s)
        except Exception:  # whatever the disk has: the request is done, and is answered
            _LOG.exception("the new throughput of %s can't be noted", name)

    def _overflow(self, minutes: list[Minute]) -> None:
        try:
            self._absorb(minutes)
        except Exception:  # as above
            _LOG.exception("metrics of %d minutes can't be kept", len(minutes))

    def close(self) -> None:
        """Write what waits, before the store is closed."""
        self.collect()
        self.archive.close()

    def _absorb(self, minutes: list[Minute]) -> None:
        for minute in minutes:
            minute.fold()
            with self._adding:
                self._totals.add(minute)
            self.archive.add(minute.samples())
