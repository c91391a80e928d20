"""Completion as a shell asks for it, and in a real bash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import run_pannier

BIN = Path(sys.executable).parent


def completed(line: str, folder: Path) -> list[str]:
    """What bash offers for a line, with the code that the command prints for it."""
    program = f"""
        eval "$(pannier completion bash)"
        COMP_LINE={line!r}; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9; COMP_WORDBREAKS=' '
        COMP_WORDS=($COMP_LINE); COMP_CWORD=$((${{#COMP_WORDS[@]}}))
        _python_argcomplete pannier
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", program],
        cwd=folder,
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [each.strip() for each in done.stdout.split()]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash: apt install bash")
def test_bash_completes_commands_options_and_choices(tmp_path: Path) -> None:
    assert {"write", "get", "create-table"} <= set(completed("pannier ", tmp_path))
    assert completed("pannier descr", tmp_path) == ["describe-table"]
    assert "--write-units" in completed("pannier write --w", tmp_path)
    assert set(completed("pannier completion ", tmp_path)) == {"bash", "zsh", "fish"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_code(shell: str, tmp_path: Path) -> None:
    done = run_pannier("completion", shell, cwd=tmp_path)
    assert done.returncode == 0
    assert "pannier" in done.stdout


def test_other_shells_have_none(tmp_path: Path) -> None:
    done = run_pannier("completion", "csh", cwd=tmp_path)
    assert done.returncode == 2
    assert "invalid choice" in done.stderr
