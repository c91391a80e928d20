"""A shell that stays: what a reader types in one terminal, one command after another."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Self

_MARK = "end-of-a-command"
_COMMAND_S_MAX = 120.0


@dataclass(frozen=True)
class Said:
    """What a command wrote, standard error among it, and its exit status."""

    text: str
    status: int


class Shell:
    """A bash in a folder, with `aws` and `pannier` as the reader has them."""

    def __init__(self, folder: Path, **environment: str) -> None:
        beside = str(Path(sys.executable).parent)
        self._typed = folder / ".typed"
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env={
                **os.environ,
                "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}",
                "PYTHONWARNINGS": "ignore",
                "AWS_PAGER": "",
                **environment,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.close()
        self._bash.wait(timeout=20)
        assert self._bash.stdout is not None
        self._bash.stdout.close()
        self._typed.unlink(missing_ok=True)

    def run(self, command: str) -> Said:
        """Run a command, of several lines if need be; it may change folder and variables.

        Raises:
            AssertionError: the shell ended, or did not come to an end.
        """
        bash = self._bash
        assert bash.stdin is not None
        assert bash.stdout is not None
        # From a file: a program that reads standard input must not read the next command.
        self._typed.write_text(command + "\n")
        bash.stdin.write(f". '{self._typed}' </dev/null; printf '\\n{_MARK} %s\\n' $?\n")
        bash.stdin.flush()
        lines = []
        watch = Timer(_COMMAND_S_MAX, bash.kill)
        watch.start()
        try:
            for line in bash.stdout:
                if line.startswith(_MARK):
                    status = int(line.split()[1])
                    return Said("".join(lines).removesuffix("\n"), status)
                lines.append(line)
        finally:
            watch.cancel()
        raise AssertionError(f"the shell has ended: {command}\n{''.join(lines)}")
