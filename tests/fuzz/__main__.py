"""The command: `python -m tests.fuzz --requests 1000000`."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.fuzz.running import lines, replay, run


def main() -> int:
    """Fuzz a server of its own; returns 0 if it took everything well."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(%(default)s)")
    parser.add_argument("--clients", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument("--memory", action="store_true", help="a server that keeps nothing on disk")
    parser.add_argument(
        "--failures",
        type=Path,
        default=Path("fuzz-failures"),
        help="a folder for the first failures (%(default)s)",
    )
    parser.add_argument("--replay", type=Path, metavar="FILE", help="send one of these again")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = ("--memory",) if options.memory else ("--path", folder)
        if options.replay is not None:
            failed = replay(options.replay, where)
            for failure in failed:
                print(failure.reason)
            return 1 if failed else 0
        summary = run(where, options.seed, options.requests, options.clients, options.failures)
    print(json.dumps(summary.to_json(), indent=2) if options.json else "\n".join(lines(summary)))
    return 0 if summary.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
