"""One visit's shell: takes text, runs the commands in it one after another, and says what came."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from pannier.console.elements import words_of
from pannier.console.pages.shell.child import Child
from pannier.console.pages.shell.files import Files
from pannier.console.pages.shell.history import History
from pannier.console.pages.shell.policy import Policy
from pannier.console.pages.shell.words import MakeFile, Simple, Statement, parse
from pannier.errors import PannierError, UserError

HELP: Final = """\
pannier ...                       every command that ends by itself, e.g. pannier write FILE --table NAME
aws dynamodb ...                  and aws cloudwatch ...
cat > FILE << 'EOF' ... EOF       makes a file; cat FILE shows one; ls lists them; rm FILE removes one
clear, history, help

Several lines are several commands, run one after another; a line that ends with \\ goes on.
Enter runs, Shift+Enter begins a line, the arrows bring back what was run before.
Tab completes; after Escape it leaves the field. Ctrl+C ends the command that runs.
Files are those of {folder}. Pipes, variables and loops are not known here.
"""  # noqa: E501  # as wide as it is shown


class Screen(Protocol):
    """Where a session writes."""

    def begin(self, source: str) -> None:
        """A command begins."""

    def say(self, text: str) -> None:
        """It says something."""

    def end(self, status: int, seconds: float) -> None:
        """It has ended."""

    def clear(self) -> None:
        """Forget what was said."""


class Session:
    """Runs text.

    Args:
        policy: what may be run.
        files: of the folder.
        history: what was run before.
        child: runs programs.
        screen: where everything is said.
        clock: tells seconds that only ever grow.
    """

    def __init__(
        self,
        policy: Policy,
        files: Files,
        history: History,
        child: Child,
        screen: Screen,
        clock: Callable[[], float],
    ) -> None:
        self._policy = policy
        self._files = files
        self._history = history
        self._child = child
        self._screen = screen
        self._clock = clock
        self._stopped = False
        self.is_busy = False

    async def run(self, text: str) -> None:
        """Run all commands of a text.

        Raises:
            IncompleteError: it goes on; nothing was run.
            UserError: one of its commands is not known here, or another runs; nothing was run.
        """
        if self.is_busy:
            raise UserError(
                "a command runs already, so this was not run", "Wait for its end, or stop it."
            )
        statements = parse(text)
        for statement in statements:
            if isinstance(statement, Simple):
                self._check(statement)
        self._history.add(text.strip("\n"))
        self.is_busy, self._stopped = True, False
        try:
            for statement in statements:
                await self._run(statement)
                if self._stopped:
                    return
        finally:
            self.is_busy = False

    async def stop(self) -> None:
        """End the command that runs, and those that wait behind it."""
        self._stopped = True
        await self._child.stop()

    def _check(self, statement: Simple) -> None:
        if statement.words[0] not in _BUILT_IN:
            self._policy.arguments(statement.words)

    async def _run(self, statement: Statement) -> None:
        self._screen.begin(statement.source)
        began_s = self._clock()
        try:
            status = await self._status(statement)
        except PannierError as error:
            message, advice = words_of(error)
            self._screen.say(f"{message}\n{advice}\n" if advice else f"{message}\n")
            status = 1
        self._screen.end(status, self._clock() - began_s)

    async def _status(self, statement: Statement) -> int:
        if isinstance(statement, MakeFile):
            said = self._files.write(statement.name, statement.content, add=statement.add)
            self._screen.say(said)
            return 0
        program, *rest = statement.words
        built_in = _BUILT_IN.get(program)
        if built_in is not None:
            built_in(self, rest)
            return 0
        return await self._child.run(self._policy.arguments(statement.words), self._screen.say)

    def _help(self, _: Sequence[str]) -> None:
        self._screen.say(HELP.format(folder=self._files.folder))

    def _list(self, names: Sequence[str]) -> None:
        if any(name not in (".", "-l", "-la", "-a", "-1") for name in names):
            raise UserError("only this folder is listed", "Use: ls")
        self._screen.say(self._files.listed())

    def _show(self, names: Sequence[str]) -> None:
        if not names:
            raise UserError(
                "cat needs a file", "Use: cat FILE, or cat > FILE << 'EOF' to make one."
            )
        for name in names:
            self._screen.say(self._files.read(name))

    def _remove(self, names: Sequence[str]) -> None:
        found = [name for name in names if name != "-f"]
        if not found:
            raise UserError("rm needs a file", "Use: rm FILE")
        for name in found:
            self._files.remove(name)
            self._screen.say(f"{name}: removed\n")

    def _recall(self, _: Sequence[str]) -> None:
        self._screen.say(self._history.listed())

    def _clear(self, _: Sequence[str]) -> None:
        self._screen.clear()


_BUILT_IN: Final[dict[str, Callable[[Session, Sequence[str]], None]]] = {
    "help": Session._help,  # noqa: SLF001  # its own
    "ls": Session._list,  # noqa: SLF001
    "cat": Session._show,  # noqa: SLF001
    "rm": Session._remove,  # noqa: SLF001
    "history": Session._recall,  # noqa: SLF001
    "clear": Session._clear,  # noqa: SLF001
}
