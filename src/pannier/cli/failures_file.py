"""The failures file: every operation that did not get through, with its reason and its place."""

import json
import time
from pathlib import Path
from typing import IO, Self

import orjson

from pannier.batch.report import Failure
from pannier.errors import UserError


def _line(failure: Failure) -> bytes:
    try:
        return orjson.dumps(failure.to_json(), default=str) + b"\n"
    except (
        TypeError
    ):  # half of a surrogate pair, an integer of 65 bits: Python's own can write them
        return json.dumps(failure.to_json(), default=str).encode() + b"\n"


class FailuresFile:
    """Made with the first failure, so that a good job leaves none.

    Args:
        name: its path; None for a name with the time of day in the working folder.
    """

    def __init__(self, name: str | None) -> None:
        self.path = Path(name or time.strftime("pannier-failures-%Y%m%d-%H%M%S.jsonl"))
        self.count = 0
        self._file: IO[bytes] | None = None

    def add(self, failure: Failure) -> None:
        """Write one line.

        Raises:
            UserError: the file can't be written.
        """
        try:
            if self._file is None:
                self._file = self.path.open("wb")
            self._file.write(_line(failure))
        except OSError as error:
            raise UserError(
                f"the failures file {self.path} can't be written: {error.strerror}",
                "Name another with --failures FILE.",
            ) from None
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
