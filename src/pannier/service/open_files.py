"""How many files and connections this process may have open at once."""

import resource
from typing import Final

_RESERVED_MAX: Final = 1024  # for the files of the store, and whatever else the process opens


def connections_max(wanted: int) -> int:
    """Raise the process's limit of open files as far as it goes.

    Args:
        wanted: connections.

    Returns:
        How many connections there can be: as many as wanted, or what is left after a reserve for
        other files.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
        except (OSError, ValueError):
            pass  # macOS names a hard limit that it does not grant: what there is has to do
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, soft - min(_RESERVED_MAX, soft // 4)))
