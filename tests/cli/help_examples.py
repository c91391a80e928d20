"""The examples in a command's help, as a test can run them."""

import shlex
import shutil
from pathlib import Path

from tests.conftest import EXAMPLES


def commands(examples: str) -> list[list[str]]:
    """The arguments of each `pannier ...` line; lines that end in a backslash go on."""
    lines = examples.replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.strip().startswith("pannier ")]


def workshop_files(folder: Path) -> None:
    """The chapter's files, beside which examples are run."""
    for file in (EXAMPLES / "workshop").iterdir():
        shutil.copy(file, folder)
