"""Runs the blocks of a document, one after another, in one folder."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pannier
from pannier.batch.journals.journal_file import JournalError, read_journal
from tests.cli.running import run_as_shown
from tests.documents.blocks import Block
from tests.documents.shown import fits
from tests.documents.started import started
from tests.documents.typed import Typed, typed

_CONSOLE = "http://127.0.0.1:8001"
_COMMAND_S_MAX = 60
_SOON_S_MAX = 10.0
_COMMAND = re.compile(r"^(\$ )?(pannier|aws|python3?|make|curl) ", re.MULTILINE)


@dataclass
class Run:
    """A document as it is followed by a reader.

    Attributes:
        folder: where one is.
        kept: what is ended with the run.
        set_environment: sets a variable of this process, for the Python in the document.
        url: of the server that was started last.
        everywhere: the environment of all commands, beside this process's.
        places: addresses that stand in the document, and what is there in this run.
        names: the variables of Python.
    """

    folder: Path
    kept: ExitStack
    set_environment: Callable[[str, str], None]
    url: str = ""
    everywhere: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "document"})
    _server: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.kept.callback(self.end)

    def follow(self, block: Block) -> None:
        """Do what a block says."""
        if "not executed" in block.marks:
            return
        text = self._here(block.text)
        if "file" in block.marks:
            self._file(block.marks["file"]).write_text(text)
        elif "pytest" in block.marks:
            self._tests(block, text)
        elif "shown" in block.marks or not block.is_runnable:
            assert not _COMMAND.search(text), f"{block}: not run"
        elif block.language == "python":
            self._python(block, text)
        elif "interrupted" in block.marks:
            self._interrupted(block)
        else:
            self._commands(block)

    def serve(self, *options: str) -> str:
        """Start a server of this folder's database, the only one of this run; what it says."""
        self.end_server()
        said = self._server.enter_context(
            started(["serve", *options], self.folder, self._environment())
        )
        self.url = said.partition("\n")[0].partition(" at ")[2]
        if "AWS_ENDPOINT_URL" in self.everywhere:
            self.everywhere["AWS_ENDPOINT_URL"] = self.url
        return said

    def end(self) -> None:
        """End the server, and close what the document's Python has left open."""
        self.end_server()
        for each in self.names.values():
            if isinstance(each, pannier.Connection | pannier.BatchProcessor):
                each.close()

    def end_server(self) -> None:
        """End the server, if there is one."""
        self._server.close()

    def replace(self, place: str, here: str) -> None:
        """From now on, what stands in the document is what is here."""
        self.places[place] = here

    def _here(self, text: str) -> str:
        """A text with the addresses of this run."""
        for place, here in self.places.items():
            text = text.replace(place, here)
        return text

    def _file(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _python(self, block: Block, text: str) -> None:
        """In the document's own lines, so that a traceback names them."""
        code = compile("\n" * (block.line - 1) + text, str(block.document), "exec")
        module = block.marks.get("needs")
        if module is None or find_spec(module) is not None:
            exec(code, self.names)

    def _tests(self, block: Block, text: str) -> None:
        path = Path(f"test_line_{block.line}.py").absolute()
        path.write_text(text)
        # Other plugins that are installed here would take most of the time; that ours is found by
        # itself is known from tests/testing/test_testing_documents.py.
        plugins = ["-p", "pannier.testing.plugin", "-p", "no:cacheprovider"]
        self.everywhere["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        status, said = self._run(block, [sys.executable, "-m", "pytest", "-q", *plugins, str(path)])
        assert status == 0, f"{block}: {said}"

    def _commands(self, block: Block) -> None:
        asked = typed(block, block.text)
        for each in asked:
            if each.exported:
                self.everywhere |= {n: self._here(value) for n, value in each.exported.items()}
                continue
            if each.folder is not None:
                self.folder /= each.folder
                continue
            if each.stays:
                self._stays(block, each)
                continue
            command = replace(each, text=self._here(each.text))
            output = None if each.output is None else self._here(each.output)
            status, said = self._typed(block, command)
            if "soon" in block.marks and each is asked[-1]:
                status, said = self._again(block, command, output, (status, said))
            expected = int(block.marks.get("exits", 0)) if each is asked[-1] else 0
            what = f"{block}: {command.text}\n{said}"
            assert status == expected, what
            if output is not None:
                assert fits(output, said), f"{what}\nshown:\n{output}"

    def _again(
        self, block: Block, command: Typed, output: str | None, done: tuple[int, str]
    ) -> tuple[int, str]:
        """A command that only looks, given again until it shows what is on its way."""
        until_s = time.monotonic() + _SOON_S_MAX
        while not fits(output or "", done[1]) and time.monotonic() < until_s:
            time.sleep(0.05)
            done = self._typed(block, command)
        return done

    def _typed(self, block: Block, command: Typed) -> tuple[int, str]:
        """A command in a shell; `pannier` alone in this process, which takes no time to start."""
        arguments = command.arguments()
        if arguments is None:
            shell = "bash" if block.language == "bash" else "sh"
            return self._run(block, [shell, "-e", "-c", command.text])
        with patch.dict(os.environ, self._environment(block), clear=True):
            return run_as_shown(self.folder, *arguments)

    def _run(self, block: Block, command: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(block),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_COMMAND_S_MAX,
            check=False,
        )
        return done.returncode, done.stdout

    def _stays(self, block: Block, command: Typed) -> None:
        """A server, which is there for what follows; a console, which is only looked at."""
        arguments = [self._here(word) for word in command.words()[1:]]
        if arguments[0] == "serve":
            said = self.serve(*arguments[1:])
            self.replace(command.served_at(), self.url)
        else:
            with started(arguments, self.folder, self._environment(block)) as said:
                pass
        if command.output is not None:
            for console in re.findall(r"^ *console: (http://[^/]+)", said, re.MULTILINE):
                self.replace(_CONSOLE, console)
            shown = self._here(command.output)
            assert fits(shown, said), f"{block}: {command.text}\n{said}\nshown:\n{shown}"

    def _interrupted(self, block: Block) -> None:
        """Ctrl-C when the journal says that some is done."""
        (asked,) = typed(block, self._here(block.text))
        program = subprocess.Popen(
            ["sh", "-c", f"exec {asked.text}"],
            cwd=self.folder,
            env=self._environment(block),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            while not self._is_under_way():
                assert program.poll() is None, f"{block}: it has ended"
                time.sleep(0.01)
            program.send_signal(signal.SIGINT)
            said, _ = program.communicate(timeout=_COMMAND_S_MAX)
        finally:
            if program.poll() is None:
                program.kill()
                program.communicate()
        assert program.returncode == int(block.marks["exits"]), f"{block}: {said}"
        assert fits(asked.output or "", said), f"{block}: {said}\nshown:\n{asked.output}"

    def _is_under_way(self) -> bool:
        for path in (self.folder / ".pannier-jobs").glob("*.journal"):
            try:
                record = read_journal(path).record
            except JournalError:  # its head is not written yet
                continue
            if record is not None and record["state"]["counts"]:
                return True
        return False

    def _environment(self, block: Block | None = None) -> dict[str, str]:
        beside = str(Path(sys.executable).parent)
        environment = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}
        environment.pop("AWS_ENDPOINT_URL", None)
        environment |= self.everywhere
        if block is not None and "served" in block.marks:
            environment["AWS_ENDPOINT_URL"] = self.url
        return environment
