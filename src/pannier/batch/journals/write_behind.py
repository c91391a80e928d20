"""Writing behind a job: soon after a change, once a second without one, one write at a time.

What is written is made on the event loop, in one piece; it is written on another thread, so that no
call waits for the disk.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

from pannier.errors import UserError

LAG_S: Final = 0.1
BEAT_S: Final = 1.0

Write: TypeAlias = Callable[[], None]


class WriteBehind:
    """Make it on the event loop that it shall use; it begins at once.

    Args:
        prepare: makes what is to be written, and returns what writes it on another thread. Either
            may raise a `UserError`.
        has_changed: whether there is something new to write.
        on_trouble: told, once, why nothing is written any more.
        after_s: the first write comes no sooner than this.
    """

    def __init__(
        self,
        prepare: Callable[[], Write],
        has_changed: Callable[[], bool],
        on_trouble: Callable[[str], None],
        after_s: float = 0.0,
    ) -> None:
        self._prepare = prepare
        self._has_changed = has_changed
        self._on_trouble = on_trouble
        self._loop = asyncio.get_running_loop()
        self._not_before_s = self._loop.time() + after_s
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Future[None] | None = None
        self._ended = False
        self.changed()

    def changed(self) -> None:
        """Something has changed, or may have."""
        if self._ended or self._writing is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
        due_s = self._loop.time() + (LAG_S if self._has_changed() else BEAT_S)
        self._timer = self._loop.call_at(max(due_s, self._not_before_s), self._write)

    async def end(self) -> None:
        """Write nothing more; returns when what is under way is written."""
        self._ended = True
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await asyncio.wait([self._writing])

    def _write(self) -> None:
        self._timer = None
        try:
            write = self._prepare()
        except UserError as error:
            self._give_up(error)
            return
        self._writing = self._loop.run_in_executor(None, write)
        self._writing.add_done_callback(self._written)

    def _written(self, writing: "asyncio.Future[None]") -> None:
        self._writing = None
        error = None if writing.cancelled() else writing.exception()
        if error is None:
            self.changed()
        else:
            self._give_up(error)

    def _give_up(self, error: BaseException) -> None:
        if not self._ended:
            self._ended = True
            self._on_trouble(error.message if isinstance(error, UserError) else str(error))
