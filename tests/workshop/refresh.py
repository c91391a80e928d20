"""Writes into docs/workshop what its commands say today: `python -m tests.workshop.refresh`."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.workshop.pages import Reader, in_order, rewrite
from tests.workshop.shell import Shell


def main() -> int:
    """Follow the pages, and correct what they show."""
    for name in ("PANNIER_TARGET", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_PROFILE"):
        os.environ.pop(name, None)
    with TemporaryDirectory() as place, Shell(Path(place), COLUMNS="100") as shell:
        reader = Reader(shell, takes_all=True)
        try:
            for block in in_order():
                reader.follow(block)
        finally:
            shell.run(f"cd '{place}' && pannier workshop clean --yes")
    rewrite(reader.corrected.values())
    print(f"{len(reader.corrected)} blocks corrected")
    if reader.by_hand:
        print("Shown in part, and to be corrected by hand:", *reader.by_hand, sep="\n\n")
    return 1 if reader.by_hand else 0


if __name__ == "__main__":
    sys.exit(main())
