import asyncio
import os
import sys
from itertools import count
from pathlib import Path

import pytest

from pannier.console.pages.shell.child import Child
from pannier.console.pages.shell.files import Files
from pannier.console.pages.shell.history import History
from pannier.console.pages.shell.policy import Policy
from pannier.console.pages.shell.session import Session
from pannier.console.pages.shell.words import IncompleteError
from pannier.errors import UserError
from tests.console.shell.loop import on_a_loop


class Paper:
    """Where a session writes, for tests."""

    def __init__(self) -> None:
        self.said = ""
        self.statuses: list[int] = []
        self.on = asyncio.Event()

    def begin(self, source: str) -> None:
        self.said += f"$ {source}\n"

    def say(self, text: str) -> None:
        self.said += text
        if self.said.endswith("\non\n"):
            self.on.set()

    def end(self, status: int, seconds: float) -> None:
        assert seconds == 1
        self.statuses.append(status)

    def clear(self) -> None:
        self.said = ""


class Anything(Policy):
    """Runs Python, so that tests have commands that do what they need."""

    def arguments(self, words: object) -> list[str]:
        assert isinstance(words, tuple)
        if words[0] == "python":
            return [sys.executable, *words[1:]]
        return super().arguments(words)


def session(folder: Path) -> tuple[Session, Paper]:
    paper = Paper()
    ticks = count()
    made = Session(
        Anything("http://127.0.0.1:1", read_only=False),
        Files(folder),
        History(),
        Child(folder, {**os.environ, "PYTHONUNBUFFERED": "1"}),
        paper,
        lambda: float(next(ticks)),
    )
    return made, paper


@on_a_loop
async def test_commands_run_one_after_another_and_a_failure_stops_none(tmp_path: Path) -> None:
    shell, paper = session(tmp_path)
    await shell.run("cat > a << 'X'\nhello\nX\ncat a\ncat missing\nrm a\nls")
    assert paper.statuses == [0, 0, 1, 0, 0]
    assert "$ cat a\nhello\n" in paper.said
    assert "missing can't be read: No such file" in paper.said
    assert paper.said.endswith("$ ls\nno files here\n")


@on_a_loop
async def test_nothing_of_a_text_runs_if_one_of_its_commands_may_not(tmp_path: Path) -> None:
    shell, paper = session(tmp_path)
    with pytest.raises(UserError, match="bash is not run here"):
        await shell.run("cat > a << 'X'\nX\nbash")
    with pytest.raises(IncompleteError):
        await shell.run("ls\ncat 'a")
    assert paper.said == ""
    assert Files(tmp_path).names() == []


@on_a_loop
async def test_programs_get_arguments_as_they_are_and_their_status_is_told(tmp_path: Path) -> None:
    shell, paper = session(tmp_path)
    await shell.run("""python -c 'import sys; print(sys.argv[1:]); sys.exit(3)' '; ls' "$" 'a b'""")
    assert paper.said.endswith("['; ls', '$', 'a b']\n")
    assert paper.statuses == [3]


@on_a_loop
async def test_what_is_said_to_both_outputs_is_shown(tmp_path: Path) -> None:
    shell, paper = session(tmp_path)
    await shell.run("python -c 'import sys; sys.stderr.write(\"é\"); sys.stdin.read()'")
    assert paper.said.endswith("é")
    assert paper.statuses == [0]


@on_a_loop
async def test_stop_interrupts_the_command_and_those_behind_it(tmp_path: Path) -> None:
    shell, paper = session(tmp_path)
    text = "python -c 'print(\"on\"); import time; time.sleep(60)'\nls"
    running = asyncio.create_task(shell.run(text))
    await paper.on.wait()
    with pytest.raises(UserError, match="a command runs already"):
        await shell.run("ls")
    await shell.stop()
    await running
    assert "KeyboardInterrupt" in paper.said
    assert "$ ls" not in paper.said
    assert not shell.is_busy
    await shell.run("ls")
    assert paper.statuses[1:] == [0]


@on_a_loop
async def test_what_ignores_an_interrupt_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pannier.console.pages.shell.child._GRACE_S", 0.1)
    shell, paper = session(tmp_path)
    code = "import signal as s, time; s.signal(2, s.SIG_IGN); s.signal(15, s.SIG_IGN); "
    text = f"python -c '{code}print(\"on\"); time.sleep(60)'"
    running = asyncio.create_task(shell.run(text))
    await paper.on.wait()
    await shell.stop()
    await running
    assert paper.statuses == [128 + 9]


@on_a_loop
async def test_what_can_not_be_started_is_said(tmp_path: Path) -> None:
    child = Child(tmp_path, {})
    with pytest.raises(UserError, match="can't be started"):
        await child.run(["/nowhere/program"], lambda _: None)
    assert not child.is_running


@on_a_loop
async def test_help_history_clear_and_what_they_are_misused_for(tmp_path: Path) -> None:
    shell, paper = session(tmp_path)
    await shell.run("help")
    assert str(tmp_path) in paper.said
    await shell.run("clear")
    assert paper.said == ""
    await shell.run("history\nls /etc\nrm\ncat")
    assert "    1  help" in paper.said
    assert paper.statuses[-3:] == [1, 1, 1]
    assert "only this folder is listed" in paper.said
