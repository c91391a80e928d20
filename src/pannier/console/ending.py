"""How processes that a console or its server has started are ended."""

import subprocess
from typing import Any


def end(process: subprocess.Popen[Any], patience_s: float) -> None:
    """End a process, gently first; one that has ended already is let be."""
    process.terminate()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
