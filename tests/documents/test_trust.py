"""`docs/trust.md` and `SECURITY.md`: what they name to show a promise is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRUST = (ROOT / "docs" / "trust.md").read_text()
COMMANDS = sorted(set(re.findall(r"`((?:pytest|make|python -m) [^`]+)`", TRUST)))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_works_on_something_that_is_there(command: str) -> None:
    program, *arguments = command.split()
    if program == "pytest":
        missing = [each for each in arguments if not (ROOT / each).exists()]
        assert arguments
        assert not missing
    elif program == "make":
        assert re.search(rf"^{arguments[0]}: .*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    else:
        place = ROOT.joinpath(*arguments[1].split("."))
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists()


def test_every_promise_has_its_command() -> None:
    rows = re.findall(r"^\| (?!---|promise|attack)(.+) \|$", TRUST.partition("## What it costs")[0],
                      re.MULTILINE)  # fmt: skip
    assert len(rows) > 20
    lacking = [row for row in rows if not re.search(r"`(pytest|make|python)|the same", row)]
    assert lacking == []


def test_no_figure_is_left_open() -> None:
    assert re.findall(r"@\w+@", TRUST) == []
