"""A pipe as standard input, for the tests of files."""

import os
import threading
from collections.abc import Callable, Iterator

import pytest


class _Stdin:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Call it with the pieces that a program writes into our standard input, one by one.

    A piece that can be called is called at its turn, before what follows is written.
    """
    reading, writing = os.pipe()
    writers: list[threading.Thread] = []

    def write(*pieces: bytes | Callable[[], object]) -> None:
        def run() -> None:
            with os.fdopen(writing, "wb", buffering=0) as pipe:
                for piece in pieces:
                    if callable(piece):
                        piece()
                    else:
                        pipe.write(piece)

        writers.append(threading.Thread(target=run, daemon=True))
        writers[0].start()

    monkeypatch.setattr("sys.stdin", _Stdin(reading))
    yield write
    os.close(reading)
    for writer in writers:
        writer.join(10)
