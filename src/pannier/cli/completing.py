"""When a shell asks what could come next on the command line; it asks through the environment.

Apart from `completion`, because every start of the command looks here, and should not load more.
"""

import argparse
import os
import shlex
from typing import Final

_ASKED: Final = "_ARGCOMPLETE"
_LINE: Final = "COMP_LINE"


def words_to_complete() -> list[str] | None:
    """The words of the line to complete, without the command itself; None if no shell asks."""
    if _ASKED not in os.environ:
        return None
    line = os.environ.get(_LINE, "")
    try:
        words = shlex.split(line)
    except ValueError:  # a quote is still open
        words = line.split()
    return words[1:]


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell, and end the process."""
    import argcomplete

    argcomplete.autocomplete(parser, always_complete_options=False)
