"""Runs the blocks of a document, one after another, in one folder."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pannier.batch.journal_file import JournalError, read_journal
from tests.documents.blocks import Block

_ANY = "..."  # a line of output that stands for any others
_MEASURED = re.compile(r"\d[\d,.]*(?= (?:ms|s|items a second)\b)")
_COMMAND_S_MAX = 60


@dataclass
class Run:
    """A document as it is followed by a reader.

    Attributes:
        folder: where everything happens.
        url: of a server.
        places: addresses that stand in the document, and what is there in this run.
        names: the variables of Python.
    """

    folder: Path
    url: str
    places: Mapping[str, str] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    def follow(self, block: Block) -> None:
        """Do what a block says."""
        text = block.text
        for place, here in self.places.items():
            text = text.replace(place, here)
        if "file" in block.marks:
            (self.folder / block.marks["file"]).write_text(text)
        elif "shown" in block.marks or block.language in ("text", "json", "csv"):
            assert not re.search(r"^(\$ )?pannier ", text, re.MULTILINE), f"{block}: not run"
        elif block.language == "python":
            self._python(block, text)
        elif "interrupted" in block.marks:
            self._interrupted(block, text)
        else:
            self._commands(block, text)

    def _python(self, block: Block, text: str) -> None:
        """In the document's own lines, so that a traceback names them."""
        code = compile("\n" * (block.line - 1) + text, str(block.document), "exec")
        module = block.marks.get("needs")
        if module is None or find_spec(module) is not None:
            exec(code, self.names)

    def _commands(self, block: Block, text: str) -> None:
        expected_status = int(block.marks.get("exits", 0))
        asked = list(_commands(block, text))
        for number, (command, output) in enumerate(asked, start=1):
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=self.folder,
                env=self._environment(block),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_COMMAND_S_MAX,
                check=False,
            )
            last = number == len(asked)
            said = f"{block}: {command}\n{done.stdout}"
            assert done.returncode == (expected_status if last else 0), said
            if block.language == "console":
                assert _fits(output, done.stdout), f"{said}\nshown:\n{output}"

    def _interrupted(self, block: Block, text: str) -> None:
        """Ctrl-C when the journal says that some is done."""
        ((command, output),) = _commands(block, text)
        program = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
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
        assert _fits(output, said), f"{block}: {said}\nshown:\n{output}"

    def _is_under_way(self) -> bool:
        for path in (self.folder / ".pannier-jobs").glob("*.journal"):
            try:
                record = read_journal(path).record
            except JournalError:  # its head is not written yet
                continue
            if record is not None and record["state"]["counts"]:
                return True
        return False

    def _environment(self, block: Block) -> dict[str, str]:
        beside = str(Path(sys.executable).parent)
        environment = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}
        environment.pop("AWS_ENDPOINT_URL", None)
        if "served" in block.marks:
            environment["AWS_ENDPOINT_URL"] = self.url
        return environment


def _commands(block: Block, text: str) -> list[tuple[str, str]]:
    """Commands, and what is shown of their output."""
    if block.language != "console":
        return [(text, "")]
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not parts[0], f"{block}: it begins with no command"
    found = []
    for part in parts[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command = command[:-1] + more
        found.append((command, output))
    return found


def _fits(shown: str, said: str) -> bool:
    """Whether what is shown is what was said, but for measured times and how lines are broken."""
    pattern = ".*".join(_MEASURED.sub("NUMBER", " ".join(part.split())) for part in _parts(shown))
    pattern = re.escape(pattern).replace(re.escape(".*"), ".*").replace("NUMBER", r"\d[\d,.]*")
    return re.fullmatch(pattern, " ".join(said.split())) is not None


def _parts(shown: str) -> list[str]:
    """What stands between the lines that stand for any others."""
    parts = [""]
    for line in shown.splitlines():
        if line.strip() == _ANY:
            parts.append("")
        else:
            parts[-1] += line + "\n"
    return parts
