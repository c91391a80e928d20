"""The garbage collector while a job runs: it has little to find, and looks seldom.

What passes through a job is freed as soon as it is done, without the collector: there are no cycles
in it. But it would look through all that is there, again and again, as thousands of items come and
go. The process of a command may be told, and a worker of Spark's; the library leaves that to its
program.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_YOUNG_MAX: Final = 50_000  # objects more than were freed, since the last look; a few MB


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look seldom, and never at what is there already."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_YOUNG_MAX, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
