"""Pannier's own HTTP server over an engine that does nothing: what HTTP costs by itself.

python -m benchmarks.stages.null_handler --port N --work "GetItem"
"""

from __future__ import annotations

import argparse

from benchmarks.stages.works import WORKS
from pannier.engine.answers import Answer
from pannier.engine.database import Database
from pannier.service.server import serve


class NullDatabase(Database):
    """Answers every request alike, without a look at it."""

    answer = Answer(200, b"{}")

    def submit(self, operation: str, body: bytes) -> Answer:  # noqa: ARG002 - that is the point
        """The same as ever."""
        return self.answer


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--work", choices=[work.name for work in WORKS], required=True)
    given = parser.parse_args()
    [work] = [each for each in WORKS if each.name == given.work]
    with NullDatabase.in_memory() as database:
        database.answer = Answer(200, work.null_answer)
        serve(database, given.port, lambda _: None)


if __name__ == "__main__":
    main()
