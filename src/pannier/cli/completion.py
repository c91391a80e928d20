"""`pannier completion`: what a shell needs to complete the command line.

The completing itself is argcomplete's, which asks the command's own parser; why this library:
`docs/decisions/0001-dependencies.md`.
"""

import argparse
import sys
from typing import Final

from pannier.cli import options as shared
from pannier.cli.status import DONE

_EXAMPLES: Final = """  eval "$(pannier completion bash)"        # in ~/.bashrc
  eval "$(pannier completion zsh)"         # in ~/.zshrc, after compinit
  pannier completion fish | source         # in ~/.config/fish/config.fish
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the shell's code."""
    from argcomplete.shell_integration import shellcode

    sys.stdout.write(shellcode(["pannier"], shell=options.shell).strip() + "\n")
    return DONE
