"""What may be run: `pannier` and `aws`, at the console's target, until they end by themselves.

| | |
|---|---|
| `pannier ...` | but what runs until it is interrupted, or fills the screen |
| `aws dynamodb ...`, `aws cloudwatch ...` | no other services |
| options that lead elsewhere | refused, abbreviated ones too: both programs understand them |
| on a console that only reads | what is known to only read |
"""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pannier.errors import UserError

PANNIER: Final = "pannier"
AWS: Final = "aws"
_SERVICES: Final = ("dynamodb", "cloudwatch")
_TERMINAL: Final = "Use a terminal for that."
_ALLOW: Final = "Start the console with --allow-writes to allow changes."
# Options of `aws` that may stand before the service, with a value.
_AWS_VALUES: Final = frozenset({
    "--output", "--query", "--region", "--color", "--ca-bundle", "--cli-read-timeout",
    "--cli-connect-timeout", "--endpoint-url", "--profile",
})  # fmt: skip
_AWS_FLAGS: Final = frozenset({
    "--debug", "--no-verify-ssl", "--no-paginate", "--no-sign-request", "--version",
    "--no-cli-pager", "--no-cli-auto-prompt",
})  # fmt: skip
_PANNIER_READS: Final = frozenset({
    "get", "scan", "query", "count", "plan", "diff", "batch-get-item", "tables", "describe-table",
    "wait", "config", "completion", "monitor",
})  # fmt: skip
_AWS_READS: Final = ("get-", "batch-get-", "describe-", "list-", "transact-get-")
_AWS_READS_EXACTLY: Final = frozenset({"query", "scan", "wait", "help"})
_ASKS_ONLY: Final = frozenset({"--help", "-h", "--version"})


class Policy:
    """What may be run on one console.

    Args:
        address: the target, as other programs name it: `aws`, or a URL.
        read_only: whether only reading commands are.
    """

    def __init__(self, address: str, *, read_only: bool) -> None:
        self._address = address
        self._read_only = read_only

    def arguments(self, words: Sequence[str]) -> list[str]:
        """The program to start, and its arguments.

        Raises:
            UserError: it is not run here; the text says why, and what to do.
        """
        program, *rest = words
        if program == PANNIER:
            self._check_pannier(rest)
            # -P: modules are those that are installed, whatever files are in the folder.
            return [sys.executable, "-P", "-m", "pannier", *rest]
        if program == AWS:
            self._check_aws(rest)
            return [_aws(), *rest]
        raise UserError(
            f"{program} is not run here",
            "There are pannier, aws dynamodb, aws cloudwatch, cat, ls, rm, clear, history and "
            "help. For everything else use a terminal.",
        )

    def _check_pannier(self, words: Sequence[str]) -> None:
        command = words[0] if words else ""
        options = words[: words.index("--")] if "--" in words else words
        if _ASKS_ONLY & set(options):
            return
        if command in ("serve", "console"):
            raise UserError(
                f"pannier {command} runs until it is interrupted, so it is not run here", _TERMINAL
            )
        if command == "monitor" and "--once" not in words:
            raise UserError(
                "pannier monitor fills the screen of a terminal, so it is not run here",
                "Add --once, or open the page Metrics.",
            )
        if command == "workshop" and "start" in words:
            raise UserError(
                "pannier workshop start starts a server beside this one, so it is not run here",
                _TERMINAL,
            )
        self._check_target(words, "--target", "--to-target")
        publishes = any(word.startswith("--pu") for word in words)
        if self._read_only and (command not in _PANNIER_READS or publishes):
            raise UserError(f"pannier {command} was not run: this console only reads", _ALLOW)

    def _check_aws(self, words: Sequence[str]) -> None:
        self._check_target(words, "--endpoint-url", "--profile")
        if self._address == AWS:
            self._check_target(words, "--region")
        service, operation = _service_and_operation(words)
        if service == "help" or (not service and "--version" in words):
            return
        if service not in _SERVICES:
            raise UserError(
                f"aws {service} is not run here", "There are aws dynamodb and aws cloudwatch."
            )
        reads = operation in _AWS_READS_EXACTLY or operation.startswith(_AWS_READS)
        if self._read_only and not reads:
            raise UserError(
                f"aws {service} {operation} was not run: this console only reads", _ALLOW
            )

    def _check_target(self, words: Sequence[str], *options: str) -> None:
        """Refuse options that lead elsewhere; the target's own name may be said."""
        for place, word in enumerate(words):
            name, equals, value = word.partition("=")
            if len(name) <= len("--") or not name.startswith("--"):
                continue
            if not any(option.startswith(name) for option in options):
                continue
            if not equals:
                value = words[place + 1] if place + 1 < len(words) else ""
            if name.startswith(("--p", "--r")) or value.rstrip("/") != self._address.rstrip("/"):
                raise UserError(
                    f"this shell is pointed at {self._address}, so {name} is refused",
                    f"Leave it out. {_TERMINAL}",
                )


def _service_and_operation(words: Sequence[str]) -> tuple[str, str]:
    found: list[str] = []
    place = 0
    while place < len(words) and len(found) < 2:
        word = words[place]
        name, equals, _ = word.partition("=")
        if not word.startswith("-"):
            found.append(word)
        elif name in _AWS_VALUES:
            place += not equals
        elif name not in _AWS_FLAGS and not found:
            # It might take the next word as its value, and what is run would be the one after.
            raise UserError(
                f"{name} stands before the service",
                "Put it behind: aws dynamodb OPERATION OPTIONS.",
            )
        place += 1
    service, operation = [*found, "", ""][:2]
    return service, operation


def _aws() -> str:
    beside = Path(sys.executable).parent / AWS
    path = str(beside) if beside.is_file() else shutil.which(AWS)
    if path is None:
        raise UserError("the aws command is not installed", "Install it: pip install awscli")
    return path
