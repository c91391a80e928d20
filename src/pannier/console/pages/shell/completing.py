"""What a word that is being typed may become: by the programs' own completion, and by files."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

BUILT_IN: Final = ("cat", "clear", "help", "history", "ls", "rm")
_FIRST: Final = ("aws", *BUILT_IN, "pannier")
_SERVICES: Final = ("cloudwatch", "dynamodb")
_ANSWER_S_MAX: Final = 5.0
_FILE_PREFIXES: Final = ("file://", "fileb://")


def line_before(text: str, position: int) -> str:
    """The command that is being typed, up to the cursor: lines that go on belong together."""
    lines = text[:position].split("\n")
    found = lines.pop()
    while lines and lines[-1].endswith("\\"):
        found = lines.pop()[:-1] + " " + found
    return found.lstrip()


def first_words(line: str) -> list[str] | None:
    """What a word may be that needs no program to be asked; None if one has to be."""
    words = line.split(" ")
    if len(words) == 1:
        return [word for word in _FIRST if word.startswith(words[0])]
    if words[0] == "aws" and len(words) == 2:
        return [word for word in _SERVICES if word.startswith(words[1])]
    return None


def files_for(word: str, names: Sequence[str]) -> list[str]:
    """The files that a word may be the beginning of, also after `file://`."""
    prefix = next((each for each in _FILE_PREFIXES if word.startswith(each)), "")
    return [prefix + name for name in names if name.startswith(word.removeprefix(prefix))]


def completed(word: str, candidates: Sequence[str]) -> tuple[str, list[str]]:
    """How far a word can be completed.

    Returns:
        The word, with a space behind it if there is but one way; and the ways, if there are more.
    """
    ways = sorted(set(candidates))
    if not ways:
        return word, []
    if len(ways) == 1:
        return ways[0] + " ", []
    common = os.path.commonprefix(ways)  # noqa: RUF071  # of words, not of paths
    return (common if len(common) > len(word) else word), ways


class Programs:
    """Asks `pannier` and `aws` what they would complete a line to.

    Args:
        folder: where they would run.
        environment: theirs.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    async def ask(self, line: str) -> list[str]:
        """The candidates for the last word of a line; none if the program does not answer."""
        program = line.split(" ", 1)[0]
        if program == "pannier":
            return await self._pannier(line)
        if program == "aws":
            return await self._aws(line)
        return []

    async def _pannier(self, line: str) -> list[str]:
        # The protocol of argcomplete; its answer goes into a file.
        with tempfile.NamedTemporaryFile() as answer:
            variables = {
                "_ARGCOMPLETE": "1",
                "_ARGCOMPLETE_IFS": "\n",
                "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
                "_ARGCOMPLETE_STDOUT_FILENAME": answer.name,
                "COMP_LINE": line,
                "COMP_POINT": str(len(line.encode())),
                "COMP_TYPE": "9",
            }
            await self._output([sys.executable, "-P", "-m", "pannier"], variables)
            found = answer.read().decode(errors="replace")
        return [each.strip() for each in found.split("\n") if each.strip()]

    async def _aws(self, line: str) -> list[str]:
        completer = Path(sys.executable).parent / "aws_completer"
        if not completer.is_file():
            return []
        variables = {"COMP_LINE": line, "COMP_POINT": str(len(line))}
        return (await self._output([str(completer)], variables)).split()

    async def _output(self, arguments: Sequence[str], variables: Mapping[str, str]) -> str:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self._folder,
            env={**self._environment, **variables},
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), _ANSWER_S_MAX)
        except TimeoutError:
            return ""
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
        return said.decode(errors="replace")
