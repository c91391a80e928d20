"""What the user can put right, without the traceback in front that Spark would show.

Spark hands the text of an exception of a Python process to the JVM, and puts it into its own. With
`SPARK_HIDE_TRACEBACK` in the environment of the process, that text is the exception's alone, and
what Pannier says stands in its first line. A process that has raised ends, so this touches no code
of others that runs in the same process later.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pannier.errors import PannierError

_HIDE: Final = "SPARK_HIDE_TRACEBACK"


@contextmanager
def told_plainly() -> Iterator[None]:
    """Errors that Pannier raises on purpose leave the process as their text; others as they are."""
    try:
        yield
    except PannierError:
        os.environ[_HIDE] = "1"
        raise
