"""Commands that go on until they are ended: `pannier serve`, `pannier console`."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_LAST_WORDS = "Ctrl-C"
_END_S_MAX = 20


@contextmanager
def started(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Start such a command on a free port; all that it says until it is ready. Ended after."""
    program = subprocess.Popen(
        [sys.executable, "-m", "pannier", *_on_a_free_port(arguments)],
        cwd=cwd,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stderr is not None
    try:
        said = ""
        for line in program.stderr:
            said += line
            if _LAST_WORDS in line:
                break
        assert _LAST_WORDS in said, f"{' '.join(arguments)}: {said}"
        yield said
    finally:
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=_END_S_MAX)


def _on_a_free_port(arguments: Sequence[str]) -> list[str]:
    words = list(arguments)
    if "--port" in words:
        place = words.index("--port")
        del words[place : place + 2]
    return [*words, "--port", "0"]
